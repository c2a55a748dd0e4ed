package tech.tailor.secretmanager.file;

import static java.util.Objects.requireNonNull;
import static tech.tailor.secretmanager.SecretSupport.quote;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.envelope.StoreFiles;

/**
 * Refuses stores on file systems whose locks and renames other machines take part in, which it
 * knows by their types. A type that is not known is taken for local.
 */
final class NetworkFileSystem {

  private static final Set<String> TYPES = Set.of(
      "nfs",
      "nfs3",
      "nfs4",
      "cifs",
      "smb",
      "smb2",
      "smb3",
      "smbfs",
      "ncpfs",
      "afs",
      "afpfs",
      "webdav",
      "davfs",
      "ceph",
      "glusterfs",
      "lustre",
      "gpfs",
      "9p",
      "osxfuse",
      "macfuse");

  /** Of the file systems in user space, those that are local. */
  private static final Set<String> LOCAL_FUSE = Set.of("fuseblk", "fuse.fuse-overlayfs");

  private static final String ALLOW = "FileSecretStore.builder(...).allowNetworkFileSystem() or "
      + FileSecretStoreProvider.ALLOW + "=" + FileSecretStoreProvider.NETWORK_FILE_SYSTEM;

  private NetworkFileSystem() {}

  /**
   * Refuses to write a store where other machines take part, or may take part: neither its lock nor
   * its renaming can be relied on there.
   *
   * @param file of the store, which need not be there, nor its directory
   * @throws SecretStorageException if the file system is no local one, or can't be told
   */
  static void refuse(Path file, StoreFiles files) {
    String type;
    try {
      type = files.fileSystemType(existing(requireNonNull(file.getParent())));
    } catch (IOException e) {
      throw new SecretStorageException(
          "What file system the store " + quote(file) + " is on can't be told, so it may be one of"
              + " another machine; nothing was changed. On Linux that needs /proc. If the store is on"
              + " a local file system, or one machine alone writes it, allow that with "
              + ALLOW,
          e);
    }
    if (isType(type)) {
      throw new SecretStorageException("The store " + quote(file)
          + " is on a network file system (" + type + "), whose locks and renames don't promise"
          + " what a store needs; nothing was changed. Put it on a local one, or, if one machine"
          + " alone writes it, allow that with " + ALLOW);
    }
  }

  /** The directory, or the nearest above it that is there. */
  private static Path existing(Path directory) {
    Path at = directory;
    while (at.getParent() != null && !Files.isDirectory(at)) {
      at = at.getParent();
    }
    return at;
  }

  static boolean isType(String type) {
    String name = type.toLowerCase(Locale.ROOT);
    return TYPES.contains(name) || (name.startsWith("fuse") && !LOCAL_FUSE.contains(name));
  }
}
