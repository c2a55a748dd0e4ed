package tech.tailor.secretmanager.http;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import tech.tailor.secretmanager.SecretMetadata;

/** What came back from a request for values; nothing in it is in clear. */
sealed interface SealedAnswer {

  /**
   * The values that were found, sealed.
   *
   * @param told what the server tells beside the values; the function runtime tells nothing
   */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares it
  record Sealed(Kem kem, byte[] sealed, Optional<Told> told) implements SealedAnswer {}

  /** The vault does not exist. */
  record VaultMissing() implements SealedAnswer {}

  /** The function could not read: the vault does not exist, or the service failed. */
  record Unread() implements SealedAnswer {}

  /** There are more bytes than one answer takes. */
  record TooLarge() implements SealedAnswer {}

  /**
   * What a server tells beside the values.
   *
   * @param found of each secret that the sealed message holds
   * @param missing the names that the vault doesn't have
   */
  record Told(Map<String, SecretMetadata> found, List<String> missing) {}
}
