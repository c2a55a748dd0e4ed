package tech.tailor.secretmanager.file;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.envelope.Envelope;
import tech.tailor.secretmanager.file.GoldenVector.Outcome;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/**
 * Made the golden vectors, once. They are checked in and never made again: what was written must
 * stay readable, and what was refused must stay refused. For more of them write another generator.
 */
final class GoldenVectorsGenerator {

  private final Path directory;
  private final Path work;
  private int count;

  private GoldenVectorsGenerator(Path directory, Path work) {
    this.directory = directory;
    this.work = work;
  }

  /** Argument: the directory to write to. */
  public static void main(String[] args) throws IOException {
    Path work = Files.createTempDirectory("vectors");
    GoldenVectorsGenerator generator = new GoldenVectorsGenerator(Path.of(args[0]), work);
    generator.successes();
    generator.forms();
    generator.seals();
    generator.keys();
    generator.values();
    System.out.println(generator.count + " vectors");
  }

  private static final String ONE = "default/one";

  private byte[] base() {
    return store(store -> TestStore.put(store, "default", "one", "value one"));
  }

  private interface Filling {
    void fill(FileSecretStore store);
  }

  private byte[] store(Filling filling) {
    Path store = work.resolve("store-" + System.nanoTime());
    try (FileSecretStore opened = TestStore.create(store)) {
      filling.fill(opened);
    }
    return TestStore.bytes(TestStore.file(store));
  }

  private byte[] resealed(byte[] original, UnaryOperator<StoredDocument> change) {
    SealedDocument content = SealedDocument.open(work, original, TestStore.key(1), null);
    return SealedDocument.seal(change.apply(content.document()), content.envelope())
        .file();
  }

  private void vector(Outcome outcome, String name, int key, byte[] store, String... values)
      throws IOException {
    Map<String, String> all = new TreeMap<>();
    for (int i = 0; i < values.length; i += 2) {
      all.put(values[i], values[i + 1]);
    }
    new GoldenVector(
            outcome.name().toLowerCase(Locale.ROOT) + "-" + name, outcome, false, key, all, store)
        .write(directory);
    count++;
  }

  private static String hex(String text) {
    return GoldenVector.hex(text.getBytes(UTF_8));
  }

  private void successes() throws IOException {
    vector(Outcome.SUCCESS, "empty-store", 1, store(store -> {}));
    vector(Outcome.SUCCESS, "empty-vault", 1, store(store -> store.createVault("default")));
    vector(Outcome.SUCCESS, "one-secret", 1, base(), ONE, hex("value one"));
    vector(
        Outcome.SUCCESS,
        "empty-value",
        1,
        store(store -> TestStore.put(store, "default", "one", "")),
        ONE,
        "");
    vector(
        Outcome.SUCCESS,
        "unicode-value",
        1,
        store(store -> TestStore.put(store, "default", "one", "p\u00e4ss \ud83d\udd11")),
        ONE,
        hex("p\u00e4ss \ud83d\udd11"));
    byte[] binary = new byte[256];
    for (int i = 0; i < binary.length; i++) {
      binary[i] = (byte) i;
    }
    vector(
        Outcome.SUCCESS,
        "binary-value",
        1,
        store(store -> {
          store.createVault("default");
          try (SecretValue value = SecretValue.copyOf(binary)) {
            store.createSecret("default", "one", value);
          }
        }),
        ONE,
        GoldenVector.hex(binary));
    String longest = "a" + "-b".repeat(30) + "cd";
    vector(
        Outcome.SUCCESS,
        "longest-names",
        1,
        store(store -> TestStore.put(store, longest, longest, "value")),
        longest + "/" + longest,
        hex("value"));
    vector(
        Outcome.SUCCESS,
        "shortest-names",
        1,
        store(store -> TestStore.put(store, "a0z", "000", "value")),
        "a0z/000",
        hex("value"));
    vector(
        Outcome.SUCCESS,
        "several-vaults",
        1,
        store(store -> {
          TestStore.put(store, "vault-b", "two", "b two");
          TestStore.put(store, "vault-a", "one", "a one");
          TestStore.put(store, "vault-b", "one", "b one");
        }),
        "vault-a/one",
        hex("a one"),
        "vault-b/one",
        hex("b one"),
        "vault-b/two",
        hex("b two"));
    vector(
        Outcome.SUCCESS,
        "updated",
        1,
        store(store -> {
          TestStore.put(store, "default", "one", "first");
          TestStore.put(store, "default", "one", "second");
        }),
        ONE,
        hex("second"));
    vector(
        Outcome.SUCCESS,
        "made-again",
        1,
        store(store -> {
          TestStore.put(store, "default", "one", "first");
          store.deleteSecret("default", "one");
          store.deleteVault("default");
          TestStore.put(store, "default", "one", "again");
        }),
        ONE,
        hex("again"));
    vector(
        Outcome.SUCCESS,
        "largest-generation",
        1,
        resealed(
            base(),
            document -> new StoredDocument(
                document.storeId(), Long.MAX_VALUE, document.keys(), document.vaults())),
        ONE,
        hex("value one"));
    vector(
        Outcome.SUCCESS,
        "several-versions",
        1,
        resealed(base(), document -> with(document, secret -> versions(document, secret, 1, 2, 7))),
        ONE,
        hex("version 7"));
    vector(
        Outcome.SUCCESS,
        "largest-version",
        1,
        resealed(
            base(),
            document -> with(document, secret -> versions(document, secret, Long.MAX_VALUE))),
        ONE,
        hex("version " + Long.MAX_VALUE));
    vector(Outcome.SUCCESS, "two-keys", 1, twoKeys(), ONE, hex("value one"));
  }

