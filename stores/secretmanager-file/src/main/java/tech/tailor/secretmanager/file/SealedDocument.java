package tech.tailor.secretmanager.file;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static tech.tailor.secretmanager.SecretSupport.quote;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.envelope.Envelope;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/**
 * A document with a seal that this process made or verified, and the data keys of its values.
 * Immutable and thread-safe.
 *
 * @param document the content
 * @param seal authenticates it; random for each commit, so it distinguishes two commits of one
 *     generation
 * @param envelope the data keys of the document
 */
record SealedDocument(StoredDocument document, OpaqueBytes seal, Envelope envelope) {

  /** Names this kind of store in what its ciphertexts are bound to; part of the format. */
  static final String LABEL = "tsm-file";

  private static final String AFTER_SEAL = "\"\n}\n";

  /** Seals a document with its last key. */
  static Sealed seal(StoredDocument document, Envelope envelope) {
    CanonicalJson json = DocumentWriter.body(document);
    OpaqueBytes seal = envelope.seal(document.generation(), json.buffer(), json.sizeBytes());
    return new Sealed(
        new SealedDocument(document, seal, envelope), json.closeSeal(seal).toBytes());
  }

  /**
   * A document that was sealed just now, and the bytes of its file. Not to be kept: it is large.
   */
  static final class Sealed {

    private final SealedDocument content;
    private final byte[] file;

    private Sealed(SealedDocument content, byte[] file) {
      this.content = content;
      this.file = file;
    }

    SealedDocument content() {
      return content;
    }

    int sizeBytes() {
      return file.length;
    }

    /** No copy; nobody changes it. */
    byte[] file() {
      return file;
    }
  }

  /**
   * Reads a file and verifies its seal; decrypts nothing but the data keys.
   *
   * @param path for messages
   * @param previous what this process last read, whose keys are taken over if they are the same
   * @throws SecretIntegrityException if the file is anything but what was last written with the
   *     master key
   */
  static SealedDocument open(
      Path path, byte[] file, MasterKey master, @Nullable SealedDocument previous) {
    return open(path, file, List.of(master), previous);
  }

  /** The same with one of several master keys. */
  static SealedDocument open(
      Path path, byte[] file, List<MasterKey> masters, @Nullable SealedDocument previous) {
    DocumentReader.Parsed parsed;
    try {
      parsed = DocumentReader.read(file);
    } catch (DocumentReader.NewerFormatException e) {
      throw new SecretIntegrityException("The store " + quote(path) + " can't be read: "
          + e.getMessage() + ". Nothing was read from it; update the library");
    } catch (DocumentReader.NoStoreException e) {
      throw new SecretIntegrityException("The file " + quote(path)
          + " is not readable: it is no store of this library, or was damaged at its beginning ("
          + e.getMessage() + "). Nothing was read from it; check the path, or restore it from a"
          + " backup");
    } catch (CanonicalInput.MalformedException e) {
      throw new SecretIntegrityException("The store " + quote(path) + " is not readable: "
          + e.getMessage() + ". Nothing was read from it; restore it from a backup");
    }
    StoredDocument document = parsed.document();
    Envelope envelope = Envelope.open(
        LABEL,
        document.storeId(),
        document.keys(),
        document.recovery(),
        masters,
        previous == null ? null : previous.envelope,
        describe(path));
    if (!envelope.verifies(parsed.seal(), document.generation(), file, parsed.bodyBytes())) {
      throw new SecretIntegrityException("The store " + quote(path)
          + " was damaged or edited: its seal does not match its content. Nothing was read from"
          + " it; restore it from a backup");
    }
    return new SealedDocument(document, parsed.seal(), envelope);
  }

  /**
   * Whether the file holds just this: it ends in this seal, and the seal is of the bytes before it.
   * The bytes are then those that the document was read from or written as, so that they need not
   * be parsed again.
   */
  boolean isIn(byte[] file) {
    byte[] end = (seal.toBase64() + AFTER_SEAL).getBytes(US_ASCII);
    int bodyBytes = file.length - end.length;
    return bodyBytes > 0
        && Arrays.equals(file, bodyBytes, file.length, end, 0, end.length)
        && envelope.verifies(seal, document.generation(), file, bodyBytes);
  }

  /** Names the store in the messages of its envelope. */
  static String describe(Path path) {
    return "store " + quote(path);
  }
}
