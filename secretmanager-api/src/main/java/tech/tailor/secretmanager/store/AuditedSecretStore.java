package tech.tailor.secretmanager.store;

import java.util.List;

/** A shared store that keeps a trail of its changes. */
public interface AuditedSecretStore extends SharedSecretStore {

  /** How many changes {@link #history} gives at most. */
  int MAX_HISTORY = 10_000;

  /**
   * The changes of this store, the newest first. Their actors are what the stores that made them
   * were opened with: a holder of the master key can claim any.
   *
   * <p>Changes of before the last rotation of the data key are under the digest of the whole trail
   * alone, which {@link #verify} checks.
   *
   * @param before only changes of commits before this generation; {@link Long#MAX_VALUE} for the
   *     newest ones
   * @param limit how many changes at most, from 1 to {@link #MAX_HISTORY}; those of one commit may
   *     be divided between two calls only by the limit
   * @throws IllegalArgumentException if the limit is out of bounds
   * @throws tech.tailor.secretmanager.SecretIntegrityException if a change is not under its seal,
   *     or one between the others is missing
   */
  List<StoreChange> history(long before, int limit);
}