  private static StoredDocument with(StoredDocument document, UnaryOperator<StoredSecret> change) {
    StoredVault vault = document.vaults().get("default");
    return document.with(vault.with(change.apply(vault.secrets().get("one"))));
  }

  private StoredSecret versions(StoredDocument document, StoredSecret secret, long... numbers) {
    StoredVault vault = document.vaults().get("default");
    Envelope envelope = Envelope.open(
        SealedDocument.LABEL,
        document.storeId(),
        document.keys(),
        List.of(TestStore.key(1)),
        null,
        "store");
    List<StoredSecret.StoredVersion> versions = new ArrayList<>();
    for (long number : numbers) {
      Envelope.Place place = new Envelope.Place(vault.id(), secret.id(), number, secret.name());
      Instant time = secret.createTime().plusMillis(versions.size());
      try (SecretValue value = SecretValue.of("version " + number)) {
        versions.add(
            new StoredSecret.StoredVersion(number, time, 1, envelope.sealValue(place, value)));
      }
    }
    return new StoredSecret(secret.name(), secret.id(), secret.createTime(), versions);
  }

  /** The value under the first key, the seal under the second. */
  private byte[] twoKeys() {
    SealedDocument content = SealedDocument.open(work, base(), TestStore.key(1), null);
    StoredDocument document = content.document();
    Envelope two = content.envelope().withNewKey(5, List.of(TestStore.key(1)), "store");
    return SealedDocument.seal(document.withKeys(two), two).file();
  }

