package tech.tailor.secretmanager.envelope;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static tech.tailor.secretmanager.SecretSupport.oneLine;

import com.google.crypto.tink.Aead;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/**
 * The key that opens an encrypted store: in a file, in a passphrase, in what a container passes on,
 * or in a key management service. Keep it apart from the store: both together give the secrets. A
 * {@linkplain #createRecoveryFile recovery key} is one that opens a store and does no more.
 *
 * <p>Immutable and thread-safe; it may be used for several stores. It never shows itself. The raw
 * bytes are wiped as soon as the cipher is made; the copies that the cipher and the HMAC of the
 * fingerprint make for themselves stay in memory until they are collected, some for as long as a
 * thread that used them lives.
 */
public final class MasterKey {

  private static final int STANDARD_INPUT = 0;

  private final KeyWrapping wrapping;

  private MasterKey(KeyWrapping wrapping) {
    this.wrapping = wrapping;
  }

  /**
   * The key in the given file, which is made first where it is missing, with 32 random bytes and
   * for its owner's eyes only (mode 0600); missing directories above it are made too (mode 0700).
   * Of several processes that do this at once, one makes the key and all get it; a key that is
   * there is never overwritten.
   *
   * <p>Without its key a store can't be opened by anybody: keep a copy of the file, apart from the
   * store.
   *
   * @throws IllegalArgumentException if the path is not of the default file system, or looks like
   *     the text of a key
   * @throws SecretStorageException if the file can't be made or read, or others could read or
   *     exchange it, as {@link #fromFile} says; then nothing was made
   * @throws tech.tailor.secretmanager.SecretIntegrityException if the file is there and holds no
   *     key
   */
  public static MasterKey createFile(Path file) {
    return keyFile(file).create();
  }

  /**
   * Makes a recovery key, in a new file for its owner's eyes only (mode 0600), for a store whose
   * master key may get lost. A store that has been given it keeps a copy of each data key that it
   * opens; the file itself belongs away from the store and its machine, best on no machine at all.
   *
   * <p>A recovery key opens a store wherever a master key does. It can't be a store's master key:
   * after it opened the store, give that a new master key.
   *
   * @throws IllegalArgumentException if the path is not of the default file system, or looks like
   *     the text of a key
   * @throws SecretStorageException if there is a file already, which is kept; if the file can't be
   *     made; or if others could read or exchange it, as {@link #fromFile} says
   */
  public static MasterKey createRecoveryFile(Path file) {
    return keyFile(file).createRecovery();
  }

  /**
   * The key in the given file, which may be a link. What other users could read or exchange is
   * refused, where the file system has owners and modes in the manner of Unix:
   *
   * <ul>
   *   <li>The file belongs to this process's user, and nobody else may do anything with it (0600,
   *       0400). Or it belongs to root, and a group may read it (0440), as Kubernetes mounts it
   *       with {@code fsGroup}.
   *   <li>Each directory that leads to it belongs to this user or to root, and can't be written by
   *       every user or by a group with other members, unless its sticky bit is set.
   * </ul>
   *
   * <p>Owners are compared only where the system tells the number of this process's user: not where
   * {@code /proc} is hidden, and not on macOS. Modes are checked all the same.
   *
   * @throws IllegalArgumentException if the path is not of the default file system, or looks like
   *     the text of a key
   * @throws SecretStorageException if the file is missing, can't be read, or is refused; the
   *     message lists everything that has to be changed
   * @throws tech.tailor.secretmanager.SecretIntegrityException if the file holds no key
   */
  public static MasterKey fromFile(Path file) {
    return keyFile(file).read();
  }

  /**
   * The key of the given 32 bytes, which stay the caller's to wipe. They must be random: a password
   * is no key, see {@link #fromPassphrase}.
   *
   * @throws IllegalArgumentException if there are not exactly 32 bytes
   */
  public static MasterKey copyOf(byte[] bytes) {
    requireNonNull(bytes, "bytes");
    if (bytes.length != XaesGcm.KEY_SIZE_BYTES) {
      throw new IllegalArgumentException(
          "A master key has " + XaesGcm.KEY_SIZE_BYTES + " bytes, got " + bytes.length);
    }
    return adopt(bytes.clone());
  }

