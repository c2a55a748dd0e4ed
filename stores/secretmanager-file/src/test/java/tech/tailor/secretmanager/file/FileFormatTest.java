package tech.tailor.secretmanager.file;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.envelope.EnvelopeFixtures;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.envelope.StoreFiles;
import tech.tailor.secretmanager.spi.SecretOutcome;
import tech.tailor.secretmanager.store.SecretVersionInfo;
import tech.tailor.secretmanager.store.SecretVersionInfo.State;

/**
 * Proves {@code docs/file-format.md}: a reader that was written from it alone, with nothing but the
 * JDK, reads what the store writes.
 */
class FileFormatTest {

  private static final String GOLDEN_PASSPHRASE = "golden pass phrase";

  @TempDir
  Path parent;

  @Test
  void independentReader_readsWhatTheStoreWrote() throws Exception {
    Path key = parent.resolve("master.key");
    Path directory = parent.resolve("store");
    try (FileSecretStore store = FileSecretStore.create(directory, MasterKey.createFile(key))) {
      TestStore.put(store, "default", "test-secret-1", "secret-value-1");
      TestStore.put(store, "default", "test-secret-2", "first");
      TestStore.put(store, "default", "test-secret-2", "gr\u00fc\u00df dich");
      TestStore.put(store, "another", "empty", "");
    }

    assertThat(Reader.read(key, TestStore.file(directory)))
        .containsExactly(
            Map.entry("another/empty", ""),
            Map.entry("default/test-secret-1", "secret-value-1"),
            Map.entry("default/test-secret-2", "gr\u00fc\u00df dich"));
  }

  @Test
  void independentReader_readsVersionsLabelsAndTwoKeys() throws Exception {
    Path key = parent.resolve("master.key");
    Path directory = parent.resolve("store");
    try (FileSecretStore store = FileSecretStore.create(directory, MasterKey.createFile(key))) {
      for (String value : new String[] {"first", "second", "third", "fourth"}) {
        TestStore.put(store, "default", "one", value);
      }
      TestStore.put(store, "default", "two", "of another secret");
      store.disableVersion("default", "one", 2);
      store.destroyVersion("default", "one", 3);
      store.setDescription("default", "one", "an \"id\": gr\u00fc\u00df dich");
      store.setLabels("default", "one", Map.of("env", "dev"));
      store.setVaultLabels("default", Map.of("id", "dev", "name", "other"));
      store.rotateDataKey();
      TestStore.put(store, "default", "one", "fifth");
    }

    assertThat(Reader.readVersions(key, TestStore.file(directory)))
        .containsExactly(
            Map.entry("default/one#1", "first"),
            Map.entry("default/one#2", "second"),
            Map.entry("default/one#4", "fourth"),
            Map.entry("default/one#5", "fifth"),
            Map.entry("default/two#1", "of another secret"));
  }

  @Test
  void independentReader_opensAStoreWithAPassphrase() throws Exception {
    Path directory = parent.resolve("store");
    char[] passphrase = "corr\u00e9ct horse battery staple".toCharArray();
    try (FileSecretStore store =
        FileSecretStore.create(directory, MasterKey.fromPassphrase(passphrase))) {
      TestStore.put(store, "default", "one", "first");
    }

    assertThat(Reader.readWithPassphrase(passphrase, TestStore.file(directory)))
        .containsExactly(Map.entry("default/one", "first"));
  }

  /** A file of the first release: what is written today must be readable for ever. */
  @Test
  void goldenFile_isReadByBoth() throws Exception {
    Path directory = Files.createDirectories(parent.resolve("store"));
    Files.writeString(TestStore.file(directory), GOLDEN, US_ASCII);
    Path key = parent.resolve("master.key");
    try (StoreFiles.NewFile file = StoreFiles.local().create(key)) {
      file.write(("tailor-secretmanager-key-1 "
              + Base64.getEncoder().encodeToString(TestStore.rawKey(1)) + "\n")
          .getBytes(US_ASCII));
    }

    assertThat(Reader.read(key, TestStore.file(directory)))
        .containsExactly(
            Map.entry("default/golden-1", "value one"), Map.entry("default/golden-2", "value two"));
    try (FileSecretStore store = FileSecretStore.open(directory, MasterKey.fromFile(key))) {
      assertThat(TestStore.read(store, "default", "golden-1")).isEqualTo("value one");
      assertThat(TestStore.read(store, "default", "golden-2")).isEqualTo("value two");
      assertThat(store.describeSecret("default", "golden-2").orElseThrow().version())
          .isEqualTo(2);
    }
  }

