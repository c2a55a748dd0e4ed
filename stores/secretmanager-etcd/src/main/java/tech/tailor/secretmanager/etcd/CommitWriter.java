package tech.tailor.secretmanager.etcd;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.DeleteOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretLimitException;
import tech.tailor.secretmanager.envelope.Envelope;
import tech.tailor.secretmanager.spi.OpaqueBytes;
import tech.tailor.secretmanager.spi.StoreContent.Secret;
import tech.tailor.secretmanager.spi.StoreContent.Vault;
import tech.tailor.secretmanager.spi.StoreContent.Version;

/**
 * Makes of the changes of one commit the writes of one transaction: the records under new seals,
 * the ciphertexts, the log entry, and the head with its new sum. For one commit.
 */
final class CommitWriter {

  /** What the log says of an accepted rewind. */
  static final LogEntry.Change REWIND_ACCEPTED =
      new LogEntry.Change(LogEntry.Kind.STORE, "rewind-accepted");

  private static final int ID_SIZE_BYTES = 16;

  /** What etcd takes by default, {@code --max-txn-ops}. */
  private static final int MAX_OPERATIONS = 128;

  /** Below etcd's default {@code --max-request-bytes} of 1.5 MiB. */
  private static final long MAX_SIZE_BYTES = 1_500_000;

  /** Of one write, beside its key and its value. */
  private static final int OVERHEAD_BYTES = 32;

  private final Keys keys;
  private final Head head;
  private final Envelope before;
  private final Envelope envelope;
  private final Records records;
  private final String store;
  private final long logKept;
  private final OpaqueBytes commitId = OpaqueBytes.random(ID_SIZE_BYTES);
  private long generation;
  private long epoch;
  private ContentSum sum;

  /** By key; empty for what is deleted. A transaction may write a key once. */
  private final Map<String, Optional<byte[]>> writes = new TreeMap<>();

  private final List<LogEntry.Change> changes = new ArrayList<>();

  /**
   * Begins a commit.
   *
   * @param head as it was read
   * @param before the data keys of the head
   * @param envelope the data keys from this commit on
   */
  CommitWriter(EtcdSettings settings, Keys keys, Head head, Envelope before, Envelope envelope) {
    this.keys = keys;
    this.head = head;
    this.before = before;
    this.envelope = envelope;
    this.store = settings.describe();
    this.logKept = settings.control().logKept();
    this.records = new Records(keys, envelope, store);
    this.generation = head.generation() + 1;
    this.epoch = head.epoch();
    this.sum = ContentSum.decrypt(before, head, store);
  }

  /**
   * What is to be written.
   *
   * @param head as it will be
   * @param puts empty if nothing was changed
   */
  record Written(Head head, List<Op> puts) {}

  /** Adds what was changed in the content. */
  CommitWriter write(EtcdContent content) {
    EtcdContent.Changes changed = content.changes();
    changed.vaults.forEach(
        (name, vault) -> vault(content.stored(name).orElse(null), vault.orElse(null)));
    changed.secrets.forEach(
        (ref, secret) -> secret(ref.vault(), content.stored(ref), secret.orElse(null)));
    return this;
  }

  /** Replaces the data keys by those of the new envelope. */
  CommitWriter writeKeys(String what) {
    writes.put(keys.dataKeys(), Optional.of(Keyring.content(envelope)));
    return note(LogEntry.Kind.STORE, what);
  }

  /** Goes on from a rewound head, as a generation that nobody has seen. */
  CommitWriter acceptRewind(long next) {
    generation = next;
    epoch++;
    return note(REWIND_ACCEPTED.kind(), REWIND_ACCEPTED.what());
  }

  /** Writes a vault's record under a new seal. */
  CommitWriter reseal(Records.VaultRecord record) {
    putVault(record, record.vault());
    return note(LogEntry.Kind.VAULT, record.vault().name());
  }

  /** Writes a secret's record with other ciphertexts and a new seal. */
  CommitWriter reencrypt(Records.SecretRecord record, Secret<StoredValue> next) {
    putSecret(record.vault(), record, next);
    return note(LogEntry.Kind.ABOUT, record.vault() + "/" + next.name());
  }

  private CommitWriter note(LogEntry.Kind kind, String what) {
    changes.add(new LogEntry.Change(kind, what));
    return this;
  }

  /**
   * Ends the commit.
   *
   * @throws SecretLimitException if etcd would not take it
   */
  Written written(Instant at) {
    if (changes.isEmpty()) {
      return new Written(head, List.of());
    }
    LogEntry entry =
        new LogEntry(generation, commitId, head.log(), at.toEpochMilli(), List.copyOf(changes));
    writes.put(keys.log(generation), Optional.of(entry.text().getBytes(UTF_8)));
    Head next = new Head(
        head.storeId(),
        generation,
        commitId,
        epoch,
        envelope.sealingKey(),
        Digests.sha256(Keyring.content(envelope)).toHex(),
        sum.encrypt(envelope, head.storeId(), generation),
        entry.digest());
    put(keys.head(), Seals.seal(envelope, keys.head(), next.text()));
    return new Written(next, puts());
  }

