package tech.tailor.secretmanager.etcd;

import static java.lang.System.Logger.Level.DEBUG;
import static java.util.Objects.requireNonNull;
import static tech.tailor.secretmanager.SecretSupport.oneLine;

import io.etcd.jetcd.Client;
import io.etcd.jetcd.op.Op;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretConflictException;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretLimitException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.envelope.EncryptedSecretStore;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.envelope.StoreAnchor;
import tech.tailor.secretmanager.envelope.shared.Budget;
import tech.tailor.secretmanager.envelope.shared.ChangeWatcher;
import tech.tailor.secretmanager.envelope.shared.Keyring;
import tech.tailor.secretmanager.envelope.shared.Limits;
import tech.tailor.secretmanager.envelope.shared.RewindGuard;
import tech.tailor.secretmanager.envelope.shared.StoredValue;
import tech.tailor.secretmanager.spi.AbstractVersionedSecretStore;
import tech.tailor.secretmanager.spi.SecretOutcome;
import tech.tailor.secretmanager.spi.StoreEditor;
import tech.tailor.secretmanager.store.SharedSecretStore;
import tech.tailor.secretmanager.store.StoreVerification;
import tech.tailor.secretmanager.store.VersionedSecretStore;

/**
 * Secrets in etcd, for several machines. Values are encrypted before they leave the process, and
 * bound to their place; etcd never has a key.
 *
 * <p>An etcd may hold several stores, each below a prefix of the application's choice. The
 * application brings the client, with its endpoints, user and TLS.
 *
 * <p>Each commit is one transaction, which takes effect only if no other commit was faster, and is
 * otherwise made again within {@link Builder#timeout}. {@link #inOneCommit} runs its changes once:
 * if another commit changed what they read, that is a {@link SecretConflictException}. A commit
 * that is too large for one transaction of etcd is a {@link SecretLimitException} before it is
 * sent. Where etcd doesn't answer during a commit, the store asks for its id, and so knows whether
 * it took effect.
 *
 * <p><b>What etcd sees:</b> the names of vaults and secrets, descriptions, labels, times, version
 * numbers and sizes; never a value and never a key.
 *
 * <p><b>What its administrator can do:</b> deny and delete. A value, a label or a description that
 * was edited, moved or exchanged is a {@link SecretIntegrityException} when it is read. A store
 * that is older than what this process has seen is a
 * {@link tech.tailor.secretmanager.SecretStoreRewoundException}. <b>Not</b> noticed when it is
 * read, but by {@link #verify}: one whole older record that was put back, and a record that was
 * deleted. Not noticed at all by a process that has not seen the newer state: a whole older store,
 * unless there is an {@linkplain Builder#anchor anchor}.
 *
 * <p><b>Thread-safety:</b> safe for use by several threads, processes and machines. A call waits on
 * the calling thread, which must not be one of the client's own.
 *
 * <p><b>Ownership:</b> the caller closes the store; the client stays the caller's.
 */
