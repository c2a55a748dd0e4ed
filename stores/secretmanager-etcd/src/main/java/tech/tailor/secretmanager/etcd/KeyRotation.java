package tech.tailor.secretmanager.etcd;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretConflictException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.envelope.Envelope;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.envelope.shared.Budget;
import tech.tailor.secretmanager.envelope.shared.Damage;
import tech.tailor.secretmanager.envelope.shared.Keyring;
import tech.tailor.secretmanager.envelope.shared.SealedContent;
import tech.tailor.secretmanager.envelope.shared.SecretRecord;
import tech.tailor.secretmanager.envelope.shared.StoredValue;
import tech.tailor.secretmanager.envelope.shared.VaultRecord;
import tech.tailor.secretmanager.spi.OpaqueBytes;
import tech.tailor.secretmanager.spi.StoreContent.Secret;
import tech.tailor.secretmanager.spi.StoreContent.SecretId;
import tech.tailor.secretmanager.spi.StoreContent.Vault;
import tech.tailor.secretmanager.spi.StoreContent.Version;
import tech.tailor.secretmanager.spi.StoreEditor;

/**
 * Changes the keys of a store that is in use. A new data key takes three phases, of which each
 * commit leaves a good store, so that an interrupted rotation is resumed by the next:
 *
 * <ol>
 *   <li><em>add</em>: the new key is added, and encrypts and seals from then on;
 *   <li><em>re-encrypt</em>: records and values under the old key are written again, some in a
 *       commit, which is prepared before;
 *   <li><em>drop</em>: the old key is removed, since nothing is under it any more.
 * </ol>
 */
final class KeyRotation {

  /** Bounds of one commit: below those of etcd, with the head and the log. */
  private static final int MOST_WRITES = 100;

  private static final long MOST_BYTES = 1_000_000;

  /** How many records are looked at for one commit. */
  private static final int MOST_SEEN = 2_000;

  private final Etcd etcd;
  private final Keys keys;
  private final Reads reads;
  private final Committer committer;
  private final Keyring keyring;
  private final EtcdSettings settings;
  private final String store;

  KeyRotation(
      Etcd etcd,
      Keys keys,
      Reads reads,
      Committer committer,
      Keyring keyring,
      EtcdSettings settings) {
    this.etcd = etcd;
    this.keys = keys;
    this.reads = reads;
    this.committer = committer;
    this.keyring = keyring;
    this.settings = settings;
    this.store = settings.describe();
  }

  /** Encrypts the data keys with another master key, in one commit. */
  void toMasterKey(MasterKey next) {
    try {
      committer.commit((opened, budget) -> {
        Envelope envelope = opened.envelope();
        if (envelope.isOf(next)) {
          return unchanged(opened, true);
        }
        Envelope rewrapped = envelope.rewrap(next, keyring.masters(), store);
        return commit(writer(opened, rewrapped).writeKeys("master-key-replaced"), true);
      });
    } finally {
      keyring.useMaster(next); // it may have taken effect, whatever failed afterwards
    }
  }

  /** Runs the three phases, or those that an interrupted rotation left. */
  void toNewDataKey() {
    Target target = committer.commit((opened, budget) -> add(opened));
    settings.control().afterRotationStep().run();
    Optional<String> position = Optional.of(keys.vaults());
    while (position.isPresent()) {
      Batch batch = prepare(target, position.get());
      position = batch.prepared.isEmpty() ? batch.next : committer.commit(batch);
      settings.control().afterRotationStep().run();
    }
    committer.commit((opened, budget) -> drop(opened, target));
  }

  /**
   * What a rotation is on the way to.
   *
   * @param key the id of the new key
   * @param epoch of the store when it was added: a rewind that is accepted brings back records that
   *     were written again
   */
  private record Target(long key, OpaqueBytes storeId, long epoch) {

    static Target of(HeadReader.Opened opened, long key) {
      return new Target(key, opened.head().storeId(), opened.head().epoch());
    }
  }

  private void requireSameStore(HeadReader.Opened opened, Target target) {
    if (!Target.of(opened, target.key).equals(target)) {
      throw new SecretConflictException("A rewind of the " + store + " was accepted while its data"
          + " key was rotated; the store is good. Call rotateDataKey again");
    }
  }

