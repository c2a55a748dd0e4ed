package tech.tailor.secretmanager.envelope;

import tech.tailor.secretmanager.store.VersionedSecretStore;

/**
 * A store whose values are encrypted before they leave the process: with a data key, which is
 * itself encrypted with a {@link MasterKey} that the store doesn't hold. Both can be replaced while
 * the store is in use.
 */
public interface EncryptedSecretStore extends VersionedSecretStore {

  /**
   * Gives the store another master key, in one commit: from then on that one opens it, and the key
   * of before does not. Stores that are open, in any process, go on. If the store is of that key
   * already, nothing is changed.
   *
   * <p>Other processes that may open it meanwhile need both keys for that time. A holder of the old
   * key and of a copy of the store may have read the data key: if the old key got into wrong hands,
   * {@link #rotateDataKey} comes after this, and new values for the secrets.
   *
   * @throws IllegalArgumentException if it is a recovery key
   * @throws tech.tailor.secretmanager.SecretIntegrityException if the store is of another key by
   *     now than this one was opened with
   */
  void rotateMasterKey(MasterKey next);

  /**
   * Replaces the key that values are encrypted with: adds a new one, encrypts each value again, and
   * drops the old one. That takes several commits; others read and write meanwhile, provided that
   * they have the current master key. If it is interrupted, at any point, the store is good, and
   * the next call ends it with the key that was added.
   *
   * @throws tech.tailor.secretmanager.SecretIntegrityException if a value is damaged, which names
   *     it: destroy its version or write the secret again, and call this again
   * @throws IllegalArgumentException if the store was opened with a recovery key; rotate the master
   *     key first
   */
  void rotateDataKey();
}
