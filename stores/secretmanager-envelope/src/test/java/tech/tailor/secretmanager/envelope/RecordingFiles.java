package tech.tailor.secretmanager.envelope;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;

/** The real files, with a record of every call, and some calls that fail. */
public final class RecordingFiles implements StoreFiles {

  private final StoreFiles real;

  /** The name of each call that can fail, in order. */
  public final List<String> calls = new CopyOnWriteArrayList<>();

  /** Everything that was written, and every file as it stood just before it was published. */
  public final List<byte[]> written = new CopyOnWriteArrayList<>();

  /** Runs before each call that can fail, with its name, on the thread that makes it. */
  public volatile Consumer<String> before = call -> {};

  /** Runs before a file is published, on the thread that publishes it. */
  public volatile Runnable beforeReplace = () -> {};

  /** The type that the file system seems to have. */
  public volatile String fileSystemType = "ext4";

  private volatile Set<Integer> failAt = Set.of();
  private volatile boolean afterwards;
  private volatile Function<String, IOException> error = IOException::new;

  public RecordingFiles() {
    this(StoreFiles.local());
  }

  public RecordingFiles(StoreFiles real) {
    this.real = real;
  }

  /** Lets the call of that number fail, counted from the next one: instead of it, or after it. */
  public void failAt(int call, boolean afterTheEffect) {
    failAt(Set.of(call), afterTheEffect, IOException::new);
  }

  /** The same for several calls, with an error that is made from what happened. */
  public void failAt(
      Set<Integer> failing, boolean afterTheEffect, Function<String, IOException> failure) {
    calls.clear();
    afterwards = afterTheEffect;
    error = failure;
    failAt = Set.copyOf(failing);
  }

  public void failNoMore() {
    failAt = Set.of();
  }

  private interface Effect<T> {
    T run() throws IOException;
  }

  private interface VoidEffect {
    void run() throws IOException;
  }

  private <T> T call(String name, Effect<T> effect) throws IOException {
    before.accept(name);
    return recorded(name, effect);
  }

  private synchronized <T> T recorded(String name, Effect<T> effect) throws IOException {
    boolean fails = failAt.contains(calls.size());
    calls.add(name);
    if (fails && !afterwards) {
      throw error.apply("injected instead of " + name);
    }
    T result = effect.run();
    if (fails) {
      if (result instanceof AutoCloseable opened) {
        try {
          opened.close();
        } catch (Exception e) {
          throw new IOException(e);
        }
      }
      throw error.apply("injected after " + name);
    }
    return result;
  }

  private void call(String name, VoidEffect effect) throws IOException {
    this.<Boolean>call(name, () -> {
      effect.run();
      return true;
    });
  }

  @Override
  public boolean exists(Path file) {
    return real.exists(file);
  }

  @Override
  public FileIdentity identify(Path file) throws IOException {
    return call("identify", () -> real.identify(file));
  }

  @Override
  public ReadFile open(Path file) throws IOException {
    return recorded(call("open", () -> real.open(file)));
  }

  @Override
  public ReadFile openKey(Path file) throws IOException {
    return recorded(call("open", () -> real.openKey(file)));
  }

  private ReadFile recorded(ReadFile opened) {
    return new ReadFile() {
      @Override
      public byte[] read(int limitBytes) throws IOException {
        return call("read", () -> opened.read(limitBytes));
      }

      @Override
      public void skip(long sizeBytes) throws IOException {
        call("skip", () -> opened.skip(sizeBytes));
      }

      @Override
      public void close() throws IOException {
        opened.close();
      }
    };
  }

  @Override
  public NewFile create(Path file) throws IOException {
    NewFile created = call("create", () -> real.create(file));
    return new NewFile() {
      @Override
      public void write(byte[] bytes) throws IOException {
        written.add(bytes.clone());
        call("write", () -> created.write(bytes));
      }

      @Override
      public void force() throws IOException {
        call("force", created::force);
      }

      @Override
      public void close() throws IOException {
        call("close", created::close);
      }
    };
  }

  @Override
  public void replace(Path file, Path target) throws IOException {
    beforeReplace.run();
    written.add(Files.readAllBytes(file));
    call("replace", () -> real.replace(file, target));
  }

  @Override
  public void link(Path name, Path file) throws IOException {
    call("link", () -> real.link(name, file));
  }

  @Override
  public void delete(Path file) throws IOException {
    call("delete", () -> real.delete(file));
  }

  @Override
  public List<Path> list(Path directory, Pattern names) throws IOException {
    return call("list", () -> real.list(directory, names));
  }

  @Override
  public void createDirectories(Path directory) throws IOException {
    call("createDirectories", () -> real.createDirectories(directory));
  }

  @Override
  public void forceDirectory(Path directory) throws IOException {
    call("forceDirectory", () -> real.forceDirectory(directory));
  }

  @Override
  public String fileSystemType(Path directory) {
    return fileSystemType;
  }

  @Override
  public FileChannel createLock(Path file) throws IOException {
    return call("createLock", () -> real.createLock(file));
  }

  @Override
  public FileChannel openLock(Path file) throws IOException {
    return call("openLock", () -> real.openLock(file));
  }
}