  private Committer.Commit<Target> add(HeadReader.Opened opened) {
    Envelope envelope = opened.envelope();
    if (envelope.wrappedKeys().size() > 1) { // an earlier rotation was interrupted
      return unchanged(opened, Target.of(opened, envelope.sealingKey()));
    }
    long id = envelope.sealingKey() + 1;
    Envelope added = envelope.withNewKey(id, keyring.masters(), store);
    return commit(writer(opened, added).writeKeys("data-key-added"), Target.of(opened, id));
  }

  private Committer.Commit<Boolean> drop(HeadReader.Opened opened, Target target) {
    requireSameStore(opened, target);
    Envelope envelope = opened.envelope();
    if (envelope.wrappedKeys().get(0).id() >= target.key) {
      return unchanged(opened, true); // another process ended it
    }
    Envelope kept = envelope.withoutKeysBefore(target.key);
    return commit(writer(opened, kept).writeKeys("data-key-dropped"), true);
  }

  /**
   * Encrypts again what is under an older key, from a position on, as much as one commit takes.
   * That is done before the commit begins, which then needs no time in which others could be
   * faster. Where etcd is slow it ends when half of the time is spent, with what it has by then.
   *
   * @param position a key in etcd: what lies before it is under the new key, and what others write
   *     there is, too, since every commit seals with it once it is there
   */
  private Batch prepare(Target target, String position) {
    Budget budget = Budget.of(settings.timeout());
    return reads.ask(budget, opened -> {
      requireSameStore(opened, target);
      Records records = new Records(keys, opened.envelope(), store);
      Snapshot snapshot = new Snapshot(etcd, keys, records, opened.revision(), budget);
      Batch batch = new Batch(opened, snapshot, budget, target, position);
      BooleanSupplier goesOn = () -> !budget.isHalfSpent();
      String end = null;
      if (position.startsWith(keys.vaults())) {
        end = snapshot.until(keys.vaults(), position, goesOn, (key, content) -> {
          String name = key.substring(keys.vaults().length());
          return batch.vault(records.vault(name, content), content.length);
        });
        end = end == null && !goesOn.getAsBoolean() ? keys.secrets() : end;
      }
      if (end == null) {
        String start = position.startsWith(keys.secrets()) ? position : keys.secrets();
        end = snapshot.until(
            keys.secrets(),
            start,
            goesOn,
            (key, content) -> batch.secret(records.secret(key, content), content.length));
      }
      batch.next = Optional.ofNullable(end);
      return batch;
    });
  }

  /**
   * A record that was prepared.
   *
   * @param what as the log names it
   * @param write puts it into a commit
   */
  private record Prepared(String what, Consumer<CommitWriter> write) {}

  /**
   * What one commit writes again. Of that, a commit leaves out what others changed since it was
   * prepared, which is prepared again; so others can't hold the rest up.
   */
  private final class Batch implements Committer.Plan<Optional<String>> {

    private final Head head;
    private final Envelope envelope;
    private final Snapshot snapshot;
    private final Budget budget;
    private final Target target;
    private final String position;
    private final List<Prepared> prepared = new ArrayList<>();
    private final Map<String, Vault> vaults = new HashMap<>();
    private int seen;
    private int writes;
    private long sizeBytes;

    /** The position of the next one; empty if there is nothing after this one. */
    private Optional<String> next = Optional.empty();

    private Batch(
        HeadReader.Opened opened,
        Snapshot snapshot,
        Budget budget,
        Target target,
        String position) {
      this.head = opened.head();
      this.envelope = opened.envelope();
      this.snapshot = snapshot;
      this.budget = budget;
      this.target = target;
      this.position = position;
    }

    @Override
    public Head since() {
      return head;
    }

