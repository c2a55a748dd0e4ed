package tech.tailor.secretmanager.file;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import tech.tailor.secretmanager.envelope.ForwardingFiles;
import tech.tailor.secretmanager.envelope.StoreFiles;

/** How files are written: as the store does it, or in a way that a suite must catch. */
enum Protocol {

  /** The store's own. */
  OURS(StoreFiles.local()),

  /** A file's name is not made durable. */
  WITHOUT_DIRECTORY_FSYNC(new ForwardingFiles() {
    @Override
    public void forceDirectory(Path directory) {}
  }),

  /** Nothing is made durable. */
  WITHOUT_FSYNC(new ForwardingFiles() {
    @Override
    public void forceDirectory(Path directory) {}

    @Override
    public NewFile create(Path file) throws IOException {
      NewFile created = super.create(file);
      return new NewFile() {
        @Override
        public void write(byte[] bytes) throws IOException {
          created.write(bytes);
        }

        @Override
        public void force() {}

        @Override
        public void close() throws IOException {
          created.close();
        }
      };
    }
  }),

  /** The file is truncated and written in its place, piece by piece. */
  IN_PLACE(new ForwardingFiles() {
    @Override
    public void replace(Path file, Path target) throws IOException {
      byte[] content = Files.readAllBytes(file);
      try (var output = Files.newOutputStream(target)) {
        for (byte each : content) {
          output.write(each);
        }
      }
      Files.delete(file);
    }
  }),

  /**
   * Each process has a lock of its own, and takes its time between the last look and the change.
   */
  WITHOUT_LOCK(new ForwardingFiles() {
    @Override
    public FileChannel openLock(Path file) throws IOException {
      String own = "lock-of-" + ProcessHandle.current().pid();
      return FileChannel.open(file.resolveSibling(own), CREATE, WRITE);
    }

    @Override
    public List<Path> list(Path directory, Pattern names) {
      return List.of(); // what others are writing is no orphan
    }

    @Override
    public void replace(Path file, Path target) throws IOException {
      LockSupport.parkNanos(2_000_000);
      super.replace(file, target);
    }
  });

  private final StoreFiles files;

  Protocol(StoreFiles files) {
    this.files = files;
  }

  StoreFiles files() {
    return files;
  }
}
