package tech.tailor.secretmanager.envelope;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;
import static tech.tailor.secretmanager.SecretSupport.quote;

import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The files of this machine. Where the file system has no POSIX permissions, files and directories
 * get those that the platform gives by default, and a directory can't be made durable by itself.
 */
final class LocalStoreFiles implements StoreFiles {

  static final StoreFiles INSTANCE = new LocalStoreFiles();

  private static final FileAttribute<Set<PosixFilePermission>> OWNER_FILE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
  private static final FileAttribute<Set<PosixFilePermission>> OWNER_DIRECTORY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
  private static final FileAttribute<?>[] PLATFORM_DEFAULT = {};

  private static final Set<String> NOT_OFFERED = Set.of(
      "Invalid argument",
      "Not supported",
      "Operation not supported",
      "Operation not supported on socket",
      "Function not implemented");

  /** How much is handed to the channel at once. */
  private static final int WRITE_SIZE_BYTES = 64 * 1024;

  private LocalStoreFiles() {}

  @Override
  public boolean exists(Path file) {
    return Files.exists(file, NOFOLLOW_LINKS);
  }

  @Override
  public FileIdentity identify(Path file) throws IOException {
    BasicFileAttributes attributes =
        Files.readAttributes(file, BasicFileAttributes.class, NOFOLLOW_LINKS);
    if (!attributes.isRegularFile()) {
      throw new FileSystemException(file.toString(), null, "not a regular file");
    }
    return new FileIdentity(attributes.fileKey(), attributes.size(), attributes.lastModifiedTime());
  }

  @Override
  public ReadFile open(Path file) throws IOException {
    // Not a channel: an interrupt would close it.
    return new StreamedFile(Files.newInputStream(file, NOFOLLOW_LINKS)) {
      @Override
      public byte[] read(int limitBytes) throws IOException {
        // What is left of a file is known, so that most often one array is enough.
        byte[] all = new byte[Math.min(input.available(), limitBytes)];
        int size = input.readNBytes(all, 0, all.length);
        byte[] more = input.readNBytes(limitBytes - size);
        if (more.length == 0 && size == all.length) {
          return all;
        }
        byte[] other = Arrays.copyOf(all, size + more.length);
        System.arraycopy(more, 0, other, size, more.length);
        return other;
      }
    };
  }

  @Override
  public ReadFile openKey(Path file) throws IOException {
    // The stream above has a channel inside, which would keep what was read in a buffer.
    return new StreamedFile(openStream(file));
  }

  private static class StreamedFile implements ReadFile {

    final InputStream input;

    private StreamedFile(InputStream input) {
      this.input = input;
    }

    @Override
    public byte[] read(int limitBytes) throws IOException {
      return input.readNBytes(limitBytes);
    }

    @Override
    public void skip(long sizeBytes) throws IOException {
      long left = sizeBytes;
      while (left > 0) {
        long skipped = input.skip(left);
        if (skipped <= 0) {
          return;
        }
        left -= skipped;
      }
    }

    @Override
    public void close() throws IOException {
      input.close();
    }
  }

  @Override
  public NewFile create(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(file, Set.of(CREATE_NEW, WRITE, NOFOLLOW_LINKS), ownerOnly(file));
    return new NewFile() {
      @Override
      public void write(byte[] bytes) throws IOException {
        writeAll(channel, bytes);
      }

      @Override
      public void force() throws IOException {
        channel.force(true);
      }

      @Override
      public void close() throws IOException {
        channel.close();
      }
    };
  }

  /**
   * Through a buffer of our own: for an array the channel would use one that it keeps, with what
   * was written.
   */
  static void writeAll(WritableByteChannel channel, byte[] bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(Math.min(bytes.length, WRITE_SIZE_BYTES));
    try {
      for (int from = 0; from < bytes.length; from += buffer.capacity()) {
        buffer.clear();
        buffer
            .put(bytes, from, Math.min(buffer.capacity(), bytes.length - from))
            .flip();
        while (buffer.hasRemaining()) {
          channel.write(buffer);
        }
      }
    } finally {
      buffer.clear();
      buffer.put(new byte[buffer.capacity()]);
    }
  }

  @Override
  public void replace(Path file, Path target) throws IOException {
    Files.move(file, target, ATOMIC_MOVE);
  }

  @Override
  public void link(Path name, Path file) throws IOException {
    Files.createLink(name, file);
  }

  @Override
  public void delete(Path file) throws IOException {
    Files.deleteIfExists(file);
  }