public final class EtcdSecretStore extends AbstractVersionedSecretStore
    implements SharedSecretStore, EncryptedSecretStore {

  private static final System.Logger LOGGER = System.getLogger(EtcdSecretStore.class.getName());
  private static final int VERIFY_TIMEOUTS = 100;

  private final EtcdSettings settings;
  private final @Nullable Client owned;
  private final Etcd etcd;
  private final Keys keys;
  private final RewindGuard<Head> guard;
  private final HeadReader heads;
  private final Reads reads;
  private final Committer committer;
  private final ChangeWatcher<Head> watcher;
  private final KeyRotation rotation;

  private volatile boolean closed;

  private EtcdSecretStore(EtcdSettings settings, @Nullable Client owned) {
    String store = settings.describe();
    this.settings = settings;
    this.owned = owned;
    this.etcd = new Etcd(settings.client(), store);
    this.keys = new Keys(settings.prefix());
    this.guard = new RewindGuard<>(settings.anchor(), store);
    Keyring keyring = new Keyring(KeyList.LABEL, settings.keys(), store);
    this.heads = new HeadReader(etcd, keys, keyring, guard, settings);
    this.reads = new Reads(etcd, keys, heads, settings);
    this.committer = new Committer(etcd, keys, heads, guard, settings);
    this.rotation = new KeyRotation(etcd, keys, reads, committer, keyring, settings);
    this.watcher = new ChangeWatcher<>(
        new ChangeFeed(heads, keys, settings), "secretmanager-etcd-watch", store);
  }

  /**
   * Begins a store; {@link Builder#open} ends it.
   *
   * @param client of jetcd, which stays the caller's; its {@code maxInboundMessageSize} must be at
   *     least gRPC's default of 4 MiB
   * @param prefix of all keys of the store, such as {@code /secretmanager/orders}: 1 to 200
   *     printable ASCII characters without spaces, quotes and backslashes. A slash is put at its
   *     end where it has none
   * @param masterKey encrypts the store's data keys
   * @throws IllegalArgumentException if the prefix is not of that form
   */
  public static Builder builder(Client client, String prefix, MasterKey masterKey) {
    return new Builder(
        requireNonNull(client, "client"),
        Builder.requirePrefix(prefix),
        requireNonNull(masterKey, "masterKey"));
  }

  @Override
  public int versionsKept() {
    requireOpen();
    return settings.versionsKept();
  }

  /** One round trip and one snapshot; for more than 24 names, one for each 24. */
  @Override
  public Map<String, SecretOutcome> fetch(String vault, Set<String> names) {
    requireOpen();
    SecretRef.requireVaultName(vault);
    requireNonNull(names, "names").forEach(name -> SecretRef.of(vault, name));
    return reads.fetch(vault, names, content -> editor(content).fetch(vault, names));
  }

  /**
   * Begins to tell which secrets were changed, by a daemon thread of the store's own: at once as
   * long as etcd's watch lives, and otherwise within seconds. Each fetch sees changes in any case.
   *
   * @throws tech.tailor.secretmanager.SecretManagerException if etcd can't be read
   */
  @Override
  public Watch watch(Consumer<? super Set<SecretRef>> changed) {
    requireNonNull(changed, "changed");
    requireOpen();
    return watcher.watch(changed);
  }

  @Override
  protected <T> T read(Function<? super VersionedSecretStore, T> question) {
    requireOpen();
    return reads.askContent(content -> question.apply(editor(content)));
  }

  /** Made again from the newest state until no other commit was faster. */
  @Override
  protected <T> T change(Function<? super VersionedSecretStore, T> changes) {
    requireOpen();
    return committer.commit((opened, budget) -> commit(opened, content(opened, budget), changes));
  }

  /** Reads the secret in the same request as the head. */
  @Override
  protected <T> T change(SecretRef secret, Function<? super VersionedSecretStore, T> changes) {
    requireOpen();
    return committer.commit(new Committer.Plan<>() {
      @Override
      public List<Op> gets() {
        return List.of(
            Etcd.get(keys.vault(secret.vault())),
            Etcd.get(keys.secret(secret.vault(), secret.name())));
      }

      @Override
      public Committer.Commit<T> make(HeadReader.Opened opened, Budget budget) {
        EtcdContent content = content(opened, budget);
        Records records = records(opened);
        String key = keys.secret(secret.vault(), secret.name());
        content.keep(
            secret.vault(),
            Etcd.value(opened.more().get(0)).map(stored -> records.vault(secret.vault(), stored)));
        content.keep(
            secret, Etcd.value(opened.more().get(1)).map(stored -> records.secret(key, stored)));
        return commit(opened, content, changes);
      }
    });
  }

  private <T> Committer.Commit<T> commit(
      HeadReader.Opened opened,
      EtcdContent content,
      Function<? super VersionedSecretStore, T> changes) {
    StoreEditor<StoredValue> editor = editor(content);
    try {
      T result = changes.apply(editor);
      return new Committer.Commit<>(writer(opened).write(content).written(content.now()), result);
    } finally {
      editor.end();
    }
  }

  /**
   * The changes run once. Where another commit was faster, and changed nothing that they read,
   * theirs are sealed again on top of it. Other changes through this store wait meanwhile.
   *
   * @throws SecretConflictException if another commit changed what the changes read; nothing was
   *     changed
   * @throws SecretLimitException if the commit is too large for one transaction of etcd: more than
   *     about 40 secrets, or 1.5 MB; nothing was changed
   * @throws tech.tailor.secretmanager.SecretTimeoutException if the changes of another thread on
   *     this store take longer than the timeout
   */
  @Override
  public void inOneCommit(Consumer<? super VersionedSecretStore> changes) {
    requireNonNull(changes, "changes");
    requireOpen();
    committer.commit(new OneCommit(changes));
  }

  /** Runs the changes once, and seals them again for each head. */
  private final class OneCommit implements Committer.Plan<Boolean> {

    private final Consumer<? super VersionedSecretStore> changes;
    private @Nullable Head head;
    private @Nullable EtcdContent content;
    private long key;

    private OneCommit(Consumer<? super VersionedSecretStore> changes) {
      this.changes = changes;
    }

    @Override
    public @Nullable Head since() {
      return head;
    }

    @Override
    public Committer.Commit<Boolean> make(HeadReader.Opened opened, Budget budget) {
      EtcdContent changed = content == null ? run(opened, budget) : content;
      requireUntouched(opened, changed);
      return new Committer.Commit<>(writer(opened).write(changed).written(changed.now()), true);
    }

    private EtcdContent run(HeadReader.Opened opened, Budget budget) {
      EtcdContent made = content(opened, budget);
      StoreEditor<StoredValue> editor = editor(made);
      try {
        changes.accept(editor);
      } finally {
        editor.end();
      }
      head = opened.head();
      key = opened.envelope().sealingKey();
      content = made;
      return made;
    }

    private void requireUntouched(HeadReader.Opened opened, EtcdContent changed) {
      Head from = requireNonNull(head);
      boolean isTouched = opened.envelope().sealingKey() != key
          || !from.storeId().equals(opened.head().storeId())
          || from.epoch() != opened.head().epoch()
          || opened
              .tail()
              .after(opened.head(), from.log())
              .map(changed.reads()::isTouchedBy)
              .orElse(true);
      if (isTouched) {
        throw new SecretConflictException("The " + settings.describe() + " was changed by another"
            + " writer, in what this commit read, before it could be written; nothing was changed."
            + " Read again, and decide again");
      }
    }
  }

  private EtcdContent content(HeadReader.Opened opened, Budget budget) {
    Snapshot snapshot = new Snapshot(etcd, keys, records(opened), opened.revision(), budget);
    return new EtcdContent(snapshot, opened.envelope(), settings.describe(), Instant.now());
  }

  private Records records(HeadReader.Opened opened) {
    return new Records(keys, opened.envelope(), settings.describe());
  }

  private CommitWriter writer(HeadReader.Opened opened) {
    return new CommitWriter(settings, keys, opened.head(), opened.envelope(), opened.envelope());
  }

  /**
   * Reads the whole store, and holds every record, every ciphertext and the log against what the
   * last commit left. So it finds what single reads can't: a record that was deleted, or put back
   * as it once was. What it can't find is a whole store that was put back. May take a hundred times
   * as long as {@link Builder#timeout} says.
   *
   * @return what was found; its commits are those that the log keeps, up to 10,000
   * @throws tech.tailor.secretmanager.SecretManagerException if the store can't be read as a whole
   */
  @Override
  public StoreVerification verify() {
    requireOpen();
    Budget budget = Budget.of(settings.timeout().multipliedBy(VERIFY_TIMEOUTS));
    return reads.ask(budget, opened -> {
      Records records = records(opened);
      Snapshot snapshot = new Snapshot(etcd, keys, records, opened.revision(), budget);
      return new Verification(keys, opened, snapshot, records, settings).run();
    });
  }

  /**
   * Accepts that the store was rewound: it is read and written again from the commit that the mark
   * names. Other processes that refuse it learn of that through the store. Any process can do so,
   * also one that has not seen the newer state.
   *
   * @param mark of the {@link tech.tailor.secretmanager.SecretStoreRewoundException}
   * @throws IllegalArgumentException if it is no mark
   * @throws SecretConflictException if the store is at another commit than that by now
   */
  @Override
  public void acceptRewind(String mark) {
    RewindGuard.requireMark(mark);
    requireOpen();
    committer.commitAfterRewind((opened, budget) -> {
      Head head = opened.head();
      guard.requireAt(mark, head);
      CommitWriter writer = writer(opened).acceptRewind(guard.generationAfter(head));
      return new Committer.Commit<>(writer.written(Instant.now()), true);
    });
  }

  /**
   * Gives the store another master key, in one commit: from then on that one opens it, and the key
   * of before does not. Stores that are open, in any process, go on. If the store is of that key
   * already, nothing is changed.
   *
   * <p>Other processes that may open it meanwhile need both keys for that time: see
   * {@link Builder#previousKey}. A holder of the old key and of a copy of the store may have read
   * the data key: if the old one got into wrong hands, {@link #rotateDataKey} comes after this, and
   * new values for the secrets.
   *
   * @throws SecretIntegrityException if the store is of another key by now than it was opened with
   */
  @Override
  public void rotateMasterKey(MasterKey next) {
    requireNonNull(next, "next");
    requireOpen();
    rotation.toMasterKey(next);
  }

  /**
   * Replaces the key that values are encrypted with and records are sealed with. It adds a new one,
   * encrypts each value and seals each record again, and drops the old one. That takes several
   * commits; others read and write meanwhile, provided that they have the current master key: after
   * {@link #rotateMasterKey}, open every process with the new one first. If it is interrupted, at
   * any point, the store is good, and the next call ends it with the key that was added.
   *
   * @throws SecretIntegrityException if a value is damaged, which names it: destroy its version or
   *     write the secret again, and call this again
   */
  @Override
  public void rotateDataKey() {
    requireOpen();
    rotation.toNewDataKey();
  }

  /** Lets go of the keys. The client stays open. A second call does nothing. */
  @Override
  public void close() {
    closed = true;
    try {
      watcher.close();
    } finally {
      if (owned != null) {
        owned.close();
      }
    }
  }

  /** Returns the prefix. */
  @Override
  public String toString() {
    return "EtcdSecretStore[" + oneLine(settings.prefix()) + "]";
  }

  private StoreEditor<StoredValue> editor(EtcdContent content) {
    return new StoreEditor<>(content, settings.versionsKept());
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("The EtcdSecretStore is closed");
    }
  }

  private void begin(boolean createIfMissing) {
    Optional<StoreAnchor.Mark> remembered = guard.remembered();
    Budget budget = Budget.of(settings.timeout());
    if (createIfMissing) {
      Creation.createIfMissing(etcd, keys, settings, remembered, budget);
    }
    remembered.ifPresent(guard::startFrom);
    Head head = heads.read(budget).head(); // the right key?
    LOGGER.log(DEBUG, () -> "Opened the " + settings.describe() + " at " + head.mark());
  }

  /** The settings of a store. Each is checked when it is given. Not thread-safe. */
  public static final class Builder {

    private static final Pattern PREFIX = Pattern.compile("[!#-\\[\\]-~]{1,200}");

    private final Client client;
    private final String prefix;
    private final MasterKey key;
    private List<MasterKey> keys;
    private @Nullable StoreAnchor anchor;
    private Duration timeout = Duration.ofSeconds(10);
    private Duration lookEvery = Duration.ofSeconds(2);
    private int versionsKept = 10;
    private boolean createIfMissing;
    private EtcdSettings.Control control = EtcdSettings.Control.NONE;
    private @Nullable Client owned;

    private Builder(Client client, String prefix, MasterKey key) {
      this.client = client;
      this.prefix = prefix;
      this.key = key;
      this.keys = List.of(key);
    }

    static boolean isPrefix(String prefix) {
      return PREFIX.matcher(prefix).matches();
    }

    private static String requirePrefix(String prefix) {
      if (!isPrefix(requireNonNull(prefix, "prefix"))) {
        throw new IllegalArgumentException("A prefix has 1 to 200 printable ASCII characters,"
            + " without spaces, quotes and backslashes, such as /secretmanager/orders, got "
            + oneLine("\"" + prefix + "\""));
      }
      return prefix.endsWith("/") ? prefix : prefix + "/";
    }

    /**
     * A second key that may open the store, for the time of a rotation: the one of before, or the
     * next one. It never encrypts anything new. Default: none.
     */
    public Builder previousKey(MasterKey previous) {
      this.keys = List.of(key, requireNonNull(previous, "previous"));
      return this;
    }

    /**
     * Has the newest generation remembered elsewhere, so that a process that has seen nothing yet
     * notices an older store, too. It is asked when the store is opened and told after each commit.
     * The anchor stays the caller's. Default: none.
     */
    public Builder anchor(StoreAnchor other) {
      this.anchor = requireNonNull(other, "other");
      return this;
    }

    /**
     * How long a call may wait for etcd and for other changes through this store, in all. Where
     * etcd does not answer a change for half of it, the other half is for the question what became
     * of that change. What the caller does in {@code inOneCommit} is not counted, and where more
     * than a hundred commits were made since the last call, each further hundred has as long to be
     * caught up with. Default: 10 seconds.
     *
     * @throws IllegalArgumentException if it is not between 1 ms and 1 hour
     */
    public Builder timeout(Duration timeout) {
      this.timeout = Limits.requireTimeout(timeout, "timeout");
      return this;
    }

    /**
     * How many versions of each secret are kept, the current one included. A smaller number than
     * before holds for each secret from its next update on. Default: 10.
     *
     * @throws IllegalArgumentException if it is not between 1 and 100
     */
    public Builder versionsKept(int count) {
      this.versionsKept = Limits.requireVersionsKept(count);
      return this;
    }

    /** Makes the store where it is missing. Default: a missing one is refused. */
    public Builder createIfMissing() {
      this.createIfMissing = true;
      return this;
    }

    /** Has the store close its client when it is closed. */
    Builder closingClient() {
      this.owned = client;
      return this;
    }

    /** For tests: looks for changes at other intervals. */
    Builder lookEvery(Duration duration) {
      this.lookEvery = duration;
      return this;
    }

    /** For tests. */
    Builder control(EtcdSettings.Control other) {
      this.control = other;
      return this;
    }

    /**
     * Opens the store.
     *
     * @throws SecretStorageException if there is no such store
     * @throws SecretIntegrityException if the store was made with another key, or was damaged or
     *     edited
     * @throws tech.tailor.secretmanager.SecretAccessDeniedException if the client's user may not
     *     read it
     * @throws tech.tailor.secretmanager.SecretTimeoutException if etcd can't be reached in time
     * @throws tech.tailor.secretmanager.SecretUnavailableException if etcd can't be reached
     */
    public EtcdSecretStore open() {
      EtcdSecretStore store = new EtcdSecretStore(
          new EtcdSettings(client, prefix, keys, anchor, timeout, lookEvery, versionsKept, control),
          owned);
      try {
        store.begin(createIfMissing);
        return store;
      } catch (RuntimeException e) {
        store.close();
        throw e;
      }
    }
  }
}
