package tech.tailor.secretmanager.testing.emulator;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.envelope.SealedBox;

/**
 * The values of one answer, sealed to a key of the caller and bound to the question, as
 * {@code docs/protocol.md} says byte by byte. Values leave the emulator in no other form.
 *
 * @param kem the recipient's
 */
record SealedAnswer(Kem kem, ByteString sealed) {

  static final int MAX_PLAINTEXT_BYTES = 524_288;
  static final int NONCE_BYTES = 16;
  static final int MAX_NAMES = 1_000;

  private static final String LABEL = "tailor.secretmanager/sealed-read/1";

  /** A way to agree on a key, by the number that the protocol gives it. */
  enum Kem {
    KEM_X25519(SealedBox.Kem.X25519),
    KEM_P256(SealedBox.Kem.P256);

    private final SealedBox.Kem box;

    Kem(SealedBox.Kem box) {
      this.box = box;
    }

    static @Nullable Kem named(String name) {
      return Arrays.stream(values())
          .filter(kem -> kem.name().equals(name))
          .findFirst()
          .orElse(null);
    }
  }

  /**
   * A public key to seal to.
   *
   * @param kem null for one that this end does not know
   */
  record Recipient(@Nullable Kem kem, ByteString publicKey) {}

  /** What was asked; the seal is bound to it. */
  record Question(
      String workspaceId,
      String vault,
      List<String> names,
      ByteString nonce,
      List<Recipient> recipients) {

    /** Null if the question is well-formed, else the rule that it breaks. */
    @Nullable
    String brokenRule() {
      if (names.isEmpty() || names.size() > MAX_NAMES) {
        return "1 to " + MAX_NAMES + " names may be asked for at once";
      }
      if (names.stream().distinct().count() != names.size()) {
        return "a name is asked for twice";
      }
      if (nonce.size() != NONCE_BYTES) {
        return "the nonce must have " + NONCE_BYTES + " bytes";
      }
      if (recipients.isEmpty() || recipients.size() > 2) {
        return "there must be one or two recipients";
      }
      boolean fit = recipients.stream()
          .allMatch(recipient -> recipient.kem == null
              || recipient.publicKey.size() == recipient.kem.box.publicKeySizeBytes());
      return fit ? null : "a public key has another length than its KEM asks for";
    }

    private byte[] info() {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (DataOutputStream out = new DataOutputStream(bytes)) {
        out.write(LABEL.getBytes(US_ASCII));
        out.writeByte(0);
        field(out, 1, workspaceId.getBytes(UTF_8));
        field(out, 2, vault.getBytes(UTF_8));
        for (String name : names) {
          field(out, 3, name.getBytes(UTF_8));
        }
        field(out, 4, nonce.toByteArray());
      } catch (IOException e) {
        throw new AssertionError("Writing to memory does not fail", e);
      }
      return bytes.toByteArray();
    }

    private static void field(DataOutputStream out, int type, byte[] content) throws IOException {
      out.writeByte(type);
      out.writeInt(content.length);
      out.write(content);
    }
  }

  /**
   * Seals the values to the first recipient whose KEM is known.
   *
   * @throws RefusedCall if no KEM is known ({@code failed_precondition}), its key is invalid
   *     ({@code invalid_argument}), or the values are too many bytes ({@code out_of_range})
   */
  static SealedAnswer seal(Question question, SortedMap<String, byte[]> values) {
    Recipient recipient = question.recipients.stream()
        .filter(candidate -> candidate.kem != null)
        .findFirst()
        .orElseThrow(() -> new RefusedCall(
            Code.FAILED_PRECONDITION, "none of the recipients' KEMs can be done here"));
    byte[] plaintext = plaintext(values);
    try {
      Kem kem = requireKnown(recipient);
      byte[] sealed =
          SealedBox.seal(kem.box, recipient.publicKey.toByteArray(), plaintext, question.info());
      return new SealedAnswer(kem, ByteString.copyFrom(sealed));
    } catch (GeneralSecurityException e) {
      throw new RefusedCall(Code.INVALID_ARGUMENT, "a recipient's public key is not valid");
    } finally {
      Arrays.fill(plaintext, (byte) 0);
    }
  }

  private static Kem requireKnown(Recipient recipient) {
    if (recipient.kem == null) {
      throw new AssertionError("Recipients of an unknown KEM were left out");
    }
    return recipient.kem;
  }

  /** The message: a version, a count, then each name with its value, ascending by name. */
  private static byte[] plaintext(SortedMap<String, byte[]> values) {
    SortedMap<String, byte[]> ascending = new TreeMap<>(values);
    long size = 5;
    for (var entry : ascending.entrySet()) {
      size += 8L + entry.getKey().length() + entry.getValue().length;
    }
    if (size > MAX_PLAINTEXT_BYTES) {
      throw new RefusedCall(
          Code.OUT_OF_RANGE,
          "the values have more than " + MAX_PLAINTEXT_BYTES + " bytes; ask for fewer names");
    }
    ByteBuffer buffer = ByteBuffer.allocate((int) size);
    buffer.put((byte) 1).putInt(ascending.size());
    ascending.forEach((name, value) -> {
      byte[] nameBytes = name.getBytes(US_ASCII);
      buffer.putInt(nameBytes.length).put(nameBytes);
      buffer.putInt(value.length).put(value);
    });
    return buffer.array();
  }

  @Override
  public String toString() {
    return "SealedAnswer[" + kem + "]";
  }
}
