package tech.tailor.secretmanager.client.file;

import java.time.Instant;
import java.util.List;
import tech.tailor.secretmanager.spi.SecretInfo;

/**
 * A secret in a {@link StoredVault}. Immutable.
 *
 * @param name its name in the vault
 * @param id drawn when the secret was created, so that a secret created again is another one
 * @param createTime in whole milliseconds
 * @param versions ascending, at least one; the last is the current one
 */
record StoredSecret(String name, OpaqueBytes id, Instant createTime, List<StoredVersion> versions) {

  StoredSecret {
    versions = List.copyOf(versions);
  }

  StoredVersion current() {
    return versions.get(versions.size() - 1);
  }

  SecretInfo info() {
    return new SecretInfo(name, current().version(), createTime, current().createTime());
  }

  /**
   * One value of a secret, encrypted.
   *
   * @param version counts from 1
   * @param createTime in whole milliseconds
   * @param key the id of the data key that the value is encrypted with
   * @param ciphertext the value
   */
  record StoredVersion(long version, Instant createTime, long key, OpaqueBytes ciphertext) {}
}
