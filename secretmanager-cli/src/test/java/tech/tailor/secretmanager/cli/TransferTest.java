package tech.tailor.secretmanager.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.core.JsonFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tech.tailor.secretmanager.envelope.MasterKey;

/** Import, export, copy and backup: what golden outputs can't show. */
class TransferTest {

  @TempDir
  Path directory;

  private CliRun cli;

  @BeforeEach
  void makeStore() {
    cli = CliRun.overFile(directory);
    ok("init");
    ok("vault", "create", "default");
  }

  private CliRun.Result ok(String... arguments) {
    CliRun.Result result = cli.run(arguments);
    assertThat(result.code()).as(result.err()).isZero();
    return result;
  }

  private String secrets(int count) {
    StringBuilder json = new StringBuilder("{");
    for (int i = 0; i < count; i++) {
      json.append(i == 0 ? "" : ",")
          .append("\"secret-")
          .append(i)
          .append("\":\"v")
          .append(i);
      json.append('"');
    }
    return json.append('}').toString();
  }

  @Test
  void export_isForItsOwnerAlone_andLeavesNothingElse() throws IOException {
    assertThat(cli.runWith("one\ntwo\n", "put", "default/api-key").code()).isZero();
    Path file = directory.resolve("out/secrets.env");
    ok("export", "-V", "default", "--format", "dotenv", "-o", file.toString());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getParent())))
        .isEqualTo("rwx------");
    try (Stream<Path> files = Files.list(file.getParent())) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void exportOverWhatIsNoFile_isRefused_andALinkIsFollowed() throws IOException {
    CliRun.Result refused =
        cli.run("export", "-V", "default", "--format", "json", "-o", "/dev/null");
    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.err()).contains("is not replaced");
    Path target = Files.createFile(directory.resolve("target.json"));
    Path link = Files.createSymbolicLink(directory.resolve("link.json"), target);
    CliRun.Result written =
        cli.run("export", "-V", "default", "--format", "json", "-o", link.toString());
    assertThat(written.code()).as(written.err()).isZero();
    assertThat(link).isSymbolicLink();
    assertThat(target).isNotEmptyFile();
  }

  @Test
  void lineOfACutValue_isNotShownAsAName() throws IOException {
    Path file = Files.writeString(
        directory.resolve("cut.properties"), "TLS_KEY=-----BEGIN-----\nMIIEvQ/made+up/line\n");
    CliRun.Result result = cli.run("import", file.toString(), "-V", "default");
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).contains("entry").doesNotContain("MIIEvQ");
  }

  @Test
  void systemdExport_isAFileEach() throws IOException {
    assertThat(cli.runWith("one\ntwo\n", "put", "default/api-key").code()).isZero();
    Path credentials = directory.resolve("credentials");
    ok("export", "-V", "default", "--format", "systemd", "-o", credentials.toString());
    assertThat(credentials.resolve("api-key")).hasContent("one\ntwo");
  }

  @ParameterizedTest
  @ValueSource(strings = {"dotenv", "docker"})
  void exportOfALoadersVariable_isRefused_unlessItIsNamed(String format) throws IOException {
    assertThat(cli.runWith("/tmp/evil.so", "put", "default/ld-preload").code()).isZero();
    Path file = directory.resolve("out");
    CliRun.Result refused =
        cli.run("export", "-V", "default", "--format", format, "-o", file.toString());
    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.err())
        .contains("default/ld-preload", "--allow LD_PRELOAD")
        .doesNotContain("evil");
    assertThat(file).doesNotExist();
    assertThat(
            cli.run("export", "-V", "default", "--format", format, "--dry-run").code())
        .isEqualTo(1);
    String path = file.toString();
    ok("export", "-V", "default", "--format", format, "-o", path, "--allow", "LD_PRELOAD");
    assertThat(file).content().startsWith("LD_PRELOAD=");
    ok("export", "-V", "default", "--format", "json", "-o", path);
  }

  @Test
  void exportToATerminal_needsReveal() {
    cli.terminal(new CliRun.Typist(""));
    CliRun.Result result = cli.run("export", "-V", "default", "--format", "json");
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).contains("--reveal");
    ok("export", "-V", "default", "--format", "json", "--reveal");
  }

  @Test
  @Tag("suite")
  void importOverTheLimit_writesNothing_andSaysWhatToDo() throws IOException {
    Path file = Files.writeString(directory.resolve("many.json"), secrets(10_001));
    byte[] before = Files.readAllBytes(directory.resolve("store/secrets.json"));
    CliRun.Result result = cli.run("import", file.toString(), "-V", "default");
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err().lines()).hasSize(1);
    assertThat(result.err()).contains("Nothing was written").contains("into several vaults");
    assertThat(directory.resolve("store/secrets.json")).hasBinaryContent(before);
  }

  @Test
  void copy_takesLabelsAndIsRepeatable() {
    assertThat(cli.runWith("value", "put", "default/api-key").code()).isZero();
    ok("labels", "default/api-key", "--set", "team=orders");
    CliRun other = CliRun.overFile(directory.resolve("other"));
    assertThat(other.run("init").code()).isZero();
    List<String> copy = List.of(
        "copy",
        "--to",
        "file:" + directory.resolve("other/store"),
        "--to-key-file",
        directory.resolve("other/key").toString(),
        "--json");
    assertThat(ok(copy.toArray(String[]::new)).out()).contains("\"written\":1");
    assertThat(ok(copy.toArray(String[]::new)).out()).contains("\"written\":0");
    assertThat(other.run("get", "default/api-key", "--reveal").out()).isEqualTo("value");
    assertThat(other.run("labels", "default/api-key", "--json").out())
        .isEqualTo("{\"team\":\"orders\"}\n");
  }

  @Test
  void verify_namesWhatCannotBeRead() {
    assertThat(cli.runWith("value", "put", "default/api-key").code()).isZero();
    ok("disable", "default/api-key", "--version", "1");
    CliRun.Result result = cli.run("verify", "--json");
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.out()).contains("\"name\":\"api-key\"");
    assertThat(result.err()).contains("VERIFICATION_FAILED");
  }

  @Test
  void restore_refusesAnotherKeysBackup_andChangesNothing() throws IOException {
    CliRun other = CliRun.overFile(directory.resolve("other"));
    assertThat(other.run("init").code()).isZero();
    Path backup = directory.resolve("backup.json");
    assertThat(other.run("backup", backup.toString()).code()).isZero();
    byte[] before = Files.readAllBytes(directory.resolve("store/secrets.json"));
    CliRun.Result result = cli.run("restore", backup.toString(), "--yes");
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).contains("is damaged, or another key's");
    assertThat(directory.resolve("store/secrets.json")).hasBinaryContent(before);
  }

  @Test
  void restoreByRoot_leavesTheStoreToItsOwner() throws IOException {
    Path backup = directory.resolve("backup.json");
    ok("backup", backup.toString());
    boolean isRoot = Integer.valueOf(0).equals(Files.getAttribute(backup, "unix:uid"));
    if (!isRoot) {
      System.out.println("SKIPPED: to give a directory to another user, the test has to be root");
    }
    assumeTrue(isRoot);
    Path store = directory.resolve("store");
    Files.setAttribute(store, "unix:uid", 65534);
    Files.setAttribute(store, "unix:gid", 65533);
    ok("restore", backup.toString(), "--yes");
    assertThat(Files.getAttribute(store.resolve("secrets.json"), "unix:uid")).isEqualTo(65534);
    assertThat(Files.getAttribute(store.resolve("secrets.json"), "unix:gid")).isEqualTo(65533);
    assertThat(PosixFilePermissions.toString(
            Files.getPosixFilePermissions(store.resolve("secrets.json"))))
        .isEqualTo("rw-------");
  }

  @Test
  void backupThatCannotBeRead_isSaidClearly() {
    CliRun.Result result = cli.run("restore", directory.toString(), "--yes");
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).contains("can't be read").doesNotContain("Unexpected");
  }

  @Test
  void keysThatCannotBeRead_endNoListOfFingerprints() throws IOException {
    Path text = Files.writeString(directory.resolve("notes.txt"), "not a key");
    Files.setPosixFilePermissions(text, PosixFilePermissions.fromString("rw-------"));
    CliRun.Result result = cli.run(
        "key",
        "fingerprint",
        directory.resolve("absent").toString(),
        text.toString(),
        directory.resolve("key").toString());
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.out().lines()).hasSize(4);
    assertThat(result.out().lines().filter(line -> line.endsWith("true"))).hasSize(1);
    assertThat(result.err().lines()).hasSize(2);
    assertThat(result.err()).doesNotContain("not a key");
  }

  @Test
  void fingerprint_saysWhatEachKeyOpens_besideAPreviousKey() {
    MasterKey.createFile(directory.resolve("other"));
    cli.set("TAILOR_SECRETMANAGER_PREVIOUS_KEY_FILE", directory.resolve("key").toString());
    CliRun.Result result = cli.run(
        "key",
        "fingerprint",
        directory.resolve("other").toString(),
        directory.resolve("key").toString());
    assertThat(result.code()).isZero();
    assertThat(result.out().lines().filter(line -> line.endsWith("false"))).hasSize(1);
    assertThat(result.out().lines().filter(line -> line.endsWith("true"))).hasSize(1);
  }

  @Test
  void declaredVariable_mayBeInAnEnvFile() throws IOException {
    Path file = Files.writeString(directory.resolve("env.json"), """
        {"vaults": {"default": {"api-key": {"source": "env:MADE_UP_API_KEY"}}}}
        """);
    Path env = Files.writeString(directory.resolve("a.env"), "MADE_UP_API_KEY='of the file'\n");
    assertThat(cli.run("apply", file.toString(), "--take-over", "default").code())
        .isEqualTo(1);
    ok("apply", file.toString(), "--take-over", "default", "-e", env.toString());
    assertThat(ok("get", "default/api-key", "--reveal").out()).isEqualTo("of the file");
  }

  @Test
  void declaration_takesWhatItsPublishedSchemaSays() throws IOException {
    Object schema =
        Json.read(new JsonFactory(), Files.readString(Path.of("../docs/declaration.schema.json")));
    Map<?, ?> top = (Map<?, ?>) ((Map<?, ?>) schema).get("properties");
    Map<?, ?> definitions = (Map<?, ?>) ((Map<?, ?>) schema).get("$defs");
    Map<?, ?> secret = (Map<?, ?>) ((Map<?, ?>) definitions.get("secret")).get("properties");
    assertThat(Set.copyOf(top.keySet())).isEqualTo(DeclarationFile.TOP);
    assertThat(Set.copyOf(secret.keySet())).isEqualTo(DeclarationFile.SECRET);
  }

  @Test
  void declaredSources_areRead() throws IOException {
    Files.writeString(directory.resolve("line.txt"), "from a line\n");
    Files.write(directory.resolve("bytes.bin"), new byte[] {1, 2, '\n'});
    Path file = Files.writeString(directory.resolve("all.json"), """
        {"$schema": "declaration.schema.json", "vaults": {"made": {
          "text-one": {"source": "text-file:line.txt", "format": "json", "required": false},
          "file-one": {"source": "file:bytes.bin", "valueVersion": 3},
          "random-one": {"source": "random:16", "pattern": "[A-Za-z0-9_-]{22}"}}}}
        """);
    CliRun.Result result = cli.run("apply", file.toString());
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.out())
        .as("a value that is no JSON is refused")
        .contains("3 done, 0 skipped, 1 failed");
    assertThat(result.out() + result.err()).doesNotContain("from a line");
    assertThat(ok("get", "made/random-one", "--reveal").out()).hasSize(22);
    assertThat(ok("labels", "made/file-one", "--json").out()).contains("\"value-version\":\"v3\"");
  }

  @Test
  void properties_areNamesToo() {
    assertThat(SecretFile.parse(SecretFile.Format.properties, "a.b_c=x\n", "file"))
        .containsOnly(entry("a-b-c", new byte[] {'x'}));
  }
}
