package tech.tailor.secretmanager;

import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.CharBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A value from a file.
 *
 * @param isText whether it is text with a line end, and otherwise whatever bytes it holds
 */
record FileSource(Path file, boolean isText) implements SecretSource {

  @Override
  public Optional<SecretValue> read(SecretRef ref) {
    if (attributes(ref) == null) {
      return Optional.empty();
    }
    byte[] buffer = new byte[SecretValue.MAX_SIZE_BYTES + 1];
    // A channel would keep a copy of what is read in a buffer of its own.
    try (InputStream input = new FileInputStream(file.toFile())) {
      int length = input.readNBytes(buffer, 0, buffer.length);
      if (length == buffer.length) {
        throw new SecretLimitException(failed(
            ref, "a value has at most " + SecretValue.MAX_SIZE_BYTES + " bytes, and it has more"));
      }
      byte[] value = Arrays.copyOf(buffer, isText ? withoutLineEnd(buffer, length) : length);
      if (isText) {
        requireText(ref, value);
      }
      return value.length == 0 || (isText && isBlank(value))
          ? Optional.empty()
          : Optional.of(SecretValue.adopt(value, SecretMetadata.unversioned()));
    } catch (FileNotFoundException e) {
      throw new SecretStorageException(failed(ref, "it may not be read"), e);
    } catch (IOException | UnsupportedOperationException e) {
      throw new SecretStorageException(failed(ref, "it could not be read"), e);
    } finally {
      Arrays.fill(buffer, (byte) 0);
    }
  }

  @Override
  public boolean isKnownToBeEmpty(SecretRef ref) {
    BasicFileAttributes attributes = attributes(ref);
    return attributes == null
        || attributes.size() == 0
        || (isText && attributes.size() <= SecretValue.MAX_SIZE_BYTES && isBlank());
  }

  /** Looks at no more than the first character that is not white space. */
  private boolean isBlank() {
    try (InputStream input = new FileInputStream(file.toFile())) {
      int unit = input.read();
      while (unit >= 0 && isWhitespace(unit, input)) {
        unit = input.read();
      }
      return unit < 0;
    } catch (IOException | UnsupportedOperationException e) {
      return false; // reading the value tells why
    }
  }

  /** White space that is not ASCII has three bytes. */
  private static boolean isWhitespace(int unit, InputStream input) throws IOException {
    return unit < 0x80
        ? Character.isWhitespace(unit)
        : isBlank(new byte[] {(byte) unit, (byte) input.read(), (byte) input.read()});
  }

  /**
   * Returns the attributes of the file, or null if it is missing. A dangling link is not missing.
   */
  private @Nullable BasicFileAttributes attributes(SecretRef ref) {
    try {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      if (!attributes.isRegularFile()) {
        // A pipe would be waited for without an end.
        throw new SecretStorageException(failed(ref, "it is not a regular file"));
      }
      return attributes;
    } catch (NoSuchFileException e) {
      if (Files.isSymbolicLink(file)) {
        throw new SecretStorageException(failed(ref, "it is a link that leads nowhere"), e);
      }
      return null;
    } catch (IOException e) { // such as a directory on the way that may not be searched
      throw new SecretStorageException(failed(ref, "it may not be looked at"), e);
    }
  }

  @Override
  public String origin() {
    return "the file " + MessageText.oneLine(file.toString());
  }

  @Override
  public String toString() {
    return "SecretSource[" + origin() + "]";
  }

  private void requireText(SecretRef ref, byte[] value) {
    String broken = TextFiles.broken(value);
    if (broken != null) {
      Arrays.fill(value, (byte) 0);
      throw new SecretEncodingException(failed(
          ref,
          broken + "; save it as UTF-8 without a byte order mark, or take every byte of it with"
              + " SecretSource.file"));
    }
  }

  private String failed(SecretRef ref, String why) {
    return "The file " + MessageText.quote(file) + " can't be the value of the secret " + ref + ": "
        + why;
  }

  private static boolean isBlank(byte[] utf8) {
    char @Nullable [] text = Utf8.decode(utf8);
    if (text == null) {
      return false;
    }
    try {
      return CharBuffer.wrap(text).chars().allMatch(Character::isWhitespace);
    } finally {
      Arrays.fill(text, '\0');
    }
  }

  private static int withoutLineEnd(byte[] bytes, int length) {
    int end = length;
    if (end > 0 && bytes[end - 1] == '\n') {
      end--;
      if (end > 0 && bytes[end - 1] == '\r') {
        end--;
      }
    }
    return end;
  }
}