  private void forms() throws IOException {
    byte[] base = base();
    String text = new String(base, US_ASCII);
    List<String> lines = text.lines().toList();
    for (int line = 0; line < lines.size(); line++) {
      if (!lines.get(line).isBlank()) {
        List<String> without = new ArrayList<>(lines);
        without.remove(line);
        form("without-line-" + line, String.join("\n", without) + "\n");
      }
    }
    for (int line = 1; line < lines.size() - 1; line += 3) {
      List<String> doubled = new ArrayList<>(lines);
      doubled.add(line, lines.get(line));
      form("doubled-line-" + line, String.join("\n", doubled) + "\n");
    }
    form("two-spaces", text.replaceFirst(": 1,", ":  1,"));
    form("no-space", text.replaceFirst(": 1,", ":1,"));
    form("tab", text.replaceFirst("  \"storeId\"", "\t\"storeId\""));
    form("carriage-returns", text.replace("\n", "\r\n"));
    form("one-line", text.replace("\n", "").replace("  ", ""));
    form("leading-space", " " + text);
    form("no-last-line-feed", text.stripTrailing());
    form("trailing-line-feed", text + "\n");
    form("trailing-zero", text + "\0");
    form("two-documents", text + text);
    form("byte-order-mark", "\u00ef\u00bb\u00bf" + text);
    form("comment", text.replaceFirst("\n", "\n// comment\n"));
    form("escaped-letter", text.replaceFirst("default", "def\\\\u0061ult"));
    form("escaped-slash-free-name", text.replaceFirst("\"storeId\"", "\"store\\\\u0049d\""));
    form("upper-case-hex", text.replaceFirst("(\"masterKey\": \")c", "$1C"));
    form("short-id", text.replaceFirst("(\"storeId\": \")..", "$1"));
    form("long-id", text.replaceFirst("(\"storeId\": \")", "$100"));
    form("no-hex", text.replaceFirst("(\"storeId\": \").", "$1g"));
    form("no-padding", text.replaceFirst("=+\"", "\""));
    form("url-base64", text.replaceFirst("(\"seal\": \").", "$1_"));
    form("number-as-text", text.replaceFirst("\"version\": 1", "\"version\": \"1\""));
    form("text-as-number", text.replaceFirst("\"name\": \"one\"", "\"name\": 1"));
    form("null", text.replaceFirst("\"version\": 1", "\"version\": null"));
    form("true", text.replaceFirst("\"version\": 1", "\"version\": true"));
    form("float", text.replaceFirst("\"version\": 1", "\"version\": 1.0"));
    form("exponent", text.replaceFirst("\"version\": 1", "\"version\": 1e0"));
    form("leading-zero", text.replaceFirst("\"version\": 1", "\"version\": 01"));
    form("plus", text.replaceFirst("\"version\": 1", "\"version\": +1"));
    form("negative-generation", text.replaceFirst("\"generation\": ", "\"generation\": -"));
    form("generation-0", text.replaceFirst("\"generation\": \\d+", "\"generation\": 0"));
    form(
        "generation-too-large",
        text.replaceFirst("\"generation\": \\d+", "\"generation\": 9223372036854775808"));
    form("format-0", text.replaceFirst("\"format\": 1", "\"format\": 0"));
    form("version-0", text.replaceFirst("\"version\": 1", "\"version\": 0"));
    form("unknown-key", text.replaceFirst("\"key\": 1", "\"key\": 2"));
    form("key-id-0", text.replaceFirst("\"id\": 1,", "\"id\": 0,"));
    form("time-without-millis", text.replaceFirst("\\.120Z", ".12Z"));
    form("time-with-micros", text.replaceFirst("\\.120Z", ".120000Z"));
    form("time-with-offset", text.replaceFirst("\\.120Z", ".120+00:00"));
    form("no-time", text.replaceFirst("2026-11-01", "2026-13-01"));
    form("leap-day", text.replaceFirst("2026-11-01", "2026-02-29"));
    form("upper-case-name", text.replaceFirst("\"one\"", "\"One\""));
    form("short-name", text.replaceFirst("\"one\"", "\"on\""));
    form("long-name", text.replaceFirst("\"one\"", "\"" + "o".repeat(64) + "\""));
    form("path-name", text.replaceFirst("\"one\"", "\"../one\""));
    form("hyphen-name", text.replaceFirst("\"one\"", "\"one-\""));
    form("extra-member", text.replaceFirst("\n", "\n  \"extra\": 1,\n"));
    form("extra-last-member", text.replaceFirst("(\"seal\": .*)\n", "$1,\n  \"extra\": 1\n"));
    form(
        "seal-first",
        text.replaceFirst("(?s)\\{\n(.*),\n( *\"seal\": .*)\n\\}\n", "{\n$2,\n$1\n}\n"));
    form("no-keys", text.replaceFirst("(?s)\"keys\": \\[.*?\\]", "\"keys\": []"));
    form("no-versions", text.replaceFirst("(?s)\"versions\": \\[.*?\\]", "\"versions\": []"));
    form("array", "[" + text.stripTrailing() + "]\n");
    form("deep", "[".repeat(2_000));
    form("truncated-1", text.substring(0, 1));
    form("truncated-half", text.substring(0, text.length() / 2));
    form("truncated-in-seal", text.substring(0, text.length() - 20));
    form("truncated-last-brace", text.substring(0, text.length() - 2));
    byte[] zeroed = new byte[text.length()];
    vector(Outcome.NOT_A_STORE, "zeros", 1, zeroed);
    vector(Outcome.NOT_A_STORE, "empty-file", 1, new byte[0]);
    vector(Outcome.NOT_A_STORE, "text", 1, "hello\n".getBytes(US_ASCII));
    vector(Outcome.NOT_A_STORE, "empty-object", 1, "{}\n".getBytes(US_ASCII));
    vector(Outcome.NOT_A_STORE, "empty-array", 1, "[]\n".getBytes(US_ASCII));
    vector(Outcome.NOT_A_STORE, "yaml", 1, "secrets:\n  one: value\n".getBytes(US_ASCII));
    vector(Outcome.NOT_A_STORE, "other-json", 1, "{\n  \"a\": 1\n}\n".getBytes(US_ASCII));
    vector(Outcome.NOT_A_STORE, "gzip", 1, new byte[] {31, (byte) 139, 8, 0, 0, 0, 0, 0});
    String two = new String(
        store(store -> {
          TestStore.put(store, "default", "one", "1");
          TestStore.put(store, "default", "two", "2");
        }),
        US_ASCII);
    form("out-of-order", two.replace("\"one\"", "\"zzz\""));
    form("same-name-twice", two.replace("\"two\"", "\"one\""));
    for (int version : new int[] {2, 3, Integer.MAX_VALUE}) {
      vector(
          Outcome.NEWER_FORMAT,
          "format-" + version,
          1,
          text.replaceFirst("\"format\": 1", "\"format\": " + version).getBytes(US_ASCII));
    }
    vector(
        Outcome.NEWER_FORMAT,
        "with-members-of-the-future",
        1,
        "{\n  \"format\": 2,\n  \"anything\": {}\n}\n".getBytes(US_ASCII));
  }

