package tech.tailor.secretmanager.etcd;

import static java.lang.System.Logger.Level.DEBUG;

import io.etcd.jetcd.Client;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.options.WatchOption;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A watch of etcd on the head of a store, which only says that there is a reason to look. jetcd
 * resumes it after most failures; after the others, {@link #ensure} begins another one.
 * Thread-safe.
 */
final class HeadWatch implements AutoCloseable {

  private static final System.Logger LOGGER = System.getLogger(HeadWatch.class.getName());

  private static final WatchOption OPTION = WatchOption.builder()
      .withCreateNotify(true) // a look after it began finds what came before it
      .withRequireLeader(true) // a member that is cut off from the others says so
      .build();

  private final Client client;
  private final String head;
  private final Runnable reason;
  private final AtomicReference<Watch.@Nullable Watcher> watcher = new AtomicReference<>();
  private volatile boolean closed;

  HeadWatch(Client client, String head, Runnable reason) {
    this.client = client;
    this.head = head;
    this.reason = reason;
  }

  /** Begins the watch, unless it is there. */
  void ensure() {
    Watch.Watcher now = watcher.get();
    if (closed || (now != null && !now.isClosed())) {
      return;
    }
    try {
      watcher.set(client
          .getWatchClient()
          .watch(
              Etcd.bytes(head),
              OPTION,
              Watch.listener(answer -> reason.run(), HeadWatch::failed, () -> {})));
    } catch (RuntimeException e) { // a client that was closed; the next look tells it
      failed(e);
    }
    if (closed) {
      close();
    }
  }

  private static void failed(Throwable e) {
    LOGGER.log(DEBUG, () -> "The watch of etcd failed with a " + e.getClass().getName());
  }

  @Override
  public void close() {
    closed = true;
    Watch.Watcher now = watcher.getAndSet(null);
    if (now != null) {
      now.close();
    }
  }
}
