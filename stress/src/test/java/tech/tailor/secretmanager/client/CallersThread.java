package tech.tailor.secretmanager.client;

import com.github.benmanes.caffeine.cache.Scheduler;
import java.time.Duration;
import java.util.List;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.spi.SecretBackend;

/**
 * Opens managers that do everything on the calling thread, calls to the backend too: a model
 * checker decides which thread runs when, and knows only those that it started.
 */
public final class CallersThread {

  private CallersThread() {}

  public static SecretManager open(SecretBackend backend) {
    CacheSettings settings = SecretManagers.builder(backend)
        .ticker(() -> 0)
        .refreshAhead(Duration.ZERO)
        .settings(Scheduler.disabledScheduler());
    ManagerExecutors none = new ManagerExecutors(Runnable::run);
    GuardedBackend guarded = new GuardedBackend(backend);
    BackendCalls calls = new CallScheduler(guarded::fetch, Runnable::run);
    Listeners nobody = new Listeners(List.of(), none);
    return new DefaultSecretManager(
        new SecretCache(guarded, calls, settings, nobody, none),
        new Declarations(List.of()),
        none,
        Duration.ZERO,
        guarded::close);
  }
}