  private void form(String name, String text) throws IOException {
    vector(Outcome.FORM, name, 1, text.getBytes(ISO_8859_1));
  }

  /** Edits that keep the form. */
  private void seals() throws IOException {
    String text = new String(base(), US_ASCII);
    seal(text, "store-generation", "(\"generation\": )\\d", "$18");
    seal(text, "vault-name", "\"default\"", "\"defaulu\"");
    seal(text, "secret-name", "\"one\"", "\"two\"");
    seal(text, "create-time", "\\.120Z", ".121Z");
    seal(text, "version", "\"version\": 1", "\"version\": 2");
    seal(text, "ciphertext", "(\"ciphertext\": \").{8}", "$1AAAAAAAA");
    seal(text, "seal-start", "(\"seal\": \").{8}", "$1AAAAAAAA");
    seal(text, "seal-short", "(\"seal\": \").{4}", "$1");
    seal(text, "fingerprint", "(\"masterKey\": \").{8}", "$100000000");
    seal(text, "secret-id", "(\"one\",\n *\"id\": \").{8}", "$100000000");
    seal(text, "vault-id", "(\"default\",\n *\"id\": \").{8}", "$100000000");
    seal(
        text,
        "no-secrets",
        "(?s)\"secrets\": \\[.*\\]\n    \\}\n  \\],",
        "\"secrets\": []\n    }\n  ],");
    seal(text, "no-vaults", "(?s)\"vaults\": \\[.*\\],", "\"vaults\": [],");
    String other = new String(base(), US_ASCII);
    String seal = other.substring(other.indexOf("\"seal\""));
    vector(
        Outcome.SEAL,
        "of-another-store",
        1,
        (text.substring(0, text.indexOf("\"seal\"")) + seal).getBytes(US_ASCII));
  }

  private void seal(String text, String name, String pattern, String replacement)
      throws IOException {
    String changed = text.replaceFirst(pattern, replacement);
    if (changed.equals(text)) {
      throw new IllegalStateException(name);
    }
    vector(Outcome.SEAL, name, 1, changed.getBytes(US_ASCII));
  }

