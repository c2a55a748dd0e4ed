package tech.tailor.secretmanager.testing.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import tech.tailor.secretmanager.Freshness;
import tech.tailor.secretmanager.SecretAccessDeniedException;
import tech.tailor.secretmanager.SecretAlreadyExistsException;
import tech.tailor.secretmanager.SecretApplyException;
import tech.tailor.secretmanager.SecretConflictException;
import tech.tailor.secretmanager.SecretEncodingException;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretLimitException;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretOutcomeUnknownException;
import tech.tailor.secretmanager.SecretPreconditionException;
import tech.tailor.secretmanager.SecretProtocolException;
import tech.tailor.secretmanager.SecretRateLimitedException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretServerIdentityException;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.SecretStoreRewoundException;
import tech.tailor.secretmanager.SecretTimeoutException;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.SecretVerificationException;

/**
 * One row of the error table: a failure that a backend may meet, its three fixed answers, and what
 * a manager makes of them. {@link tech.tailor.secretmanager.SecretNotFoundException} has no row: a
 * backend answers an absence, it does not throw it.
 *
 * @param failure the failure
 * @param retryable whether the same call may succeed a little later
 * @param staleAllowed whether a value past its time to live may be served
 * @param dropsCached whether what is cached must be wiped
 */
record FailureRule(
    SecretManagerException failure, boolean retryable, boolean staleAllowed, boolean dropsCached) {

  static final List<FailureRule> ALL = List.of(
      //                                                  retry  stale  drop
      rule(new SecretAccessDeniedException("scripted"), false, false, true),
      rule(new SecretPreconditionException("scripted"), false, false, true),
      rule(new SecretAlreadyExistsException("scripted"), false, false, false),
      rule(new SecretConflictException("scripted"), false, false, true),
      rule(new SecretUnavailableException("scripted"), true, true, false),
      rule(new SecretTimeoutException("scripted"), true, true, false),
      rule(new SecretRateLimitedException("scripted"), true, true, false),
      rule(new SecretOutcomeUnknownException("scripted"), false, false, true),
      rule(new SecretProtocolException("scripted"), false, true, false),
      rule(new SecretServerIdentityException("scripted"), false, true, false),
      rule(new SecretIntegrityException("scripted"), false, false, true),
      rule(new SecretStorageException("scripted"), false, false, false),
      rule(new SecretStoreRewoundException("scripted", "1-00"), false, true, false),
      rule(new SecretLimitException("scripted"), false, false, false),
      rule(new SecretEncodingException("scripted"), false, false, false),
      rule(new SecretApplyException("scripted"), false, false, false),
      rule(
          SecretVerificationException.of(List.of(SecretVerificationException.Problem.of(
              SecretRef.of("vault", "name"), "", new SecretStorageException("scripted")))),
          false,
          false,
          false));

  private static FailureRule rule(
      SecretManagerException failure,
      boolean retryable,
      boolean staleAllowed,
      boolean dropsCached) {
    return new FailureRule(failure, retryable, staleAllowed, dropsCached);
  }

  /** Has the failure meet a value that was read before and has expired, and looks what is left. */
  void check(ManagedBackend managed, SecretRef ref) {
    assertThat(List.of(failure.isRetryable(), failure.isStaleAllowed(), failure.dropsCached()))
        .as(
            "%s answers: may it be retried? may a stale value be served? is the cached one dropped?",
            this)
        .containsExactly(retryable, staleAllowed, dropsCached);
    SecretManager manager = managed.manager();
    manager.requireSecret(ref).close();
    managed.faults().failWith(failure);
    managed.expire();
    if (staleAllowed) {
      assertStale(manager, ref, failure);
    } else {
      assertThatThrownBy(() -> manager.getSecret(ref))
          .as("%s allows no stale value: it is thrown as it is", this)
          .isExactlyInstanceOf(failure.getClass())
          .isNotSameAs(failure);
    }
    SecretUnavailableException outage = new SecretUnavailableException("a later outage");
    managed.faults().failWith(outage);
    managed.expire();
    if (dropsCached) {
      assertThatThrownBy(() -> manager.getSecret(ref))
          .as("%s wipes what is cached, so that a later outage finds nothing to serve", this)
          .isInstanceOf(SecretUnavailableException.class);
    } else {
      assertStale(manager, ref, outage);
    }
  }

  private void assertStale(SecretManager manager, SecretRef ref, SecretManagerException cause) {
    try (SecretValue value = manager.requireSecret(ref)) {
      assertThat(value.freshness())
          .as(
              "after %s the cached value is kept; served past its time to live, it is marked as"
                  + " stale, with the cause",
              this)
          .isInstanceOfSatisfying(
              Freshness.Stale.class,
              stale -> assertThat(stale.cause()).isExactlyInstanceOf(cause.getClass()));
    }
  }

  /** The type's name: this is how the test is called. */
  @Override
  public String toString() {
    return failure.getClass().getSimpleName();
  }
}
