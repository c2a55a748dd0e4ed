package tech.tailor.secretmanager.store;

/**
 * A versioned store that several machines share: it can be verified as a whole, and refuses to go
 * on with an older state of itself until an operator accepts it.
 */
public interface SharedSecretStore extends VersionedSecretStore {

  /**
   * Reads the whole store, and holds every record, every ciphertext and the trail, where it keeps
   * one, against what the last commit left. So it finds what single reads can't: a record that was
   * deleted, or put back as it once was. What it can't find is a whole store that was put back.
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
