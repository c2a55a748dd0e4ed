package tech.tailor.secretmanager.client.file;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretIntegrityException;

/**
 * A document whose seal was made or verified here, and the keys that open its values. Immutable and
 * thread-safe.
 *
 * @param document the content
 * @param seal vouches for it; drawn anew for each commit, so it tells two commits of one generation
 *     apart
 * @param keys by id, one for each of the document
 */
record SealedDocument(StoredDocument document, OpaqueBytes seal, Map<Long, DataKey> keys) {

  private static final String AFTER_SEAL = "\"\n}\n";

  SealedDocument {
    keys = Map.copyOf(keys);
  }

  /** Seals a document with its last key. */
  static Sealed seal(StoredDocument document, Map<Long, DataKey> keys) {
    CanonicalJson json = DocumentWriter.body(document);
    byte[] associatedData = AssociatedData.ofSeal(
        document.storeId(), document.generation(), json.buffer(), json.sizeBytes());
    OpaqueBytes seal = sealing(document, keys).seal(associatedData);
    return new Sealed(
        new SealedDocument(document, seal, keys), json.closeSeal(seal).toBytes());
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
      throw new SecretIntegrityException("The store \"" + path + "\" can't be read: "
          + e.getMessage() + ". Nothing was read from it; update the library");
    } catch (DocumentReader.NoStoreException e) {
      throw new SecretIntegrityException("The file \"" + path
          + "\" is not readable: it is no store of this library, or was damaged at its beginning ("
          + e.getMessage() + "). Nothing was read from it; check the path, or restore it from a"
          + " backup");
    } catch (CanonicalInput.MalformedException e) {
      throw new SecretIntegrityException("The store \"" + path + "\" is not readable: "
          + e.getMessage() + ". Nothing was read from it; restore it from a backup");
    }
    StoredDocument document = parsed.document();
    Map<Long, DataKey> keys = unwrap(path, document, masters, previous);
    byte[] associatedData =
        AssociatedData.ofSeal(document.storeId(), document.generation(), file, parsed.bodyBytes());
    if (!sealing(document, keys).verifies(parsed.seal(), associatedData)) {
      throw new SecretIntegrityException("The store \"" + path
          + "\" was damaged or edited: its seal does not match its content. Nothing was read from"
          + " it; restore it from a backup");
    }
    return new SealedDocument(document, parsed.seal(), keys);
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
        && sealingKey()
            .verifies(
                seal,
                AssociatedData.ofSeal(document.storeId(), document.generation(), file, bodyBytes));
  }

  /** The key that new values and the seal are encrypted with. */
  DataKey sealingKey() {
    return sealing(document, keys);
  }

  private static DataKey sealing(StoredDocument document, Map<Long, DataKey> keys) {
    long last = document.sealingKey();
    DataKey key = keys.get(last);
    if (key == null) {
      throw new IllegalStateException("No key " + last);
    }
    return key;
  }

  /**
   * A data key that is known stays known, whatever its entry says now: it may have been encrypted
   * with another master key meanwhile, and the seal shows that it is the same.
   */
  private static Map<Long, DataKey> unwrap(
      Path path,
      StoredDocument document,
      List<MasterKey> masters,
      @Nullable SealedDocument previous) {
    boolean sameStore = previous != null && previous.document.storeId().equals(document.storeId());
    Map<Long, DataKey> keys = new HashMap<>();
    for (StoredDocument.WrappedKey entry : document.keys()) {
      DataKey known = sameStore && previous != null ? previous.keys.get(entry.id()) : null;
      keys.put(
          entry.id(), known != null ? known.with(entry) : unwrap(path, document, entry, masters));
    }
    return keys;
  }

  private static DataKey unwrap(
      Path path,
      StoredDocument document,
      StoredDocument.WrappedKey entry,
      List<MasterKey> masters) {
    for (MasterKey master : masters) {
      DataKey key = DataKey.unwrap(entry, document.storeId(), master);
      if (key != null) {
        return key;
      }
    }
    throw notOpened(path, entry, masters);
  }

  /** Tells a wrong key from a damaged entry, as far as the entry's own words go. */
  static SecretIntegrityException notOpened(
      Path path, StoredDocument.WrappedKey entry, List<MasterKey> masters) {
    boolean right = masters.stream().anyMatch(master -> master.wrapping().isNamedBy(entry));
    if (right) {
      return new SecretIntegrityException("The store \"" + path
          + "\" was damaged or edited: its key entry " + entry.id()
          + " does not open, though it is of this master key. Nothing was read from it;"
          + " restore it from a backup");
    }
    return new SecretIntegrityException("The store \"" + path
        + "\" can't be opened: this is not the master key that the store was made with. "
        + hint(entry.protection()));
  }

  private static String hint(KeyProtection protection) {
    if (protection instanceof KeyProtection.ByPassphrase) {
      return "It needs a passphrase; check that this is the right one";
    }
    if (protection instanceof KeyProtection.ByKms) {
      return "It needs the KMS key whose name stands in it; check which one that is";
    }
    return "Check which key file belongs to the store";
  }
}
