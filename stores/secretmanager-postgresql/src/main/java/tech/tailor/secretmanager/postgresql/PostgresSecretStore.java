package tech.tailor.secretmanager.postgresql;

import static java.lang.System.Logger.Level.DEBUG;
import static java.util.Objects.requireNonNull;
import static tech.tailor.secretmanager.SecretSupport.oneLine;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.SecretValue;
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
import tech.tailor.secretmanager.store.AuditedSecretStore;
import tech.tailor.secretmanager.store.StoreChange;
import tech.tailor.secretmanager.store.StoreVerification;
import tech.tailor.secretmanager.store.VersionedSecretStore;

/**
 * Secrets in PostgreSQL, for several machines. Values are encrypted before they leave the process,
 * and bound to their place; the database never has a key.
 *
 * <p>A database may hold several stores, each a <em>workspace</em> with a name of the application's
 * choice. The tables are made by {@link PostgresSchema}; the application brings the data source and
 * PostgreSQL's JDBC driver. Connections are returned as they were: what a commit needs is set for
 * its transaction alone.
 *
 * <p>Each commit locks the head row of its workspace, so commits of one workspace follow one after
 * the other, and their generations are without gaps. Readers wait for nobody. Where the connection
 * breaks during a commit, the store asks for its id, and so knows whether it took effect.
 *
 * <p><b>What the server sees:</b> the names of workspaces, vaults and secrets, descriptions,
 * labels, actors, times, version numbers and sizes; never a value and never a key.
 *
 * <p><b>What its administrator can do:</b> deny and delete. A value, a label or a description that
 * was edited, moved or exchanged is a {@link SecretIntegrityException} when it is read. A database
 * that is older than what this process has seen is a
 * {@link tech.tailor.secretmanager.SecretStoreRewoundException}. <b>Not</b> noticed when it is
 * read, but by {@code verify()}: one whole older record that was put back, and a record that was
 * deleted. Not noticed at all by a process that has not seen the newer state: a whole older
 * database, unless there is an {@linkplain Builder#anchor anchor}.
 *
 * <p><b>Thread-safety:</b> safe for use by several threads, processes and machines.
 * <b>Ownership:</b> the caller closes the store; the data sources stay the caller's.
 */
