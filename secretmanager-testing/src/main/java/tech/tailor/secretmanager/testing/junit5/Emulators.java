package tech.tailor.secretmanager.testing.junit5;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import tech.tailor.secretmanager.testing.emulator.SecretManagerEmulator;

/**
 * The emulators of a test class: as many as its tests run at the same time, most often one. A test
 * takes one, and gives it back. Thread-safe.
 */
final class Emulators implements AutoCloseable {

  private final String owner;

  /** Guarded by this, as is the other. */
  private final List<SecretManagerEmulator> started = new ArrayList<>();

  private final Deque<SecretManagerEmulator> idle = new ArrayDeque<>();

  /**
   * None yet.
   *
   * @param owner the id of the context that closes them
   */
  Emulators(String owner) {
    this.owner = owner;
  }

  String owner() {
    return owner;
  }

  /** The first of them, which tests that run one after the other take. */
  synchronized SecretManagerEmulator first() {
    dropClosed();
    if (started.isEmpty()) {
      idle.addLast(start());
    }
    return started.get(0);
  }

  synchronized SecretManagerEmulator take() {
    dropClosed();
    SecretManagerEmulator taken = idle.pollFirst();
    return taken != null ? taken : start();
  }

  /** Takes it back, without anything of the test that had it, which may have closed it. */
  void giveBack(SecretManagerEmulator emulator) {
    if (!emulator.isClosed()) {
      emulator.reset();
    }
    synchronized (this) {
      idle.addFirst(emulator);
    }
  }

  private void dropClosed() {
    started.removeIf(SecretManagerEmulator::isClosed);
    idle.removeIf(SecretManagerEmulator::isClosed);
  }

  private SecretManagerEmulator start() {
    SecretManagerEmulator emulator = SecretManagerEmulator.start();
    started.add(emulator);
    return emulator;
  }

  @Override
  public synchronized void close() {
    started.forEach(SecretManagerEmulator::close);
  }
}
