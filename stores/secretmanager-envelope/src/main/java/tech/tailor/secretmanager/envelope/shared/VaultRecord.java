package tech.tailor.secretmanager.envelope.shared;

import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.spi.OpaqueBytes;
import tech.tailor.secretmanager.spi.StoreContent.Vault;

/**
 * The record of a vault as it was read.
 *
 * @param name where it stands
 * @param key the id of the data key of its seal
 * @param seal as it stands there
 * @param content null if the record is damaged: the seal was not made over it for this place
 */
public record VaultRecord(
    String name, long key, OpaqueBytes seal, @Nullable Vault content) {

  /**
   * The vault.
   *
   * @param store names the store in messages
   * @throws SecretIntegrityException if the record is damaged
   */
  public Vault vault(String store) {
    if (content == null) {
      throw Damage.of(store, "record of the vault \"" + name + "\"");
    }
    return content;
  }
}