  private List<Op> puts() {
    List<Op> puts = new ArrayList<>();
    long sizeBytes = 0;
    for (Map.Entry<String, Optional<byte[]>> write : writes.entrySet()) {
      byte[] value = write.getValue().orElse(null);
      sizeBytes += write.getKey().length() + OVERHEAD_BYTES + (value == null ? 0 : value.length);
      puts.add(
          value == null
              ? Op.delete(Etcd.bytes(write.getKey()), DeleteOption.DEFAULT)
              : Etcd.put(write.getKey(), value));
    }
    if (generation > logKept) {
      DeleteOption range = DeleteOption.builder()
          .withRange(Etcd.bytes(keys.log(generation - logKept + 1)))
          .build();
      puts.add(Op.delete(Etcd.bytes(keys.logs()), range));
    }
    if (puts.size() > MAX_OPERATIONS || sizeBytes > MAX_SIZE_BYTES) {
      throw new SecretLimitException("The commit to the " + store + " has " + puts.size()
          + " operations and " + sizeBytes + " bytes, and etcd takes " + MAX_OPERATIONS + " and "
          + MAX_SIZE_BYTES + " in one transaction; nothing was changed. Divide it into several"
          + " commits, of at most 40 secrets or 1 MB of values each");
    }
    return puts;
  }

  private void put(String key, Seals.Sealed sealed) {
    writes.put(key, Optional.of(sealed.whole().getBytes(UTF_8)));
  }

  private void vault(Records.@Nullable VaultRecord old, @Nullable Vault next) {
    if (next != null) {
      if (old == null || !old.vault().equals(next)) {
        putVault(old, next);
        note(LogEntry.Kind.VAULT, next.name());
      }
    } else if (old != null) {
      sum = sum.minus(before, old.sealed());
      writes.put(keys.vault(old.vault().name()), Optional.empty());
      note(LogEntry.Kind.VAULT, old.vault().name());
    }
  }

  private void putVault(Records.@Nullable VaultRecord old, Vault next) {
    Seals.Sealed sealed = records.seal(next, generation);
    replace(old == null ? null : old.sealed(), sealed);
    put(keys.vault(next.name()), sealed);
  }

  private void replace(Seals.@Nullable Sealed old, Seals.Sealed next) {
    if (old != null) {
      sum = sum.minus(before, old);
    }
    sum = sum.plus(envelope, next);
  }

  private void secret(
      String vault, Records.@Nullable SecretRecord old, @Nullable Secret<StoredValue> next) {
    Secret<StoredValue> was = old == null ? null : old.secret();
    if (Objects.equals(was, next)) {
      return;
    }
    if (next != null) {
      putSecret(vault, old, next);
      note(
          readsAlike(was, next) ? LogEntry.Kind.ABOUT : LogEntry.Kind.VALUE,
          vault + "/" + next.name());
    } else if (old != null) {
      sum = sum.minus(before, old.sealed());
      writes.put(keys.secret(vault, old.secret().name()), Optional.empty());
      values(vault, old.secret().name(), old.secret(), null);
      note(LogEntry.Kind.VALUE, vault + "/" + old.secret().name());
    }
  }

  private static boolean readsAlike(@Nullable Secret<StoredValue> was, Secret<StoredValue> next) {
    return was != null
        && was.id().equals(next.id())
        && was.current().number() == next.current().number()
        && was.current().state() == next.current().state();
  }

  private void putSecret(
      String vault, Records.@Nullable SecretRecord old, Secret<StoredValue> next) {
    Seals.Sealed sealed = records.seal(vault, next, generation);
    replace(old == null ? null : old.sealed(), sealed);
    put(keys.secret(vault, next.name()), sealed);
    values(vault, next.name(), old == null ? null : old.secret(), next);
  }

  /** Writes ciphertexts that are new, and deletes those that are no longer part of the secret. */
  private void values(
      String vault,
      String name,
      @Nullable Secret<StoredValue> was,
      @Nullable Secret<StoredValue> next) {
    Map<Long, String> stored = was == null ? Map.of() : digests(was);
    Map<Long, String> wanted = next == null ? Map.of() : digests(next);
    for (long number : stored.keySet()) {
      if (!wanted.containsKey(number)) {
        writes.put(keys.value(vault, name, number), Optional.empty());
      }
    }
    if (next == null) {
      return;
    }
    for (Version<StoredValue> version : next.versions()) {
      StoredValue value = version.value();
      OpaqueBytes ciphertext = value == null ? null : value.ciphertext();
      if (value != null
          && ciphertext != null
          && !value.sha256().equals(stored.get(version.number()))) {
        writes.put(keys.value(vault, name, version.number()), Optional.of(ciphertext.toArray()));
      }
    }
  }

  private static Map<Long, String> digests(Secret<StoredValue> secret) {
    Map<Long, String> digests = new HashMap<>();
    for (Version<StoredValue> version : secret.versions()) {
      StoredValue value = version.value();
      if (value != null) {
        digests.put(version.number(), value.sha256());
      }
    }
    return digests;
  }
}
