package tech.tailor.secretmanager.file;

import static java.util.concurrent.TimeUnit.NANOSECONDS;
import static tech.tailor.secretmanager.SecretSupport.quote;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.SecretTimeoutException;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.envelope.StoreFiles;

/**
 * One writer at a time, among the threads of this process and among processes. Thread-safe.
 *
 * <p>The kernel's lock belongs to a process, not to a channel: if <em>any</em> channel on the lock
 * file is closed, the process loses the lock, and does not notice. So all stores of this process on
 * one lock file share one channel, which is closed when the last of them is. The kernel's lock does
 * not exclude threads; so a fair {@link ReentrantLock} comes before it, and only the thread that
 * holds that one uses the channel.
 *
 * <p>A second class loader has a channel of its own, and may hold the lock through it. So a channel
 * stays open until it is known that nothing in this process holds the lock.
 *
 * <p>No writer steals a lock: the kernel drops it when its process ends, however it ends.
 */
final class StoreLock implements AutoCloseable {

  private static final long POLL_MIN_NANOS = 200_000;
  private static final long POLL_MAX_NANOS = 1_000_000;

  /**
   * Taken to get a lock, and to close a channel: nobody may get the lock while a channel is being
   * closed. A literal, since those are the same object for all class loaders.
   */
  private static final String ALL_LOADERS = "tech.tailor.secretmanager.file.StoreLock";

  /**
   * By the lock file's key, or by its path where files have none. One without users waits to be
   * closed. Guards itself.
   */
  private static final Map<Object, Shared> SHARED = new HashMap<>();

  private final Path file;
  private final StoreFiles files;
  private final Duration timeout;

  /** What keeps the channel open between two writes; guarded by {@link #SHARED}. */
  private @Nullable Shared kept;

  private boolean closed;

  StoreLock(Path file, StoreFiles files, Duration timeout) {
    this.file = file;
    this.files = files;
    this.timeout = timeout;
  }

  /**
   * Does the work while nobody else writes. A thread that is interrupted while it waits gives up;
   * one that need not wait goes on.
   *
   * @throws SecretTimeoutException if another writer held the lock for too long
   * @throws SecretUnavailableException if the thread was interrupted while it waited
   * @throws SecretStorageException if the lock file can't be used
   * @throws IllegalStateException if the thread holds the lock already
   */
  <T> T whileHeld(Supplier<T> work) {
    long deadlineNanos = System.nanoTime() + timeout.toNanos();
    Shared shared = retain();
    try {
      if (shared.order.isHeldByCurrentThread()) {
        throw new IllegalStateException(
            "The store of the lock " + quote(file) + " is being changed by"
                + " this very thread, in one commit; use the store that was passed to those changes");
      }
      lockAmongThreads(shared, deadlineNanos);
      try {
        FileLock lock = lockAmongProcesses(shared, deadlineNanos);
        try {
          return work.get();
        } finally {
          unlock(lock);
        }
      } finally {
        shared.order.unlock();
      }
    } finally {
      release(shared);
    }
  }

  /** Lets go of the channel. Work that is under way is finished under its lock. */
  @Override
  public void close() {
    Shared last;
    synchronized (SHARED) {
      closed = true;
      last = kept;
      kept = null;
    }
    if (last != null) {
      release(last);
    }
  }

