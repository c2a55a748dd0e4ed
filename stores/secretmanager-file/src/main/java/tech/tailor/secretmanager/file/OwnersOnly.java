package tech.tailor.secretmanager.file;

import static tech.tailor.secretmanager.SecretSupport.quote;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.envelope.StoreFiles;

/**
 * Refuses a store that another user could write or replace. Others may read it; root is not kept
 * out.
 */
final class OwnersOnly {

  private OwnersOnly() {}

  /**
   * Refuses with everything that is to be mended, in one message.
   *
   * @param file of the store; if it is not there yet, what is there of its path counts
   */
  static void require(Path file) {
    String refusal = refusal(file);
    if (refusal != null) {
      throw new SecretStorageException(refusal);
    }
  }

  /** What {@link #require} would say; null if nothing. */
  static @Nullable String refusal(Path file) {
    List<String> findings;
    try {
      findings = StoreFiles.otherWriters(file);
    } catch (IOException e) {
      throw new SecretStorageException(
          "Who may write the store " + quote(file) + " can't be told" + StorageTrouble.inWords(e)
              + "; check its path",
          e);
    }
    return findings.isEmpty()
        ? null
        : "The store " + quote(file)
            + " could be written by others than its owner, or replaced by them; nothing was made"
            + " or changed:\n  - " + String.join("\n  - ", findings)
            + "\nWhere that can't be done, and everybody who may write there is to be trusted, as"
            + " in a volume of one container, allow it with FileSecretStore.builder(...)"
            + ".allowSharedDirectory() or " + FileSecretStoreProvider.ALLOW + "="
            + FileSecretStoreProvider.SHARED_DIRECTORY;
  }
}