  /**
   * The key in an environment variable, for containers: the line that a key file holds, with or
   * without its end. A process shows its environment to every user who may inspect it, and hands it
   * to its children, and Java keeps it as a {@code String} that can't be wiped: where it is
   * possible prefer {@link #fromFileDescriptor}.
   *
   * @throws SecretStorageException if there is no such variable
   * @throws tech.tailor.secretmanager.SecretIntegrityException if the variable holds no key
   */
  public static MasterKey fromEnvironment(String variable) {
    return fromEnvironment(variable, System.getenv());
  }

  /**
   * The key in a variable of the given environment, as {@link #fromEnvironment(String)}.
   *
   * @throws SecretStorageException if there is no such variable
   * @throws tech.tailor.secretmanager.SecretIntegrityException if the variable holds no key
   */
  public static MasterKey fromEnvironment(String variable, Map<String, String> environment) {
    requireNonNull(variable, "variable");
    String text = requireNonNull(environment, "environment").get(variable);
    if (text == null) {
      throw new SecretStorageException("There is no environment variable " + oneLine(variable)
          + "; put the line into it that the store's key file holds");
    }
    byte[] line = text.getBytes(UTF_8);
    try {
      return KeyText.parse(line, "environment variable " + oneLine(variable));
    } finally {
      Arrays.fill(line, (byte) 0);
    }
  }

  /**
   * The key in a stream, such as {@link System#in}: the line that a key file holds, with or without
   * its end, and nothing after it. The stream is read to its end, and stays the caller's to close.
   *
   * @throws SecretStorageException if the stream can't be read
   * @throws tech.tailor.secretmanager.SecretIntegrityException if the stream holds no key
   */
  public static MasterKey fromStream(InputStream input) {
    requireNonNull(input, "input");
    return read(input, "stream");
  }

  /**
   * The key in an open file descriptor of this process, such as a pipe that its parent passed on:
   * for containers and service managers, which so need neither a file nor a variable. What it must
   * hold is as for {@link #fromStream}. The system must show descriptors as {@code /dev/fd}, as
   * Linux and macOS do. The descriptor itself stays open.
   *
   * <p>Linux opens the file or pipe behind it again, with the rights of this process's user. Where
   * that user may not do so, such as for a pipe or a file of root, only descriptor 0, standard
   * input, can be read. A pipe can be read once.
   *
   * @throws IllegalArgumentException if the number is negative
   * @throws SecretStorageException if there is no such descriptor, or it can't be read or opened
   *     again
   * @throws tech.tailor.secretmanager.SecretIntegrityException if it holds no key
   */
  public static MasterKey fromFileDescriptor(int descriptor) {
    if (descriptor < 0) {
      throw new IllegalArgumentException("A file descriptor is not negative, got " + descriptor);
    }
    String where = "file descriptor " + descriptor;
    try (InputStream input = new FileInputStream("/dev/fd/" + descriptor)) {
      return read(input, where);
    } catch (IOException e) {
      if (descriptor == STANDARD_INPUT) {
        return read(new FileInputStream(FileDescriptor.in), where); // as it was opened for us
      }
      throw new SecretStorageException(
          "The " + where + " can't be read; check that it was passed to this process, and that the"
              + " user of this process may read the file or pipe behind it, which is opened again."
              + " What another user alone may open, pass as standard input, which is descriptor 0",
          e);
    }
  }

  /**
   * Derives the key from a passphrase by PBKDF2 with HMAC-SHA-512, 210,000 iterations, and a random
   * salt that the store holds. The passphrase stays the caller's to wipe. Each opening takes about
   * a tenth of a second.
   *
   * <p>An attacker who has the store can try passphrases at that rate on each of their processors,
   * for as long as they want. Take at least six words drawn at random, or use a key file.
   *
   * <p>A copy of the passphrase stays in memory, outside the Java heap, for as long as this key.
   *
   * @throws IllegalArgumentException if there are fewer than 8 characters, or an unpaired surrogate
   */
  public static MasterKey fromPassphrase(char[] passphrase) {
    return new MasterKey(PassphraseWrapping.of(passphrase, PassphraseWrapping.ITERATIONS));
  }

