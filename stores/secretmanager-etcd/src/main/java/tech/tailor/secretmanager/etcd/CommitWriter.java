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
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.envelope.Envelope;
import tech.tailor.secretmanager.envelope.shared.ContentSum;
import tech.tailor.secretmanager.envelope.shared.Damage;
import tech.tailor.secretmanager.envelope.shared.SealedContent;
import tech.tailor.secretmanager.envelope.shared.SecretRecord;
import tech.tailor.secretmanager.envelope.shared.StoredValue;
import tech.tailor.secretmanager.envelope.shared.VaultRecord;
import tech.tailor.secretmanager.spi.OpaqueBytes;
import tech.tailor.secretmanager.spi.StoreContent.Secret;
import tech.tailor.secretmanager.spi.StoreContent.Vault;
import tech.tailor.secretmanager.spi.StoreContent.Version;

/**
 * Makes of the changes of one commit the writes of one transaction: the records under new seals,
 * the ciphertexts, the log entry, and the head with its new sum. For one commit.
 */
final class CommitWriter implements SealedContent.Writer {

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

  /** Deletes of all values of a secret, which may be any. */
  private final List<Op> deletesOfAll = new ArrayList<>();

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
    ContentSum decrypted =
        ContentSum.decrypt(before, head.key(), head.storeId(), head.generation(), head.sum());
    if (decrypted == null) {
      throw Damage.of(store, "head");
    }
    this.sum = decrypted;
  }

  /**
   * What is to be written.
   *
   * @param head as it will be
   * @param puts empty if nothing was changed
   */
  record Written(Head head, List<Op> puts) {}

  /** Adds what was changed in the content. */
  CommitWriter write(SealedContent content) {
    content.writeTo(this);
    return this;
  }

  /** Replaces the data keys by those of the new envelope. */
  CommitWriter writeKeys(String what) {
    writes.put(keys.dataKeys(), Optional.of(KeyList.content(envelope)));
    return note(LogEntry.Kind.STORE, what);
  }

  /** Goes on from a rewound head, as a generation that nobody has seen. */
  CommitWriter acceptRewind(long next) {
    generation = next;
    epoch++;
    return note(REWIND_ACCEPTED.kind(), REWIND_ACCEPTED.what());
  }

  /** Writes a vault's record under a new seal. */
  CommitWriter reseal(VaultRecord record) {
    putVault(record, record.vault(store));
    return note(LogEntry.Kind.VAULT, record.name());
  }

  /** Writes a secret's record with other ciphertexts and a new seal. */
  CommitWriter reencrypt(SecretRecord record, Secret<StoredValue> next) {
    putSecret(record.ref().vault(), record, next);
    return note(LogEntry.Kind.ABOUT, record.ref().toString());
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
        OpaqueBytes.copyOf(KeyList.content(envelope)).sha256().toHex(),
        sum.encrypt(envelope, head.storeId(), generation),
        entry.digest());
    put(keys.head(), SealedText.seal(envelope, keys.head(), next.text()));
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
    puts.addAll(deletesOfAll);
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

  private void put(String key, SealedText sealed) {
    writes.put(key, Optional.of(sealed.whole().getBytes(UTF_8)));
  }

  @Override
  public void vault(String name, @Nullable VaultRecord old, @Nullable Vault next) {
    if (next != null) {
      if (old == null || !next.equals(old.content())) {
        putVault(old, next);
        note(LogEntry.Kind.VAULT, name);
      }
    } else if (old != null) {
      sum = sum.minus(before, old);
      writes.put(keys.vault(name), Optional.empty());
      note(LogEntry.Kind.VAULT, name);
    }
  }

  private void putVault(@Nullable VaultRecord old, Vault next) {
    if (old != null) {
      sum = sum.minus(before, old);
    }
    SealedText sealed = records.seal(next, generation);
    sum = sum.plus(envelope, new VaultRecord(next.name(), sealed.key(), sealed.seal(), next));
    put(keys.vault(next.name()), sealed);
  }

  @Override
  public void secret(
      SecretRef ref, @Nullable SecretRecord old, @Nullable Secret<StoredValue> next) {
    Secret<StoredValue> was = old == null ? null : old.content();
    if (next != null) {
      if (!next.equals(was)) {
        putSecret(ref.vault(), old, next);
        note(readsAlike(was, next) ? LogEntry.Kind.ABOUT : LogEntry.Kind.VALUE, ref.toString());
      }
    } else if (old != null) {
      sum = sum.minus(before, old);
      writes.put(keys.secret(ref.vault(), ref.name()), Optional.empty());
      values(ref, old, null);
      note(LogEntry.Kind.VALUE, ref.toString());
    }
  }

  private static boolean readsAlike(@Nullable Secret<StoredValue> was, Secret<StoredValue> next) {
    return was != null
        && was.id().equals(next.id())
        && was.current().number() == next.current().number()
        && was.current().state() == next.current().state();
  }

  private void putSecret(String vault, @Nullable SecretRecord old, Secret<StoredValue> next) {
    if (old != null) {
      sum = sum.minus(before, old);
    }
    SecretRef ref = SecretRef.of(vault, next.name());
    SealedText sealed = records.seal(vault, next, generation);
    sum = sum.plus(envelope, new SecretRecord(ref, sealed.key(), sealed.seal(), next));
    put(keys.secret(vault, next.name()), sealed);
    values(ref, old, next);
  }

  /** Writes ciphertexts that are new, and deletes those that are no longer part of the secret. */
  private void values(
      SecretRef ref, @Nullable SecretRecord old, @Nullable Secret<StoredValue> next) {
    Secret<StoredValue> was = old == null ? null : old.content();
    Map<Long, OpaqueBytes> stored = was == null ? Map.of() : digests(was);
    Map<Long, OpaqueBytes> wanted = next == null ? Map.of() : digests(next);
    for (long number : stored.keySet()) {
      if (!wanted.containsKey(number)) {
        writes.put(keys.value(ref.vault(), ref.name(), number), Optional.empty());
      }
    }
    if (old != null && was == null) { // damaged: it can't tell how many there are
      long first = next == null ? 0 : next.current().number() + 1;
      deletesOfAll.add(deleteFrom(
          keys.value(ref.vault(), ref.name(), first), keys.values(ref.vault(), ref.name())));
    }
    if (next == null) {
      return;
    }
    for (Version<StoredValue> version : next.versions()) {
      StoredValue value = version.value();
      OpaqueBytes ciphertext = value == null ? null : value.ciphertext();
      if (value != null
          && ciphertext != null
          && !Objects.equals(value.sha256(), stored.get(version.number()))) {
        writes.put(
            keys.value(ref.vault(), ref.name(), version.number()),
            Optional.of(ciphertext.toArray()));
      }
    }
  }

  private static Map<Long, OpaqueBytes> digests(Secret<StoredValue> secret) {
    Map<Long, OpaqueBytes> digests = new HashMap<>();
    for (Version<StoredValue> version : secret.versions()) {
      StoredValue value = version.value();
      if (value != null) {
        digests.put(version.number(), value.sha256());
      }
    }
    return digests;
  }

  /** Deletes a key and all after it that begin with a prefix. */
  private static Op deleteFrom(String key, String prefix) {
    return Op.delete(
        Etcd.bytes(key), DeleteOption.builder().withRange(Etcd.end(prefix)).build());
  }
}
