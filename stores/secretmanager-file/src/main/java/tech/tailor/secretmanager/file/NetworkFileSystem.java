package tech.tailor.secretmanager.file;

import java.util.Locale;
import java.util.Set;

/**
 * Knows by its type a file system whose locks and renames other machines take part in. A type that
 * is not known is taken for local.
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

  private NetworkFileSystem() {}

  static boolean isType(String type) {
    String name = type.toLowerCase(Locale.ROOT);
    return TYPES.contains(name) || (name.startsWith("fuse") && !LOCAL_FUSE.contains(name));
  }
}