  @Override
  public List<Path> list(Path directory, Pattern names) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      return matching(files, names);
    }
  }

  /** An error of the directory is an {@link IOException}, as everywhere else. */
  static List<Path> matching(DirectoryStream<Path> files, Pattern names) throws IOException {
    List<Path> found = new ArrayList<>();
    try {
      for (Path file : files) {
        if (names.matcher(String.valueOf(file.getFileName())).matches()
            && Files.isRegularFile(file, NOFOLLOW_LINKS)) {
          found.add(file);
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return found;
  }

  @Override
  public void createDirectories(Path directory) throws IOException {
    Deque<Path> missing = new ArrayDeque<>();
    Path at = directory.toAbsolutePath();
    while (at != null && !Files.isDirectory(at)) {
      missing.push(at);
      at = at.getParent();
    }
    if (at != null && at.getParent() != null) {
      forceIfPossible(at.getParent());
    }
    for (Path each : missing) {
      try {
        Files.createDirectory(
            each,
            hasPermissions(each) ? new FileAttribute<?>[] {OWNER_DIRECTORY} : PLATFORM_DEFAULT);
      } catch (FileAlreadyExistsException e) {
        if (!Files.isDirectory(each)) {
          throw e;
        }
      }
      Path parent = each.getParent();
      if (parent != null) {
        forceDirectory(parent);
      }
    }
  }

  /**
   * Forces a directory that another process may have created and not forced yet. It is no error if
   * the directory can't be opened: a process that can create something in it can force it.
   */
  private void forceIfPossible(Path directory) {
    try {
      forceDirectory(directory);
    } catch (IOException e) {
      return;
    }
  }

  @Override
  public void forceDirectory(Path directory) throws IOException {
    if (!hasPermissions(directory)) {
      return;
    }
    try (FileChannel channel = FileChannel.open(directory, READ)) {
      channel.force(true);
    } catch (IOException e) {
      if (!isNotOffered(e)) {
        throw e;
      }
    }
  }

  /**
   * Whether the system says that a directory can't be forced at all: EINVAL, ENOTSUP, EOPNOTSUPP,
   * ENOSYS. Java passes on their texts only, in the language of the process's locale; Linux gives
   * EINVAL, of which that is found out.
   */
  private static boolean isNotOffered(IOException e) {
    String text = textOf(e);
    return text != null && (NOT_OFFERED.contains(text) || text.equals(invalidArgument()));
  }

  /** What the system says, without the file. */
  private static @Nullable String textOf(IOException e) {
    return e instanceof FileSystemException system && system.getReason() != null
        ? system.getReason()
        : e.getMessage();
  }

  /** The text of EINVAL, which is what moving a directory into itself gives; null if unknown. */
  private static @Nullable String invalidArgument() {
    try {
      Path directory = Files.createTempDirectory("secretmanager-");
      try {
        Files.move(directory, directory.resolve("itself"), ATOMIC_MOVE);
        return null;
      } catch (FileSystemException e) {
        return e.getReason();
      } finally {
        Files.deleteIfExists(directory);
      }
    } catch (IOException e) {
      return null; // nothing can be made there, and so the text is not known
    }
  }

  @Override
  public FileChannel createLock(Path file) throws IOException {
    return FileChannel.open(file, Set.of(CREATE_NEW, WRITE, NOFOLLOW_LINKS), ownerOnly(file));
  }

  @Override
  public FileChannel openLock(Path file) throws IOException {
    return FileChannel.open(file, WRITE, NOFOLLOW_LINKS);
  }

  private static FileInputStream openStream(Path file) throws IOException {
    try {
      return new FileInputStream(file.toFile());
    } catch (FileNotFoundException e) {
      // It says that for a file that may not be read, too.
      throw Files.notExists(file) ? new NoSuchFileException(file.toString()) : e;
    }
  }

  /** Refuses a path into an archive, say: nothing is durable there, and nothing can be locked. */
  static void requireLocal(Path path, String what) {
    if (!path.getFileSystem().equals(FileSystems.getDefault())) {
      throw new IllegalArgumentException(
          what + " needs a path of the default file system; " + quote(path)
              + " is of the file system \"" + path.getFileSystem().provider().getScheme() + "\"");
    }
  }

  /** Whether this is a file system in the manner of Unix. */
  static boolean hasPermissions(Path file) {
    return file.getFileSystem().supportedFileAttributeViews().contains("posix");
  }

  private static FileAttribute<?>[] ownerOnly(Path file) {
    return hasPermissions(file) ? new FileAttribute<?>[] {OWNER_FILE} : PLATFORM_DEFAULT;
  }
}