  private Shared retain() {
    try {
      synchronized (SHARED) {
        Shared shared = kept != null ? kept : find();
        shared.users++;
        if (kept == null && !closed) {
          kept = shared;
          shared.users++;
        }
        return shared;
      }
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  private Shared find() throws IOException {
    FileChannel created = files.exists(file) ? null : create();
    if (created != null) {
      // Not there before, so no other channel of this class loader can be on it.
      Shared shared = new Shared(created);
      try {
        shared.key = key();
      } finally {
        SHARED.put(shared.key, shared); // if it has no user it will be closed
      }
      return shared;
    }
    Object key = key();
    Shared shared = SHARED.get(key);
    if (shared == null) {
      shared = new Shared(files.openLock(file));
      shared.key = key;
      SHARED.put(key, shared);
    }
    return shared;
  }

  /** The channel on a new lock file, or null if somebody else was faster. */
  private @Nullable FileChannel create() throws IOException {
    try {
      return files.createLock(file);
    } catch (FileAlreadyExistsException e) {
      return null;
    }
  }

  private Object key() throws IOException {
    Object key = files.identify(file).key();
    return key != null ? key : file.toRealPath();
  }

  private static void release(Shared shared) {
    synchronized (SHARED) {
      shared.users--;
      SHARED.values().removeIf(each -> each.users == 0 && closed(each.channel));
    }
  }

  /** Closes the channel, unless somebody in this process would lose the lock by that. */
  private static boolean closed(FileChannel channel) {
    synchronized (ALL_LOADERS) {
      if (!channel.isOpen()) {
        return true;
      }
      try {
        // Ours, or null if it is another process's: in both cases nobody else in this one has it.
        channel.tryLock();
      } catch (OverlappingFileLockException e) {
        return false;
      } catch (IOException e) {
        return false; // not known
      }
      try {
        channel.close();
      } catch (IOException e) {
        // Nobody holds the lock and nothing was written to this file: nothing is lost.
        return true;
      }
      return true;
    }
  }

  private void lockAmongThreads(Shared shared, long deadlineNanos) {
    boolean locked;
    if (Thread.currentThread().isInterrupted()) {
      locked = shared.order.tryLock(); // the other one would throw, even if it need not wait
      if (!locked) {
        throw interrupted();
      }
      return;
    }
    try {
      locked = shared.order.tryLock(deadlineNanos - System.nanoTime(), NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw interrupted();
    }
    if (!locked) {
      throw timedOut();
    }
  }

  private FileLock lockAmongProcesses(Shared shared, long deadlineNanos) {
    while (true) {
      try {
        FileLock lock = tryLock(shared);
        if (lock != null) {
          requireSameFile(shared, lock);
          return lock;
        }
      } catch (NoSuchFileException e) {
        throw replaced();
      } catch (IOException e) {
        throw unusable(e);
      }
      if (Thread.currentThread().isInterrupted()) {
        throw interrupted();
      }
      if (System.nanoTime() - deadlineNanos >= 0) {
        throw timedOut();
      }
      LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(POLL_MIN_NANOS, POLL_MAX_NANOS));
    }
  }

  private @Nullable FileLock tryLock(Shared shared) throws IOException {
    synchronized (ALL_LOADERS) {
      if (!shared.channel.isOpen()) {
        shared.channel = files.openLock(file);
      }
      try {
        return shared.channel.tryLock();
      } catch (OverlappingFileLockException e) {
        return null; // this library is loaded a second time in this process
      }
    }
  }

  /** A lock file that was deleted locks nobody out who makes a new one. */
  private void requireSameFile(Shared shared, FileLock lock) throws IOException {
    boolean same = false;
    try {
      same = shared.key.equals(key());
    } finally {
      if (!same) {
        unlock(lock);
      }
    }
    if (!same) {
      throw replaced();
    }
  }

  private static void unlock(FileLock lock) {
    try {
      lock.release();
    } catch (IOException e) {
      // Can't be told from a lock that is held on: close the channel, which drops it for certain.
      synchronized (ALL_LOADERS) {
        try {
          lock.acquiredBy().close();
        } catch (IOException again) {
          return;
        }
      }
    }
  }

  private SecretStorageException replaced() {
    return new SecretStorageException(
        "The lock file " + quote(file) + " was deleted or replaced while"
            + " the store was open, so another process could write at the same time; nothing was"
            + " changed. Close the store and open it again, and never delete that file");
  }

  private SecretManagerException timedOut() {
    return new SecretTimeoutException("Another writer held the lock " + quote(file)
        + " for longer than " + timeout.toMillis() + " ms; nothing was changed. Try again");
  }

  private SecretManagerException interrupted() {
    return new SecretUnavailableException("The thread was interrupted while it waited for the lock "
        + quote(file) + "; nothing was changed");
  }

  private SecretStorageException unusable(IOException e) {
    return new SecretStorageException(
        "The lock file " + quote(file)
            + " can't be used" + StorageTrouble.inWords(e)
            + "; nothing was changed. Check that the store's directory can be written",
        e);
  }

  /** What all stores of this process on one lock file have in common. */
  private static final class Shared {

    private final ReentrantLock order = new ReentrantLock(true);

    /** The holder of {@link #order} replaces it if it was closed. */
    private volatile FileChannel channel;

    /** Until it is known, an object that no other one has. Set before anybody else sees this. */
    private Object key = new Object();

    /** Guarded by {@link #SHARED}. */
    private int users;

    private Shared(FileChannel channel) {
      this.channel = channel;
    }
  }
}