  /** The same with every optional member. The golden file is never generated again. */
  @Test
  void goldenFileOfAllMembers_isReadByBoth() throws Exception {
    Path directory = Files.createDirectories(parent.resolve("store"));
    Files.writeString(TestStore.file(directory), GOLDEN_OF_ALL_MEMBERS, US_ASCII);
    char[] passphrase = GOLDEN_PASSPHRASE.toCharArray();

    assertThat(Reader.read(new byte[0], passphrase, TestStore.file(directory)))
        .containsExactly(
            Map.entry("default/golden-3#1", "value one"),
            Map.entry("default/golden-3#3", "value three"),
            Map.entry("default/golden-4#1", "other"));
    try (FileSecretStore store =
        FileSecretStore.open(directory, MasterKey.fromPassphrase(passphrase))) {
      assertThat(TestStore.read(store, "default", "golden-3")).isEqualTo("value three");
      assertThat(TestStore.fetch(store, "default", "golden-4"))
          .isInstanceOf(SecretOutcome.Failed.class);
      assertThat(store.listVersions("default", "golden-3"))
          .extracting(SecretVersionInfo::state)
          .containsExactly(State.DISABLED, State.DESTROYED, State.ENABLED);
      assertThat(store.description("default", "golden-3"))
          .isEqualTo("said \"so\" \\ gr\u00fc\u00df dich \ud83d\udd11");
      assertThat(store.labels("default", "golden-3")).isEqualTo(Map.of("env", "dev", "team", "a"));
      assertThat(store.vaultLabels("empty")).isEqualTo(Map.of("owner", "b_1"));
      assertThat(store.describeVault("empty").orElseThrow().updateTime())
          .isEqualTo("2026-11-25T12:00:00.010Z");
      store.rotateDataKey();
      assertThat(TestStore.read(store, "default", "golden-3")).isEqualTo("value three");
    }
  }

  /** The specification's own vectors, so that the reader above is known to be right. */
  @Test
  void independentCipher_agreesWithTheSpecification() throws Exception {
    HexFormat hex = HexFormat.of();
    byte[] nonce = "ABCDEFGHIJKLMNOPQRSTUVWX".getBytes(US_ASCII);
    assertThat(Reader.open(
            TestStore.rawKey(1),
            concat(nonce, hex.parseHex("ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271")),
            new byte[0]))
        .asString(US_ASCII)
        .isEqualTo("XAES-256-GCM");
    assertThat(Reader.open(
            TestStore.rawKey(3),
            concat(nonce, hex.parseHex("986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d")),
            "c2sp.org/XAES-256-GCM".getBytes(US_ASCII)))
        .asString(US_ASCII)
        .isEqualTo("XAES-256-GCM");
  }

  @Test
  void cipher_agreesWithTheSpecification() throws Exception {
    byte[] nonce = "ABCDEFGHIJKLMNOPQRSTUVWX".getBytes(US_ASCII);
    byte[] ciphertext =
        HexFormat.of().parseHex("986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d");
    assertThat(EnvelopeFixtures.cipher(TestStore.rawKey(3))
            .decrypt(concat(nonce, ciphertext), "c2sp.org/XAES-256-GCM".getBytes(US_ASCII)))
        .asString(US_ASCII)
        .isEqualTo("XAES-256-GCM");
  }

