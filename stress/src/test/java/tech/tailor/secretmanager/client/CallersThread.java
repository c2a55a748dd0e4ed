package tech.tailor.secretmanager.client;

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
    CacheSettings settings =
        CacheSettings.DEFAULTS.withTicker(() -> 0).withRefreshAhead(Duration.ZERO);
    ManagerExecutors none = new ManagerExecutors(Runnable::run, Runnable::run, Runnable::run, List.of());
    GuardedBackend guarded = new GuardedBackend(backend, settings.fetchTimeout(), none);
    return new DefaultSecretManager(
        new SecretCache(guarded, settings, new Listeners(List.of(), Runnable::run), Runnable::run),
        new Declarations(List.of()),
        none,
        Duration.ZERO,
        guarded::close);
  }
}
