package tech.tailor.secretmanager.cli;

import static java.nio.file.StandardCopyOption.COPY_ATTRIBUTES;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A vault that a deployment manages: every command that changes it asks, and then releases it. */
class ManagedVaultTest {

  /** A command line for each command that writes into a vault. */
  private static final List<String> CHANGES = List.of(
      "create default/other-key <<< value",
      "update default/api-key <<< value",
      "put default/api-key <<< value",
      "delete default/api-key",
      "edit default/api-key",
      "import DIR/app.json -V default",
      "copy --to file:DIR/store --to-key-file DIR/key --store file:DIR/other --key-file DIR/other.key",
      "apply DIR/secrets.json --take-over default",
      "labels default/api-key --set team=orders",
      "labels -V default --set team=orders",
      "labels -V default --remove sdk-name",
      "rollback default/api-key --version 1",
      "disable default/api-key --version 1",
      "enable default/api-key --version 1",
      "destroy default/api-key --version 1");

  /** Those that write into no vault that was there before. */
  private static final Set<String> OTHERS = Set.of(
      "accept-rewind",
      "add-recovery",
      "backup",
      "check",
      "completion",
      "describe",
      "export",
      "fingerprint",
      "get",
      "history",
      "init",
      "key",
      "list",
      "plan",
      "remove-recovery",
      "restore",
      "roles",
      "rotate",
      "run",
      "secret",
      "vault",
      "verify",
      "versions",
      "watch");

  private static final List<String> FILES = List.of(
      "key", "store/secrets.json", "other.key", "other/secrets.json", "app.json", "secrets.json");

  private static Path template;

  @TempDir
  Path directory;

  private CliRun cli;

  static Stream<String> changes() {
    return CHANGES.stream();
  }

  @BeforeAll
  static void makeStores(@TempDir Path made) throws IOException {
    template = made;
    ManagedVaultTest maker = new ManagedVaultTest();
    maker.directory = made;
    maker.cli = CliRun.overFile(made);
    maker.make();
  }

  /** A store isn't bound to its path. */
  @BeforeEach
  void copyStores() throws IOException {
    cli = CliRun.overFile(directory).set("EDITOR", "f() { echo edited > \"$1\"; }; f");
    Files.createDirectory(directory.resolve("store"), PrivateFile.ownerOnly("rwx------"));
    Files.createDirectory(directory.resolve("other"), PrivateFile.ownerOnly("rwx------"));
    for (String file : FILES) {
      Files.copy(template.resolve(file), directory.resolve(file), COPY_ATTRIBUTES);
    }
  }

  private void make() throws IOException {
    Files.writeString(directory.resolve("app.json"), "{\"other-key\": \"imported\"}");
    Files.writeString(directory.resolve("secrets.json"), """
        {"vaults": {"default": {"other-key": {"source": "random:16"}}}}
        """);
    ok("init");
    ok("vault create default");
    ok("put default/api-key <<< first");
    ok("put default/api-key <<< second");
    ok("labels -V default --set sdk-name=shop --set team=sales");
    ok("init --store file:DIR/other --key-file DIR/other.key");
    ok("vault create default --store file:DIR/other --key-file DIR/other.key");
    ok("put default/other-key --store file:DIR/other --key-file DIR/other.key <<< copied");
  }

  private CliRun.Result run(String line) {
    return cli.runLine(line.replace("DIR", directory.toString()));
  }

  private CliRun.Result ok(String line) {
    CliRun.Result result = run(line);
    assertThat(result.code()).as("%s: %s", line, result.err()).isZero();
    return result;
  }

  @ParameterizedTest
  @MethodSource("changes")
  void change_isAskedFor_andReleasesTheVault(String line) throws IOException {
    EditorMemory.assume(line.startsWith("edit"));
    int input = line.indexOf(" <<< ");
    String json = input < 0 ? line + " --json" : line.replace(" <<< ", " --json <<< ");
    byte[] before = Files.readAllBytes(directory.resolve("store/secrets.json"));

    CliRun.Result refused = run(json);

    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.err())
        .contains("Vault \"default\" is managed by a deployment of Tailor's SDK (shop)")
        .contains("\"INTERACTIVE_PROMPT_REQUIRED\"")
        .contains("Changing vault");
    assertThat(directory.resolve("store/secrets.json")).hasBinaryContent(before);

    ok(input < 0 ? line + " --yes" : line.replace(" <<< ", " --yes <<< "));

    assertThat(ok("labels -V default --json").out()).doesNotContain("sdk-name");
    assertThat(directory.resolve("store/secrets.json").toFile()).isFile();
    assertThat(Files.readAllBytes(directory.resolve("store/secrets.json"))).isNotEqualTo(before);
  }

  @Test
  void deletionOfTheVault_warns() {
    ok("delete default/api-key --yes");
    ok("labels -V default --set sdk-name=shop");
    assertThat(run("vault delete default").err()).contains("is managed by a deployment");
    ok("vault delete default --yes");
  }

  @Test
  void declarationOfAVaultWithAnotherOwner_isRefused() {
    CliRun.Result refused = run("apply DIR/secrets.json");
    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.err()).contains("add --take-over default").doesNotContain("takeOver(");
  }

  @Test
  void labelOfADeployment_thatIsSetByName_stays() {
    ok("labels -V default --set sdk-name=another --yes");
    assertThat(ok("labels -V default --json").out()).contains("\"sdk-name\":\"another\"");
  }

  @Test
  void copyOfAManagedVault_isNotManaged() {
    ok("init --store file:DIR/copy --key-file DIR/copy.key");
    ok("copy --to file:DIR/copy --to-key-file DIR/copy.key");
    assertThat(ok("labels -V default --json --store file:DIR/copy --key-file DIR/copy.key")
            .out())
        .isEqualTo("{\"team\":\"sales\"}\n");
  }

  @Test
  void everyCommand_isTriedHere_orChangesNoVault() {
    Set<String> known = new TreeSet<>(OTHERS);
    CHANGES.forEach(line -> known.add(line.substring(0, line.indexOf(' '))));
    assertThat(known).isEqualTo(Commands.names());
  }
}
