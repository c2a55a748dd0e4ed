package tech.tailor.secretmanager;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * A shared store is older than what this process has seen of it: a backup was restored, a standby
 * took over without the last commits, or another store was put in its place. Nothing is read from
 * it or written to it until an operator accepts what there is, by
 * {@link tech.tailor.secretmanager.store.SharedSecretStore#acceptRewind} with the {@link #mark} of
 * this exception, or until the newer store is back.
 *
 * <p>Not retryable; a cache may serve a stale value meanwhile, marked as such, and keeps what it
 * holds.
 */
public final class SecretStoreRewoundException extends SecretManagerException {

  private static final long serialVersionUID = 1L;

  private final String mark;

  /**
   * A failure with the given message, which says what the store was and is.
   *
   * @param mark names the commit that the store is at now, as {@code acceptRewind} takes it
   */
  public SecretStoreRewoundException(String message, String mark) {
    this(message, mark, null);
  }

  private SecretStoreRewoundException(String message, String mark, @Nullable Throwable cause) {
    super(message, cause);
    this.mark = requireNonNull(mark, "mark");
  }

  /** Names the commit that the store is at now. Nothing in it is secret. */
  public String mark() {
    return mark;
  }

  @Override
  public boolean isStaleAllowed() {
    return true;
  }

  @Override
  SecretStoreRewoundException forCaller() {
    return new SecretStoreRewoundException(text(), mark, this);
  }
}