  private static byte[] concat(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  /** Knows the file's description, and no class of the library. */
  private static final class Reader {

    private static final Pattern MEMBER =
        Pattern.compile("( *)\"([a-zA-Z]+)\": \"?([^\"\\[]*?)\"?,?");

    private Reader() {}

    /** The current values. */
    static Map<String, String> read(Path keyFile, Path file) throws Exception {
      return current(readVersions(keyFile, file));
    }

    static Map<String, String> readWithPassphrase(char[] passphrase, Path file) throws Exception {
      return current(read(new byte[0], passphrase, file));
    }

    private static Map<String, String> current(Map<String, String> versions) {
      Map<String, String> current = new TreeMap<>();
      versions.forEach((name, value) -> current.put(name.replaceFirst("#.*", ""), value));
      return current;
    }

    static Map<String, String> readVersions(Path keyFile, Path file) throws Exception {
      byte[] master = Base64.getDecoder()
          .decode(Files.readString(keyFile, US_ASCII).split(" ", -1)[1].strip());
      return read(master, new char[0], file);
    }

    private static byte[] derive(char[] passphrase, String salt, int iterations) throws Exception {
      return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA512")
          .generateSecret(
              new PBEKeySpec(passphrase, HexFormat.of().parseHex(salt), iterations, 256))
          .getEncoded();
    }

    private static Map<String, String> read(byte[] keyOfFile, char[] passphrase, Path file)
        throws Exception {
      byte[] master = keyOfFile;
      int iterations = 0;
      long keyId = 0;
      Map<Long, byte[]> dataKeys = new TreeMap<>();
      String text = Files.readString(file, US_ASCII);
      Map<String, String> values = new TreeMap<>();
      byte[] storeId = {};
      byte[] vaultId = {};
      byte[] secretId = {};
      byte[] dataKey = {};
      long generation = 0;
      long version = 0;
      String vault = "";
      String name = "";
      for (String line : text.split("\n", -1)) {
        Matcher member = MEMBER.matcher(line);
        if (!member.matches()) {
          continue;
        }
        String value = member.group(3);
        switch (member.group(1).length() + " " + member.group(2)) {
          case "2 format" -> assertThat(value).isEqualTo("1");
          case "2 storeId" -> storeId = HexFormat.of().parseHex(value);
          case "2 generation" -> generation = Long.parseLong(value);
          case "6 masterKey" -> {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(master, "HmacSHA256"));
            byte[] whole = mac.doFinal("tsm-file\0\1\5".getBytes(US_ASCII));
            assertThat(value).isEqualTo(HexFormat.of().formatHex(whole, 0, 16));
          }
          case "6 kdf" -> assertThat(value).isEqualTo("pbkdf2-hmac-sha512");
          case "6 iterations" -> iterations = Integer.parseInt(value);
          case "6 salt" -> master = derive(passphrase, value, iterations);
          case "6 wrapped" -> {
            byte[] context = associatedData(3, storeId, none(), none(), keyId, "");
            dataKey = open(master, decode(value), context);
            dataKeys.put(keyId, dataKey);
          }
          case "6 name" -> vault = value;
          case "6 id" -> {
            if (value.length() == 32) {
              vaultId = HexFormat.of().parseHex(value);
            } else {
              keyId = Long.parseLong(value);
            }
          }
          case "10 name" -> name = value;
          case "10 id" -> secretId = HexFormat.of().parseHex(value);
          case "14 version" -> version = Long.parseLong(value);
          case "14 key" -> keyId = Long.parseLong(value);
          case "14 ciphertext" ->
            values.put(
                vault + "/" + name + "#" + version,
                new String(
                    open(
                        dataKeys.get(keyId),
                        decode(value),
                        associatedData(1, storeId, vaultId, secretId, version, name)),
                    UTF_8));
          case "2 seal" -> {
            String body = text.substring(0, text.indexOf("\n  \"seal\": \"") + 12);
            assertThat(text).isEqualTo(body + value + "\"\n}\n");
            byte[] context = associatedData(2, storeId, none(), none(), generation, "");
            assertThat(open(dataKey, decode(value), concat(context, body.getBytes(US_ASCII))))
                .isEmpty();
          }
          default -> {
            if (!member.group(1).matches(" {8}| {12}")) { // not a label
              assertThat(member.group(2))
                  .isIn("createTime", "updateTime", "description", "labels", "state");
            }
          }
        }
      }
      return values;
    }

    private static byte[] none() {
      return new byte[0];
    }

    private static byte[] decode(String base64) {
      return Base64.getDecoder().decode(base64);
    }

    private static byte[] associatedData(
        int purpose, byte[] storeId, byte[] vaultId, byte[] secretId, long version, String name)
        throws IOException {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (DataOutputStream data = new DataOutputStream(bytes)) {
        data.write("tsm-file".getBytes(US_ASCII));
        data.writeByte(0);
        data.writeByte(1);
        data.writeByte(purpose);
        for (byte[] id : new byte[][] {storeId, vaultId, secretId}) {
          data.writeInt(id.length);
          data.write(id);
        }
        data.writeLong(version);
        data.writeInt(name.getBytes(UTF_8).length);
        data.write(name.getBytes(UTF_8));
      }
      return bytes.toByteArray();
    }

    static byte[] open(byte[] key, byte[] sealed, byte[] associatedData)
        throws GeneralSecurityException {
      Cipher aes = Cipher.getInstance("AES/ECB/NoPadding");
      aes.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"));
      byte[] k1 = aes.doFinal(new byte[16]);
      boolean carry = (k1[0] & 0x80) != 0;
      for (int i = 0; i < 16; i++) {
        k1[i] = (byte) (k1[i] << 1 | (i < 15 ? (k1[i + 1] & 0xff) >>> 7 : 0));
      }
      k1[15] ^= (byte) (carry ? 0x87 : 0);
      byte[] derived = new byte[32];
      for (int half = 0; half < 2; half++) {
        byte[] block = new byte[16];
        block[1] = (byte) (half + 1);
        block[2] = 'X';
        System.arraycopy(sealed, 0, block, 4, 12);
        for (int i = 0; i < 16; i++) {
          block[i] ^= k1[i];
        }
        System.arraycopy(aes.doFinal(block), 0, derived, 16 * half, 16);
      }
      Cipher gcm = Cipher.getInstance("AES/GCM/NoPadding");
      gcm.init(
          Cipher.DECRYPT_MODE,
          new SecretKeySpec(derived, "AES"),
          new GCMParameterSpec(128, sealed, 12, 12));
      gcm.updateAAD(associatedData);
      return gcm.doFinal(sealed, 24, sealed.length - 24);
    }
  }

