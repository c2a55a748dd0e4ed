package tech.tailor.secretmanager.benchmarks;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.google.crypto.tink.AccessesPartialKey;
import com.google.crypto.tink.Aead;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.aead.AeadConfig2026;
import com.google.crypto.tink.aead.XAesGcmKey;
import com.google.crypto.tink.aead.XAesGcmParameters;
import com.google.crypto.tink.util.SecretBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A store's file, written and read straight from {@code docs/file-format.md}: the least that has to
 * be done. It checks no limit, no order and no canonical form, and takes no lock.
 */
final class StoreByHand {

  private static final JsonFactory JSON = new JsonFactory();
  private static final String TIME = "2026-11-01T12:00:00.120Z";
  private static final byte[] NONE = {};

  private final Path file;
  private final Aead master;
  private final String fingerprint;
  private BasicFileAttributes attributes;

  /** What is in the file, as text. */
  static final class Content {
    private String storeId = "";
    private long generation;
    private String wrapped = "";
    private String vaultId = "";
    private final List<Secret> secrets = new ArrayList<>();
  }

  private static final class Secret {
    private String name = "";
    private String id = "";
    private long version;
    private String ciphertext = "";
  }

  StoreByHand(Path file, byte[] masterKey) throws GeneralSecurityException {
    this.file = file;
    this.master = aead(masterKey);
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(masterKey, "HmacSHA256"));
    byte[] whole = mac.doFinal("tsm-file\0\1\5".getBytes(US_ASCII));
    this.fingerprint = HexFormat.of().formatHex(whole, 0, 16);
  }

  /** A new store with one vault. */
  void create(String vault, List<String> names, byte[] value)
      throws IOException, GeneralSecurityException {
    Random random = new Random(1); // these secrets are nobody's
    Content content = new Content();
    content.storeId = id(random);
    content.vaultId = id(random);
    byte[] dataKey = new byte[32];
    random.nextBytes(dataKey);
    content.wrapped =
        base64(master.encrypt(dataKey, place(3, content.storeId, NONE, NONE, 1, NONE, NONE)));
    Aead data = aead(dataKey);
    for (String name : names) {
      Secret secret = new Secret();
      secret.name = name;
      secret.id = id(random);
      secret.version = 1;
      secret.ciphertext = base64(data.encrypt(value, place(content, secret)));
      content.secrets.add(secret);
    }
    write(vault, content, data);
  }

  /** The data key of a store that was read. */
  Aead dataKey(Content content) throws GeneralSecurityException {
    return aead(master.decrypt(
        Base64.getDecoder().decode(content.wrapped),
        place(3, content.storeId, NONE, NONE, 1, NONE, NONE)));
  }

  /** Reads, parses, and verifies the seal. */
  Content open() throws IOException, GeneralSecurityException {
    byte[] bytes = Files.readAllBytes(file);
    Content content = new Content();
    String seal = parse(bytes, content);
    int body = bytes.length - seal.length() - "\"\n}\n".length();
    byte[] sealed =
        place(2, content.storeId, NONE, NONE, content.generation, NONE, Arrays.copyOf(bytes, body));
    dataKey(content).decrypt(Base64.getDecoder().decode(seal), sealed);
    return content;
  }

  /** Whether the file is another one than at the last look, or was written since. */
  boolean hasChanged() throws IOException {
    BasicFileAttributes found =
        Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    BasicFileAttributes before = attributes;
    attributes = found;
    return before != null
        && !(found.fileKey().equals(before.fileKey())
            && found.lastModifiedTime().equals(before.lastModifiedTime())
            && found.size() == before.size());
  }

  private static String parse(byte[] bytes, Content content) throws IOException {
    String seal = "";
    String member = "";
    Secret secret = new Secret();
    int depth = 0;
    try (JsonParser parser = JSON.createParser(bytes)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        switch (token) {
          case START_ARRAY -> depth++;
          case END_ARRAY -> depth--;
          case FIELD_NAME -> member = parser.currentName();
          case START_OBJECT -> {
            if (depth == 2) {
              secret = new Secret();
              content.secrets.add(secret);
            }
          }
          case VALUE_NUMBER_INT -> {
            if (member.equals("generation")) {
              content.generation = parser.getLongValue();
            } else if (member.equals("version")) {
              secret.version = parser.getLongValue();
            }
          }
          case VALUE_STRING -> {
            switch (member) {
              case "storeId" -> content.storeId = parser.getText();
              case "wrapped" -> content.wrapped = parser.getText();
              case "seal" -> seal = parser.getText();
              case "ciphertext" -> secret.ciphertext = parser.getText();
              case "name" -> {
                if (depth == 2) {
                  secret.name = parser.getText();
                }
              }
              case "id" -> {
                if (depth == 2) {
                  secret.id = parser.getText();
                } else {
                  content.vaultId = parser.getText();
                }
              }
              default -> {}
            }
          }
          default -> {}
        }
      }
    }
    return seal;
  }

  byte[] ciphertext(Content content, int index) {
    return Base64.getDecoder().decode(content.secrets.get(index).ciphertext);
  }

  byte[] place(Content content, int index) {
    return place(content, content.secrets.get(index));
  }

  /** Gives one secret its next value: a commit with both of its fsyncs. */
  void update(String vault, int index, byte[] value) throws IOException, GeneralSecurityException {
    Content content = open();
    Aead data = dataKey(content);
    Secret secret = content.secrets.get(index);
    secret.version++;
    secret.ciphertext = base64(data.encrypt(value, place(content, secret)));
    write(vault, content, data);
  }

  private void write(String vault, Content content, Aead data)
      throws IOException, GeneralSecurityException {
    content.generation++;
    StringBuilder text = new StringBuilder(content.secrets.size() * 400 + 1_000);
    text.append("{\n  \"format\": 1,\n  \"storeId\": \"").append(content.storeId);
    text.append("\",\n  \"generation\": ").append(content.generation);
    text.append(",\n  \"keys\": [\n    {\n      \"id\": 1,\n      \"masterKey\": \"");
    text.append(fingerprint).append("\",\n      \"wrapped\": \"").append(content.wrapped);
    text.append("\"\n    }\n  ],\n  \"vaults\": [\n    {\n      \"name\": \"").append(vault);
    text.append("\",\n      \"id\": \"").append(content.vaultId);
    text.append("\",\n      \"createTime\": \"").append(TIME);
    text.append("\",\n      \"secrets\": [");
    String separator = "\n";
    for (Secret secret : content.secrets) {
      text.append(separator).append("        {\n          \"name\": \"").append(secret.name);
      text.append("\",\n          \"id\": \"").append(secret.id);
      text.append("\",\n          \"createTime\": \"").append(TIME);
      text.append("\",\n          \"versions\": [\n            {\n              \"version\": ");
      text.append(secret.version).append(",\n              \"createTime\": \"").append(TIME);
      text.append("\",\n              \"key\": 1,\n              \"ciphertext\": \"");
      text.append(secret.ciphertext).append("\"\n            }\n          ]\n        }");
      separator = ",\n";
    }
    text.append("\n      ]\n    }\n  ],\n  \"seal\": \"");
    byte[] body = text.toString().getBytes(US_ASCII);
    byte[] seal =
        data.encrypt(NONE, place(2, content.storeId, NONE, NONE, content.generation, NONE, body));
    publish(body, (base64(seal) + "\"\n}\n").getBytes(US_ASCII));
  }

  private void publish(byte[] body, byte[] end) throws IOException {
    Path temporary = file.resolveSibling("by-hand.tmp");
    try (FileChannel channel = FileChannel.open(
        temporary,
        StandardOpenOption.CREATE,
        StandardOpenOption.TRUNCATE_EXISTING,
        StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(body));
      channel.write(ByteBuffer.wrap(end));
      channel.force(true);
    }
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    try (FileChannel directory = FileChannel.open(file.getParent(), StandardOpenOption.READ)) {
      directory.force(true);
    }
  }

  private static byte[] place(Content content, Secret secret) {
    return place(
        1,
        content.storeId,
        HexFormat.of().parseHex(content.vaultId),
        HexFormat.of().parseHex(secret.id),
        secret.version,
        secret.name.getBytes(US_ASCII),
        NONE);
  }

  private static byte[] place(
      int purpose,
      String storeId,
      byte[] vaultId,
      byte[] secretId,
      long version,
      byte[] name,
      byte[] tail) {
    ByteBuffer data =
        ByteBuffer.allocate(51 + vaultId.length + secretId.length + name.length + tail.length);
    data.put("tsm-file\0\1".getBytes(US_ASCII)).put((byte) purpose);
    data.putInt(16).put(HexFormat.of().parseHex(storeId));
    data.putInt(vaultId.length).put(vaultId);
    data.putInt(secretId.length).put(secretId);
    data.putLong(version);
    data.putInt(name.length).put(name);
    return data.put(tail).array();
  }

  @AccessesPartialKey // the parameters are fixed by the format
  private static Aead aead(byte[] key) throws GeneralSecurityException {
    return KeysetHandle.newBuilder()
        .addEntry(KeysetHandle.importKey(XAesGcmKey.create(
                XAesGcmParameters.create(XAesGcmParameters.Variant.NO_PREFIX, 12),
                SecretBytes.copyFrom(key, InsecureSecretKeyAccess.get()),
                null))
            .withFixedId(1)
            .makePrimary())
        .build()
        .getPrimitive(AeadConfig2026.get(), Aead.class);
  }

  private static String id(Random random) {
    byte[] id = new byte[16];
    random.nextBytes(id);
    return HexFormat.of().formatHex(id);
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }
}
