package tech.tailor.secretmanager.etcd;

import java.time.Instant;
import tech.tailor.secretmanager.envelope.Envelope;
import tech.tailor.secretmanager.envelope.shared.SealedContent;

/** The records of a store in etcd, and what one commit has read of them. */
final class EtcdContent extends SealedContent {

  private final ReadSet reads;

  EtcdContent(Snapshot source, Envelope envelope, String store, Instant now) {
    super(source, envelope, store, now);
    this.reads = source.reads();
  }

  ReadSet reads() {
    return reads;
  }

  @Override
  public void removeVault(String name) {
    super.removeVault(name);
    reads.allSecrets(name); // none may be created meanwhile
  }
}