  private static final String GOLDEN = """
      {
        "format": 1,
        "storeId": "ea3a62c44d05d28b7919648f0df4787d",
        "generation": 6,
        "keys": [
          {
            "id": 1,
            "masterKey": "c58d2f07a101bb596785b267f708c8ea",
            "wrapped": "oWja2iJBJvTIsI57CR2oilu6R9tsM8DsrGXXITR33H53O7U9lalZehvs2gS1ZrULsGAXVujXtzJtuhB8Yqr3TLVqjFez5RHj"
          }
        ],
        "vaults": [
          {
            "name": "default",
            "id": "48a29597ee1da97449f68c9910602cc1",
            "createTime": "2026-11-01T12:00:00.120Z",
            "secrets": [
              {
                "name": "golden-1",
                "id": "87132300332df9d065732d872e6209a3",
                "createTime": "2026-11-01T12:00:00.120Z",
                "versions": [
                  {
                    "version": 1,
                    "createTime": "2026-11-01T12:00:00.120Z",
                    "key": 1,
                    "ciphertext": "nVm27Y2F6OYncoiNuNYLXBC8KeZrNd5HmCum5BeunwhQrg6qkndIcH4Cm21uKDcrLA=="
                  }
                ]
              },
              {
                "name": "golden-2",
                "id": "eb1e48314214526b12648db65c8bac49",
                "createTime": "2026-11-01T12:00:00.120Z",
                "versions": [
                  {
                    "version": 2,
                    "createTime": "2026-11-01T12:00:00.120Z",
                    "key": 1,
                    "ciphertext": "lhorktHVsYk3Abv+VTb+rag32JkgtMOZEajWCIw3wZlf/8cq5AMGWdubfRQLrLGXxw=="
                  }
                ]
              }
            ]
          },
          {
            "name": "empty",
            "id": "119c8f3b8e15b9ea56b5a0a94a812302",
            "createTime": "2026-11-01T12:00:00.120Z",
            "secrets": []
          }
        ],
        "seal": "arwTdJGkZnqbvqU4XJiGh+GWKYzvLl+KTP9/Etyztaukgrk5JvgOEQ=="
      }
      """;