    @Override
    public Committer.Commit<Optional<String>> make(HeadReader.Opened opened, Budget budget) {
      requireSameStore(opened, target);
      Optional<List<LogEntry>> since = opened.tail().after(opened.head(), head.log());
      if (since.isEmpty()) { // the log is not kept for so long
        return unchanged(opened, Optional.of(position));
      }
      Set<String> moved = since.get().stream()
          .flatMap(entry -> entry.changes().stream())
          .filter(change -> change.kind() != LogEntry.Kind.STORE)
          .map(LogEntry.Change::what)
          .collect(Collectors.toSet());
      CommitWriter writer = writer(opened, opened.envelope());
      int left = 0;
      for (Prepared record : prepared) {
        if (moved.contains(record.what)) {
          left++;
        } else {
          record.write.accept(writer);
        }
      }
      Optional<String> then = left == 0 ? next : Optional.of(position);
      return left == prepared.size() ? unchanged(opened, then) : commit(writer, then);
    }

    private boolean isFull() {
      boolean isLate = writes > 0 && budget.isHalfSpent();
      return isLate || writes >= MOST_WRITES || sizeBytes >= MOST_BYTES;
    }

    /**
     * Whether the record is done; false if it is for the next commit.
     *
     * @param recordBytes its size, and about that of the one in its place
     */
    private boolean vault(VaultRecord record, int recordBytes) {
      if (seen++ == MOST_SEEN) {
        return false;
      }
      Vault vault = record.vault(store);
      if (record.key() >= target.key) {
        return true;
      }
      if (isFull()) {
        return false;
      }
      prepared.add(new Prepared(vault.name(), writer -> writer.reseal(record)));
      writes++;
      sizeBytes += recordBytes;
      return true;
    }

    private boolean secret(SecretRecord record, int recordBytes) {
      if (seen++ == MOST_SEEN) {
        return false;
      }
      Secret<StoredValue> secret = record.secret(store);
      boolean isOutdated = record.key() < target.key
          || secret.versions().stream().anyMatch(version -> isOutdated(version.value()));
      if (!isOutdated) {
        return true;
      }
      if (isFull()) {
        return false;
      }
      Vault vault = vaults.computeIfAbsent(record.ref().vault(), this::readVault);
      boolean isDone = true;
      List<Version<StoredValue>> versions = new ArrayList<>();
      for (Version<StoredValue> version : secret.versions()) {
        StoredValue value = version.value();
        if (value == null || value.key() >= target.key) {
          versions.add(version);
        } else if (isFull()) {
          versions.add(version);
          isDone = false;
        } else {
          versions.add(resealed(vault, secret, version, value));
        }
      }
      Secret<StoredValue> again = new Secret<>(
          secret.name(),
          secret.id(),
          secret.createTime(),
          secret.description(),
          secret.labels(),
          versions);
      prepared.add(
          new Prepared(record.ref().toString(), writer -> writer.reencrypt(record, again)));
      writes++;
      sizeBytes += recordBytes;
      return isDone;
    }

    private Vault readVault(String name) {
      return snapshot
          .vault(name)
          .map(found -> found.vault(store))
          .orElseThrow(() -> Damage.of(store, "record of the vault \"" + name + "\""));
    }

    private boolean isOutdated(@Nullable StoredValue value) {
      return value != null && value.key() < target.key;
    }

    private Version<StoredValue> resealed(
        Vault vault, Secret<StoredValue> secret, Version<StoredValue> version, StoredValue value) {
      Version<StoredValue> resealed = SealedContent.resealed(
          snapshot, envelope, vault, new SecretId(secret.id(), secret.name()), version, value);
      StoredValue next = resealed == null ? null : resealed.value();
      OpaqueBytes ciphertext = next == null ? null : next.ciphertext();
      if (resealed == null || ciphertext == null) {
        throw StoreEditor.damaged(
            store, SecretRef.of(vault.name(), secret.name()), version.number());
      }
      writes++;
      sizeBytes += ciphertext.sizeBytes();
      return resealed;
    }
  }

  private CommitWriter writer(HeadReader.Opened opened, Envelope envelope) {
    return new CommitWriter(settings, keys, opened.head(), opened.envelope(), envelope);
  }

  private static <T> Committer.Commit<T> commit(CommitWriter writer, T result) {
    return new Committer.Commit<>(writer.written(Instant.now()), result);
  }

  private static <T> Committer.Commit<T> unchanged(HeadReader.Opened opened, T result) {
    return new Committer.Commit<>(new CommitWriter.Written(opened.head(), List.of()), result);
  }
}
