package tech.tailor.secretmanager.postgresql;

import java.time.Instant;
import tech.tailor.secretmanager.envelope.Envelope;
import tech.tailor.secretmanager.envelope.shared.SealedContent;

/** The records of a workspace as one read or one commit sees them. */
final class PostgresContent extends SealedContent {

  /** How many secrets a vault may hold: this number was measured. */
  static final int MAX_SECRETS_PER_VAULT = 100_000;

  PostgresContent(RecordSource source, Envelope envelope, String store, Instant now) {
    super(source, envelope, store, now);
  }

  @Override
  public int maxSecretsPerVault() {
    return MAX_SECRETS_PER_VAULT;
  }
}