public final class PostgresSecretStore extends AbstractVersionedSecretStore
    implements AuditedSecretStore, EncryptedSecretStore {

  private static final System.Logger LOGGER = System.getLogger(PostgresSecretStore.class.getName());
  private static final int PUT_AT_ONCE = 1_000;
  private static final int VERIFY_TIMEOUTS = 100;

  private final PostgresSettings settings;
  private final Database database;
  private final @Nullable Database replica;
  private final @Nullable TwoConnections owned;
  private final RewindGuard<Head> guard;
  private final HeadReader heads;
  private final Reads reads;
  private final Committer committer;
  private final ChangeWatcher<Head> watcher;
  private final KeyRotation rotation;

  private volatile boolean closed;

  private PostgresSecretStore(PostgresSettings settings, @Nullable TwoConnections owned) {
    this.owned = owned;
    String store = settings.describe();
    this.settings = settings;
    this.database = new Database(settings.dataSource(), store, settings.timeout());
    DataSource readFrom = settings.replica();
    this.replica = readFrom == null ? null : new Database(readFrom, store, settings.timeout());
    this.guard = new RewindGuard<>(settings.anchor(), store);
    Keyring keyring = new Keyring(KeyRows.LABEL, settings.keys(), store);
    this.heads = new HeadReader(settings.workspace(), keyring, guard, store);
    this.reads = new Reads(database, replica, heads, guard, store);
    this.committer = new Committer(database, heads, keyring, guard, settings);
    this.rotation = new KeyRotation(committer, keyring, settings);
    this.watcher = new ChangeWatcher<>(
        new ChangeFeed(database, heads, guard, settings), "secretmanager-postgresql-watch", store);
  }

  /**
   * Begins a store; {@link Builder#open} ends it.
   *
   * @param dataSource gives connections to the primary; for load, a pool. It stays the caller's
   * @param workspace names the store in the database: 1 to 63 letters, digits, {@code -}, {@code _}
   *     and {@code .}
   * @param masterKey encrypts the workspace's data keys
   * @throws IllegalArgumentException if the name of the workspace is not of that form
   */
  public static Builder builder(DataSource dataSource, String workspace, MasterKey masterKey) {
    return new Builder(
        requireNonNull(dataSource, "dataSource"),
        Builder.requireWorkspace(workspace),
        requireNonNull(masterKey, "masterKey"));
  }

  @Override
  public int versionsKept() {
    requireOpen();
    return settings.versionsKept();
  }

  /** One round trip, and one snapshot. */
  @Override
  public Map<String, SecretOutcome> fetch(String vault, Set<String> names) {
    requireOpen();
    SecretRef.requireVaultName(vault);
    requireNonNull(names, "names").forEach(name -> SecretRef.of(vault, name));
    return editor(reads.fetch(vault, names)).fetch(vault, names);
  }

  /**
   * Begins to tell which secrets were changed, by a daemon thread of the store's own: within about
   * a second, and with {@link Builder#listenWith} at once. Each fetch sees changes in any case.
   *
   * @throws tech.tailor.secretmanager.SecretManagerException if the database can't be read
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
    return reads.ask(content -> question.apply(editor(content)));
  }

  @Override
  protected <T> T change(Function<? super VersionedSecretStore, T> changes) {
    return commit(null, changes);
  }

  /** Reads the secret in the round trip that locks the head. */
  @Override
  protected <T> T change(SecretRef secret, Function<? super VersionedSecretStore, T> changes) {
    return commit(secret, changes);
  }

  private <T> T commit(
      @Nullable SecretRef secret, Function<? super VersionedSecretStore, T> changes) {
    requireOpen();
    return committer.commit(secret, locked -> {
      String store = settings.describe();
      PostgresContent content = locked.content(store);
      StoreEditor<StoredValue> editor = editor(content);
      try {
        T result = changes.apply(editor);
        CommitWriter writer = locked.writer(locked.head().generation() + 1, store);
        return new Committer.Commit<>(
            writer.write(content).written(settings.actor(), locked.now()),
            locked.envelope(),
            result);
      } finally {
        editor.end();
      }
    });
  }

  /**
   * Creates or updates secrets of a vault, a thousand in one commit each. If it fails, the commits
   * of before stay.
   *
   * @param values by name; they stay the caller's to close
   * @throws tech.tailor.secretmanager.SecretManagerException as {@code put} does
   */
  public void putAll(String vault, Map<String, SecretValue> values) {
    requireOpen();
    List<String> names = List.copyOf(requireNonNull(values, "values").keySet());
    for (int from = 0; from < names.size(); from += PUT_AT_ONCE) {
      List<String> some = names.subList(from, Math.min(from + PUT_AT_ONCE, names.size()));
      inOneCommit(changes -> {
        changes.describeSecrets(vault, some); // reads them in one round trip
        some.forEach(name -> changes.put(vault, name, requireNonNull(values.get(name))));
      });
    }
  }

  @Override
  public List<StoreChange> history(long before, int limit) {
    if (limit < 1 || limit > MAX_HISTORY) {
      throw new IllegalArgumentException(
          "limit must be between 1 and " + MAX_HISTORY + ", got " + limit);
    }
    requireOpen();
    Head seen = guard.seen();
    return database.snapshot(
        database.budget(),
        session -> Trail.latest(
            session, heads.require(session, seen), before, limit, settings.describe()));
  }

  /** May take a hundred times as long as {@link Builder#timeout} says. */
  @Override
  public StoreVerification verify() {
    requireOpen();
    Head seen = guard.seen();
    return database.snapshot(
        Budget.of(settings.timeout().multipliedBy(VERIFY_TIMEOUTS)),
        session ->
            new Verification(session, heads.require(session, seen), settings.describe()).run());
  }

  @Override
  public void acceptRewind(String mark) {
    RewindGuard.requireMark(mark);
    requireOpen();
    committer.commitAfterRewind(locked -> {
      Head head = locked.head();
      guard.requireAt(mark, head);
      CommitWriter writer = locked.writer(guard.generationAfter(head), settings.describe());
      return new Committer.Commit<>(
          writer.acceptRewind().written(settings.actor(), locked.now()), locked.envelope(), true);
    });
  }

  /**
   * Gives the workspace another master key, in one commit: from then on that one opens it, and the
   * key of before does not. Stores that are open, in any process, go on. If the workspace is of
   * that key already, nothing is changed.
   *
   * <p>Other processes that may open it meanwhile need both keys for that time: see
   * {@link Builder#previousKey}. A holder of the old key and of a copy of the database may have
   * read the data key: if the old one got into wrong hands, {@link #rotateDataKey} comes after
   * this, and new values for the secrets.
   *
   * @throws SecretIntegrityException if the workspace is of another key by now than this store was
   *     opened with
   */
  @Override
  public void rotateMasterKey(MasterKey next) {
    requireNonNull(next, "next");
    requireOpen();
    rotation.toMasterKey(next);
  }

  /**
   * Replaces the key that values are encrypted with and records are sealed with: adds a new one,
   * encrypts each value and seals each record again, drops the old one. That takes several commits;
   * others read and write meanwhile, and notice nothing, provided that they have the current master
   * key: after {@link #rotateMasterKey}, open every process with the new one first. If it is
   * interrupted, at any point, the store is good, and the next call ends it with the key that was
   * added.
   *
   * @throws SecretIntegrityException if a value is damaged, which names it: destroy its version or
   *     write the secret again, and call this again
   */
  @Override
  public void rotateDataKey() {
    requireOpen();
    rotation.toNewDataKey();
  }

  /** Lets go of the keys. The data sources stay open. A second call does nothing. */
  @Override
  public void close() {
    closed = true;
    watcher.close();
    database.close();
    if (replica != null) {
      replica.close();
    }
    if (owned != null) {
      owned.close();
    }
  }

  /** Returns the name of the workspace. */
  @Override
  public String toString() {
    return "PostgresSecretStore[" + oneLine(settings.workspace()) + "]";
  }

  private StoreEditor<StoredValue> editor(PostgresContent content) {
    return new StoreEditor<>(content, settings.versionsKept());
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("The PostgresSecretStore is closed");
    }
  }

  private void begin(boolean createIfMissing) {
    boolean checked = database.query(database.budget(), session -> {
      PostgresSchema.require(session);
      PoolerCheck.require(session, settings.describe());
      return true;
    });
    if (checked && createIfMissing) {
      Workspaces.createIfMissing(database, settings);
    }
    guard.remembered().ifPresent(guard::startFrom);
    Head head = database
        .snapshot(database.budget(), session -> heads.read(session, null))
        .head(); // the right key?
    LOGGER.log(DEBUG, () -> "Opened the " + settings.describe() + " at " + head.mark());
  }

  /** The settings of a store. Each is checked when it is given. Not thread-safe. */
  public static final class Builder {

    private static final Pattern WORKSPACE = Pattern.compile("[A-Za-z0-9._-]{1,63}");
    private static final int MAX_ACTOR_LENGTH = 200;

    private final DataSource dataSource;
    private final String workspace;
    private final MasterKey key;
    private List<MasterKey> keys;
    private @Nullable DataSource replica;
    private @Nullable DataSource listener;
    private String actor = "";
    private @Nullable StoreAnchor anchor;
    private Duration timeout = Duration.ofSeconds(10);
    private Duration lockTimeout = Duration.ofSeconds(5);
    private Duration pollEvery = Duration.ofSeconds(1);
    private int versionsKept = 10;
    private boolean createIfMissing;
    private boolean locksHead = true;
    private boolean catchesUp = true;
    private @Nullable TwoConnections owned;

    private Builder(DataSource dataSource, String workspace, MasterKey key) {
      this.dataSource = dataSource;
      this.workspace = workspace;
      this.key = key;
      this.keys = List.of(key);
    }

    private static String requireWorkspace(String workspace) {
      if (!WORKSPACE.matcher(requireNonNull(workspace, "workspace")).matches()) {
        throw new IllegalArgumentException("A workspace is named by 1 to 63 letters, digits, '-',"
            + " '_' and '.', got " + oneLine("\"" + workspace + "\""));
      }
      return workspace;
    }

    /**
     * Who makes the changes, for the trail: one line of at most 200 characters, such as a person or
     * a service. Default: empty.
     *
     * @throws IllegalArgumentException if it is longer, or has a control character
     */
    public Builder actor(String name) {
      if (requireNonNull(name, "name").length() > MAX_ACTOR_LENGTH
          || name.codePoints()
              .anyMatch(
                  c -> Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE)) {
        throw new IllegalArgumentException("An actor is one line of at most " + MAX_ACTOR_LENGTH
            + " characters, without control characters");
      }
      this.actor = name;
      return this;
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
     * Reads from a replica, as long as that is there, and not behind what this process has seen;
     * otherwise from the primary. So a process reads its own writes; those of others may come late.
     * Default: none.
     */
    public Builder readFrom(DataSource replicaDataSource) {
      this.replica = requireNonNull(replicaDataSource, "replicaDataSource");
      return this;
    }

    /**
     * Listens for the server's notifications of changes on one connection of this data source,
     * which must lead to the primary directly, without a pooler. Needs pgjdbc. Default: none, and
     * changes of other processes are found by looking once a second.
     */
    public Builder listenWith(DataSource directDataSource) {
      this.listener = requireNonNull(directDataSource, "directDataSource");
      return this;
    }

    /**
     * Has the newest generation remembered elsewhere, so that a process that has seen nothing yet
     * notices an older database, too. It is asked when the store is opened and told after each
     * commit. The anchor stays the caller's. Default: none.
     */
    public Builder anchor(StoreAnchor other) {
      this.anchor = requireNonNull(other, "other");
      return this;
    }

    /**
     * How long a call may wait, for a connection and for all answers of the database together.
     * Default: 10 seconds. A change may wait for {@link #lockTimeout} in addition, and if its
     * connection broke in the commit, once more as long as both until it is known what became of
     * it. {@link #open} makes up to four such calls, a rotation of a key one for each commit.
     *
     * @throws IllegalArgumentException if it is not between 1 ms and 1 hour
     */
    public Builder timeout(Duration timeout) {
      this.timeout = Limits.requireTimeout(timeout, "timeout");
      return this;
    }

    /**
     * How long a change waits for other changes of the workspace; also how long one may stand still
     * in {@code inOneCommit}, but at least a second. Default: 5 seconds.
     *
     * @throws IllegalArgumentException if it is not between 1 ms and 1 hour
     */
    public Builder lockTimeout(Duration lockTimeout) {
      this.lockTimeout = Limits.requireTimeout(lockTimeout, "lockTimeout");
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

    /** Makes the workspace where it is missing. Default: a missing one is refused. */
    public Builder createIfMissing() {
      this.createIfMissing = true;
      return this;
    }

    /** Has the store close these connections when it is closed. */
    Builder closing(TwoConnections connections) {
      this.owned = connections;
      return this;
    }

    /** For tests: looks for changes at other intervals. */
    Builder pollEvery(Duration duration) {
      this.pollEvery = duration;
      return this;
    }

    /** For tests: a watch tells what the last commit changed, not what it missed. */
    Builder withoutCatchingUp() {
      this.catchesUp = false;
      return this;
    }

    /** For tests: commits without the lock of the head. */
    Builder withoutHeadLock() {
      this.locksHead = false;
      return this;
    }

    /**
     * Opens the store.
     *
     * @throws SecretStorageException if there is no such workspace, or the schema is missing, or
     *     older or newer than this library, or a pooler stands between that needs
     *     {@code prepareThreshold=0}
     * @throws SecretIntegrityException if the workspace was made with another key, or was damaged
     *     or edited
     * @throws tech.tailor.secretmanager.SecretAccessDeniedException if the role of the connection
     *     may not read it
     * @throws tech.tailor.secretmanager.SecretUnavailableException if the database can't be reached
     */
    public PostgresSecretStore open() {
      PostgresSecretStore store = new PostgresSecretStore(
          new PostgresSettings(
              dataSource,
              replica,
              listener,
              workspace,
              keys,
              actor,
              anchor,
              timeout,
              lockTimeout,
              pollEvery,
              versionsKept,
              locksHead,
              catchesUp),
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
