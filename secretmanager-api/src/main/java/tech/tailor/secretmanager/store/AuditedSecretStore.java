package tech.tailor.secretmanager.store;

import java.util.List;

/**
 * A versioned store that several machines share: it keeps a trail of its changes, can be verified
 * as a whole, and refuses to go on with an older state of itself until an operator accepts it.
 */
public interface AuditedSecretStore extends VersionedSecretStore {

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

  /**
   * Reads the whole store, and holds every record, every ciphertext and the whole trail against
   * what the last commit left. So it finds what single reads can't: a record that was deleted, or
   * put back as it once was. What it can't find is a whole store that was put back.
   *
   * @throws tech.tailor.secretmanager.SecretManagerException if the store can't be read as a whole
   */
  StoreVerification verify();

  /**
   * Accepts that the store was rewound: it is read and written again from the commit that the mark
   * names. Other processes that refuse it learn of that through the store. Any process can do so,
   * also one that has not seen the newer state.
   *
   * @param mark of the {@link tech.tailor.secretmanager.SecretStoreRewoundException}
   * @throws IllegalArgumentException if it is no mark
   * @throws tech.tailor.secretmanager.SecretConflictException if the store is at another commit
   *     than that by now
   */
  void acceptRewind(String mark);
}