  private void keys() throws IOException {
    byte[] base = base();
    vector(Outcome.WRONG_KEY, "2", 2, base);
    vector(Outcome.WRONG_KEY, "0", 0, base);
    vector(Outcome.WRONG_KEY, "255", 255, base);
    String text = new String(base, US_ASCII);
    String other = new String(base(), US_ASCII);
    vector(
        Outcome.KEY_ENTRY,
        "changed",
        1,
        text.replaceFirst("(\"wrapped\": \").{8}", "$1AAAAAAAA").getBytes(US_ASCII));
    vector(
        Outcome.KEY_ENTRY,
        "short",
        1,
        text.replaceFirst("(\"wrapped\": \").{8}", "$1").getBytes(US_ASCII));
    String foreign = other.replaceFirst("(?s).*(\"wrapped\": \"[^\"]*\").*", "$1");
    vector(
        Outcome.KEY_ENTRY,
        "of-another-store",
        1,
        text.replaceFirst("\"wrapped\": \"[^\"]*\"", foreign).getBytes(US_ASCII));
    vector(
        Outcome.KEY_ENTRY,
        "store-id",
        1,
        text.replaceFirst("(\"storeId\": \").{8}", "$100000000").getBytes(US_ASCII));
    vector(
        Outcome.KEY_ENTRY,
        "other-id",
        1,
        text.replaceFirst("\"id\": 1,", "\"id\": 2,")
            .replaceFirst("\"key\": 1", "\"key\": 2")
            .getBytes(US_ASCII));
  }

  /** Under a good seal, so only the value's own associated data refuses it. */
  private void values() throws IOException {
    byte[] original = store(store -> {
      TestStore.put(store, "default", "one", "value one");
      TestStore.put(store, "default", "two", "value two");
      TestStore.put(store, "other", "one", "value three");
    });
    SealedDocument content = SealedDocument.open(work, original, TestStore.key(1), null);
    StoredVault vault = content.document().vaults().get("default");
    OpaqueBytes two = vault.secrets().get("two").current().ciphertext();
    OpaqueBytes three =
        content.document().vaults().get("other").secrets().get("one").current().ciphertext();
    byte[] own = vault.secrets().get("one").current().ciphertext().toArray();
    byte[] flipped = own.clone();
    flipped[30] ^= 1;
    value("of-another-secret", original, two);
    value("of-another-vault", original, three);
    value("flipped", original, OpaqueBytes.copyOf(flipped));
    value("short", original, OpaqueBytes.copyOf(Arrays.copyOf(own, own.length - 1)));
    value("empty", original, OpaqueBytes.copyOf(new byte[0]));
    value("nonce-only", original, OpaqueBytes.copyOf(Arrays.copyOf(own, 24)));
    value("seal", original, content.seal());
    value("data-key", original, content.document().keys().get(0).wrapped());
    byte[] later = resealed(
        original,
        document -> with(
            document,
            secret -> new StoredSecret(
                secret.name(),
                secret.id(),
                secret.createTime(),
                List.of(new StoredSecret.StoredVersion(
                    2, secret.createTime(), 1, secret.current().ciphertext())))));
    vector(Outcome.SUCCESS, "value-as-another-version", 1, later, refusedOne());
    byte[] again = resealed(
        original,
        document -> with(
            document,
            secret -> new StoredSecret(
                secret.name(), OpaqueBytes.random(16), secret.createTime(), secret.versions())));
    vector(Outcome.SUCCESS, "value-of-a-deleted-secret", 1, again, refusedOne());
  }

  private void value(String name, byte[] original, OpaqueBytes ciphertext) throws IOException {
    byte[] changed = resealed(
        original,
        document -> with(
            document,
            secret -> new StoredSecret(
                secret.name(),
                secret.id(),
                secret.createTime(),
                List.of(new StoredSecret.StoredVersion(1, secret.createTime(), 1, ciphertext)))));
    vector(Outcome.SUCCESS, "value-" + name, 1, changed, refusedOne());
  }

  private static String[] refusedOne() {
    return new String[] {
      ONE, GoldenVector.REFUSED, "default/two", hex("value two"), "other/one", hex("value three")
    };
  }
}
