package tech.tailor.secretmanager;

import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.Optional;

/** A value from a file. */
record FileSource(Path file, boolean withoutLineEnd) implements SecretSource {

  @Override
  public Optional<SecretValue> read(SecretRef ref) {
    if (isMissing(ref)) {
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
      int end = withoutLineEnd ? withoutLineEnd(buffer, length) : length;
      return end == 0
          ? Optional.empty()
          : Optional.of(
              SecretValue.adopt(Arrays.copyOf(buffer, end), SecretMetadata.unversioned()));
    } catch (FileNotFoundException e) {
      throw new SecretStorageException(failed(ref, "it may not be read"), e);
    } catch (IOException | UnsupportedOperationException e) {
      throw new SecretStorageException(failed(ref, "it could not be read"), e);
    } finally {
      Arrays.fill(buffer, (byte) 0);
    }
  }

  /** Whether there is no such file; a link that leads nowhere is one that can't be read. */
  private boolean isMissing(SecretRef ref) {
    try {
      if (!Files.readAttributes(file, BasicFileAttributes.class).isRegularFile()) {
        // A pipe would be waited for without an end.
        throw new SecretStorageException(failed(ref, "it is not a regular file"));
      }
      return false;
    } catch (NoSuchFileException e) {
      if (Files.isSymbolicLink(file)) {
        throw new SecretStorageException(failed(ref, "it is a link that leads nowhere"), e);
      }
      return true;
    } catch (IOException e) { // such as a directory on the way that may not be searched
      throw new SecretStorageException(failed(ref, "it may not be looked at"), e);
    }
  }

  @Override
  public String origin() {
    return "the file " + file;
  }

  @Override
  public String toString() {
    return "SecretSource[" + origin() + "]";
  }

  private String failed(SecretRef ref, String why) {
    return "The file \"" + file + "\" can't be the value of the secret " + ref + ": " + why;
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