  /** For tests: with fewer iterations. */
  static MasterKey fromPassphrase(char[] passphrase, int iterations) {
    return new MasterKey(PassphraseWrapping.of(passphrase, iterations));
  }

  /**
   * A key that stays in a key management service: it encrypts the store's data key, and decrypts it
   * when the store is opened. It is not asked for single values, nor for a change.
   *
   * <p>The data key is opened again when it was rotated by another process. If the service can't be
   * reached then, that is a {@link tech.tailor.secretmanager.SecretUnavailableException}. An
   * {@link Aead} that fails with an exception that only cryptography caused says that the key is
   * wrong; any other cause says that the service failed.
   *
   * @param name which key that is, such as a URI; it stands in the store, in clear
   * @param kms encrypts and decrypts with that key; thread-safe
   * @throws IllegalArgumentException if the name is not 1 to 256 printable ASCII characters, or has
   *     a space, a quote or a backslash
   */
  public static MasterKey fromKms(String name, Aead kms) {
    return new MasterKey(KmsWrapping.of(name, kms));
  }

  private static KeyFile keyFile(Path file) {
    if (KeyText.isKey(requireNonNull(file, "file"))) {
      throw new IllegalArgumentException("What was given as the path of a key file looks like the"
          + " key itself, and is not shown; save the key in a file and give its path, or give the"
          + " key in a variable of its own (MasterKey.fromEnvironment; TAILOR_SECRETMANAGER_KEY)");
    }
    StoreFiles.requireLocal(file, "A key file");
    return new KeyFile(file, StoreFiles.local());
  }

  private static MasterKey read(InputStream input, String where) {
    byte[] buffer = new byte[KeyText.MAX_SIZE_BYTES + 1];
    byte[] line = {};
    try {
      // Not readNBytes(int): that of a FileInputStream asks a pipe where it stands, and fails.
      int sizeBytes = input.readNBytes(buffer, 0, buffer.length);
      line = Arrays.copyOf(buffer, sizeBytes);
      return KeyText.parse(line, where);
    } catch (IOException e) {
      throw new SecretStorageException("The " + where + " with the key can't be read", e);
    } finally {
      Arrays.fill(buffer, (byte) 0);
      Arrays.fill(line, (byte) 0);
    }
  }

  /** A key of the given raw bytes, which are wiped before this returns. */
  static MasterKey adopt(byte[] raw) {
    return new MasterKey(RawKeyWrapping.adopt(raw, KeyProtection.ByKey.RAW));
  }

  /** A recovery key of the given raw bytes, which are wiped before this returns. */
  static MasterKey adoptRecovery(byte[] raw) {
    return new MasterKey(RecoveryWrapping.adopt(raw));
  }

  KeyWrapping wrapping() {
    return wrapping;
  }

  /** Whether this is a recovery key, see {@link #createRecoveryFile}. */
  public boolean isRecoveryKey() {
    return wrapping instanceof RecoveryWrapping;
  }

  /**
   * Names the key without showing it: 32 hex digits, which a store shows as {@code masterKey} for
   * each of its data keys. So an operator can tell which key file belongs to which store. It can be
   * shown to everybody; that of a KMS key is made of its name, that of a recovery key of its public
   * half. Empty for a passphrase, whose fingerprint depends on the salt of each store.
   */
  public Optional<String> fingerprint() {
    return wrapping.fingerprint().map(OpaqueBytes::toHex);
  }

  /** For tests: the cipher of a key of raw bytes. */
  XaesGcm cipher() {
    return ((RawKeyWrapping) wrapping).cipher();
  }

  /** Returns the same text for every key. */
  @Override
  public String toString() {
    return "MasterKey[redacted]";
  }
}