  /** All optional members, two data keys, and a passphrase: {@value #GOLDEN_PASSPHRASE}. */
  private static final String GOLDEN_OF_ALL_MEMBERS = """
      {
        "format": 1,
        "storeId": "4291556d1c2b5e563549e91ab1653888",
        "generation": 14,
        "keys": [
          {
            "id": 1,
            "kdf": "pbkdf2-hmac-sha512",
            "iterations": 1000,
            "salt": "ede30d50121b4c7551ebf65a8c65d564",
            "masterKey": "e55475f2d4a8408bfb83136818ee85dc",
            "wrapped": "54HOJt6Jsn7aX4joU0hpX5jiJCVWGfHGcsvehpFa0GhpCNNLbeQ7/n8BzTOYRyETpFVOagJ9EiB+GSW6Bn0aZXbxq1jUOKRI"
          },
          {
            "id": 2,
            "kdf": "pbkdf2-hmac-sha512",
            "iterations": 1000,
            "salt": "ede30d50121b4c7551ebf65a8c65d564",
            "masterKey": "e55475f2d4a8408bfb83136818ee85dc",
            "wrapped": "QQuPGX8qtqUqqlexxAIXK9oZYxqVK4PCgFSmJR6G9h4yHtTDKzMCSYnwk2BPYil0Ic7rXE9MSszl8O/1QkuZqSAMfEvmRQDZ"
          }
        ],
        "vaults": [
          {
            "name": "default",
            "id": "e507c26fe8da65c9d776f51e24185324",
            "createTime": "2026-11-24T12:00:00.007Z",
            "secrets": [
              {
                "name": "golden-3",
                "id": "fab66e65ec8e45e4e974b6df61bfcf5c",
                "createTime": "2026-11-24T12:00:00.007Z",
                "description": "said \\"so\\" \\\\ gr\\u00fc\\u00df dich \\ud83d\\udd11",
                "labels": {
                  "env": "dev",
                  "team": "a"
                },
                "versions": [
                  {
                    "version": 1,
                    "createTime": "2026-11-24T12:00:00.007Z",
                    "state": "disabled",
                    "key": 1,
                    "ciphertext": "LCGv58kbXaQhaEJn3Dfyt/DHNVqWqKENUKK1NsyUGk63A+/AM73ZbVPeagj5ZmOcig=="
                  },
                  {
                    "version": 2,
                    "createTime": "2026-11-24T12:00:00.007Z",
                    "state": "destroyed"
                  },
                  {
                    "version": 3,
                    "createTime": "2026-11-24T12:00:00.007Z",
                    "key": 1,
                    "ciphertext": "UlfEpOxPAaP0wJ5oldwiAdKgmqX3RaEJbMKTBguFEfP+5/3Ye9TJHQCRoEX5Gv6xMyVB"
                  }
                ]
              },
              {
                "name": "golden-4",
                "id": "8a2171b21b55db60751475872356c114",
                "createTime": "2026-11-24T12:00:00.007Z",
                "versions": [
                  {
                    "version": 1,
                    "createTime": "2026-11-24T12:00:00.007Z",
                    "state": "disabled",
                    "key": 1,
                    "ciphertext": "BJp0dZ6AJiIdFADJzsyDKPmtdBf7vjCmOTJVPI74f52EBULuqDZLohRYZbcW"
                  }
                ]
              }
            ]
          },
          {
            "name": "empty",
            "id": "3b3022fdbf060de2076d06ba747300dc",
            "createTime": "2026-11-24T12:00:00.007Z",
            "updateTime": "2026-11-25T12:00:00.010Z",
            "labels": {
              "owner": "b_1"
            },
            "secrets": []
          }
        ],
        "seal": "Rza1qcadhK70rxZ0yngdkUY3qyzYcuOVNFNFt2YHVJdHAG8KgNPH7Q=="
      }
      """;
}
