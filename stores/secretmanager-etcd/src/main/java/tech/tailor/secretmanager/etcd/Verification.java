package tech.tailor.secretmanager.etcd;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.envelope.shared.ContentSum;
import tech.tailor.secretmanager.envelope.shared.SecretRecord;
import tech.tailor.secretmanager.envelope.shared.StoredValue;
import tech.tailor.secretmanager.envelope.shared.VaultRecord;
import tech.tailor.secretmanager.spi.OpaqueBytes;
import tech.tailor.secretmanager.spi.StoreContent.Secret;
import tech.tailor.secretmanager.spi.StoreContent.Version;
import tech.tailor.secretmanager.store.StoreVerification;

/**
 * Holds everything that a store has against its head: each record against its seal, all of them
 * against the sum, each ciphertext against the digest in its record, the log against its digest.
 * For one call.
 */
final class Verification {

  private static final int MAX_PROBLEMS = 100;

  private final Keys keys;
  private final HeadReader.Opened opened;
  private final Snapshot snapshot;
  private final Records records;
  private final long logKept;

  private final List<String> problems = new ArrayList<>();
  private final Map<String, OpaqueBytes> ciphertexts = new HashMap<>();
  private ContentSum sum = ContentSum.ZERO;
  private int vaults;
  private int secrets;
  private long versions;

  Verification(
      Keys keys,
      HeadReader.Opened opened,
      Snapshot snapshot,
      Records records,
      EtcdSettings settings) {
    this.keys = keys;
    this.opened = opened;
    this.snapshot = snapshot;
    this.records = records;
    this.logKept = settings.control().logKept();
  }

  StoreVerification run() {
    long commits = log();
    snapshot.each(keys.vaults(), this::vault);
    snapshot.each(keys.secrets(), this::secret);
    snapshot.each(keys.values(), this::ciphertext);
    ciphertexts.keySet().forEach(key -> problem("the ciphertext at \"" + key + "\" is missing"));
    if (problems.isEmpty() && !isSumOfHead()) {
      problem("the records are not those of the last commit: one was deleted, added, or put back as"
          + " it once was");
    }
    dataKeys();
    return StoreVerification.of(opened.head().mark(), vaults, secrets, versions, commits, problems);
  }

  private void problem(String problem) {
    if (problems.size() < MAX_PROBLEMS) {
      problems.add(problem);
    } else if (problems.size() == MAX_PROBLEMS) {
      problems.add("and more");
    }
  }

  /** A store that is open already knows them, and reads them no more. */
  private void dataKeys() {
    String digest = snapshot
        .dataKeys()
        .map(content -> OpaqueBytes.copyOf(content).sha256().toHex())
        .orElse("none");
    if (!digest.equals(opened.head().keysDigest())) {
      problem("the list of data keys is not what the last commit left; the store can't be opened"
          + " again");
    }
  }

  private long log() {
    List<LogEntry> entries = new ArrayList<>();
    int[] read = {0};
    snapshot.each(keys.logs(), (key, content) -> {
      read[0]++;
      try {
        LogEntry entry = LogEntry.of(Lines.decode(content));
        if (key.equals(keys.log(entry.generation()))) {
          entries.add(entry);
        }
      } catch (IllegalArgumentException e) {
        entries.clear(); // nothing before it leads to the head
      }
    });
    List<LogEntry> linked = LogTail.upTo(opened.head(), entries).entries();
    if (linked.isEmpty() || linked.size() != read[0] || !isKeptWhole(linked.get(0))) {
      problem("the log is not what the last commit left: entries were edited, deleted or added");
    }
    return linked.size();
  }

  /** Whether nothing that the log keeps came before its oldest entry. */
  private boolean isKeptWhole(LogEntry oldest) {
    return oldest.previous().equals(LogEntry.START)
        || oldest.generation() <= opened.head().generation() - logKept + 1
        || oldest.changes().contains(CommitWriter.REWIND_ACCEPTED); // after it, generations jump
  }

  private boolean isSumOfHead() {
    Head head = opened.head();
    ContentSum expected = ContentSum.decrypt(
        opened.envelope(), head.key(), head.storeId(), head.generation(), head.sum());
    return Objects.equals(sum, expected);
  }

  private void vault(String key, byte[] content) {
    vaults++;
    VaultRecord record = records.vault(key.substring(keys.vaults().length()), content);
    if (record.content() == null) {
      problem("the record of the vault \"" + record.name() + "\" is not under its seal");
      return;
    }
    sum = sum.plus(opened.envelope(), record);
  }

  private void secret(String key, byte[] content) {
    secrets++;
    SecretRecord record;
    try {
      record = records.secret(key, content);
    } catch (SecretIntegrityException e) {
      problem("at \"" + key + "\" no secret can stand");
      return;
    }
    SecretRef ref = record.ref();
    Secret<StoredValue> secret = record.content();
    if (secret == null) {
      problem("the record of the secret " + ref + " is not under its seal");
      return;
    }
    sum = sum.plus(opened.envelope(), record);
    for (Version<StoredValue> version : secret.versions()) {
      StoredValue value = version.value();
      if (value != null) {
        ciphertexts.put(keys.value(ref.vault(), ref.name(), version.number()), value.sha256());
      }
    }
  }

  private void ciphertext(String key, byte[] content) {
    versions++;
    OpaqueBytes expected = ciphertexts.remove(key);
    if (!Objects.equals(OpaqueBytes.copyOf(content).sha256(), expected)) {
      problem("the ciphertext at \"" + key + "\" is not the one of its record");
    }
  }
}
