package tech.tailor.secretmanager.testing;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.CacheStats;
import tech.tailor.secretmanager.SecretAlreadyExistsException;
import tech.tailor.secretmanager.SecretBundle;
import tech.tailor.secretmanager.SecretFunction;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;

/**
 * A {@link SecretManager} for tests: the client that runs in production, with its cache and its
 * rules, over a store in memory. No server, no file, no test framework.
 *
 * <pre>{@code
 * try (FakeSecretManager secretManager = FakeSecretManager.with("default", "greeting", "hello")) {
 *   greet(secretManager);
 *   secretManager.backend().failWithUnavailable();
 *   secretManager.advance(Duration.ofMinutes(10));
 *   greet(secretManager); // served from the cache, marked as stale
 * }
 * }</pre>
 *
 * <p><b>It caches</b>, with the defaults of {@link SecretManagers#builder}: what was read is
 * answered from the cache until its time to live has passed, as in production. {@link #advance}
 * lets it pass. Nothing is refreshed ahead of that, so that a test knows what it reads, unless
 * {@link Builder#settings} says so.
 *
 * <p><b>Time</b> stands still but for {@link #advance} and {@link FakeBackend#slow}.
 *
 * <p><b>Everything happens on the calling thread</b>, the calls to the backend too: the future that
 * an asynchronous method returns is complete, unless {@link Builder#executor} says otherwise.
 *
 * <p><b>It remembers</b> which secrets were {@linkplain #reads() read} through it, which values are
 * {@linkplain #openValues() still open}, and every value that it was ever given, so as to
 * {@linkplain #exposedIn find it} where it should not be. It is for made-up values.
 *
 * <p><b>Thread-safety:</b> safe for use by several threads.
 *
 * <p><b>Ownership:</b> closing it closes everything that belongs to it.
 */
public final class FakeSecretManager implements SecretManager {

  private static final Duration MOST_AT_ONCE = Duration.ofDays(36_500);

  private static final int MOST_READS = 10_000;

  private final InMemorySecretStore store;
  private final FakeBackend backend;
  private final AtomicLong nowNanos = new AtomicLong();
  private final SecretManager manager;
  private final SoughtValues sought = new SoughtValues();
  private final OpenValues open = new OpenValues();

  /** Guarded by itself. */
  private final Deque<SecretRef> reads = new ArrayDeque<>();

  private FakeSecretManager(Builder builder) {
    this.store = InMemorySecretStore.create();
    this.backend = FakeBackend.over(store, this::pass);
    builder.secrets.forEach(this::put);
    SecretManagers.Builder settings = SecretManagers.builder(backend)
        .refreshAhead(Duration.ZERO)
        .rejectionTimeout(Duration.ZERO)
        .jitter(() -> 0);
    builder.settings.forEach(given -> given.accept(settings));
    this.manager = settings
        .executor(builder.executor)
        .ticker(nowNanos::get)
        .callsOnReadingThread()
        .build();
  }

  /** A manager without secrets. */
  public static FakeSecretManager create() {
    return builder().build();
  }

  /** Begins a manager with other settings. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * A manager with one secret; {@link #put} adds more.
   *
   * @throws IllegalArgumentException if a name breaks the {@linkplain SecretRef#NAME_GRAMMAR
   *     grammar}
   */
  public static FakeSecretManager with(String vault, String name, String value) {
    return create().put(vault, name, value);
  }

  /**
   * Gives a secret a value, creating the vault and the secret where they don't exist. A read that
   * was answered before goes on to be answered from the cache until its time to live has passed;
   * see {@link #advance}.
   *
   * @return this
   * @throws IllegalArgumentException if a name breaks the {@linkplain SecretRef#NAME_GRAMMAR
   *     grammar}
   */
  public FakeSecretManager put(String vault, String name, String value) {
    SecretRef ref = SecretRef.of(vault, name);
    try (SecretValue copy = SecretValue.of(requireNonNull(value, "value"))) {
      put(ref, copy);
    }
    return this;
  }

  /**
   * Gives a secret a value of bytes, which need not be text, as {@link #put(String, String,
   * String)} does. They are copied, and stay the caller's.
   *
   * @return this
   * @throws IllegalArgumentException if a name breaks the {@linkplain SecretRef#NAME_GRAMMAR
   *     grammar}, or if there are more than {@value SecretValue#MAX_SIZE_BYTES} bytes
   */
  public FakeSecretManager put(String vault, String name, byte[] value) {
    SecretRef ref = SecretRef.of(vault, name);
    try (SecretValue copy = SecretValue.copyOf(requireNonNull(value, "value"))) {
      put(ref, copy);
    }
    return this;
  }

  private void put(SecretRef ref, SecretValue value) {
    createVault(ref.vault());
    store.put(ref.vault(), ref.name(), value);
    sought.add(ref, value);
  }

  /**
   * Deletes a secret; does nothing if it does not exist. A secret that was read before is still
   * answered from the cache until its time to live has passed.
   *
   * @return this
   * @throws IllegalArgumentException if a name breaks the {@linkplain SecretRef#NAME_GRAMMAR
   *     grammar}
   */
  public FakeSecretManager remove(String vault, String name) {
    SecretRef ref = SecretRef.of(vault, name);
    try {
      store.deleteSecret(ref.vault(), ref.name());
    } catch (SecretNotFoundException e) {
      // That is what was wanted.
    }
    return this;
  }

  /**
   * Lets time pass, for the cache: values expire, stale ones grow too old to be served.
   *
   * @throws IllegalArgumentException if the duration is negative, or longer than 36,500 days
   */
  public void advance(Duration duration) {
    requireNonNull(duration, "duration");
    requireAdvance(duration);
    pass(duration);
  }

  /** What this manager reads from: tell it to fail, see what it was asked. */
  public FakeBackend backend() {
    return backend;
  }

  /**
   * The secrets that were read through this manager, in the order of the reads and as often as they
   * were read, from the cache or not; the last 10,000; an immutable copy. What was asked of the
   * backend is in {@link FakeBackend#fetches()}.
   */
  public List<SecretRef> reads() {
    synchronized (reads) {
      return List.copyOf(reads);
    }
  }

  /** Forgets the reads so far. */
  public void clearReads() {
    synchronized (reads) {
      reads.clear();
    }
  }

  /**
   * The values that this manager gave to their readers, in bundles too, and that are not closed
   * yet, in the order in which they were read. What {@code withSecret} lends is not among them.
   */
  public List<OpenValue> openValues() {
    return open.list();
  }

  /**
   * The secrets whose value shows in a text: each that this manager was ever given one of, as it
   * is, in Base64 (also within longer Base64, and in the alphabet for URLs), in hexadecimal,
   * percent-encoded, escaped as in JSON, or printed as an array of bytes or characters. A value
   * that is no text is sought as text with a character for each byte (ISO 8859-1), and in these
   * forms.
   *
   * <p>A value of less than 8 characters is not sought, since it could be there by chance. For the
   * same reason, give secrets values that occur nowhere else.
   *
   * @return the addresses, in the order in which they were put; never a value
   */
  public Set<SecretRef> exposedIn(CharSequence text) {
    return sought.in(requireNonNull(text, "text").toString());
  }

  @Override
  public Optional<SecretValue> getSecret(SecretRef ref) {
    read(ref);
    Optional<SecretValue> value = manager.getSecret(ref);
    value.ifPresent(found -> open.add(ref, found));
    return value;
  }

  @Override
  public SecretBundle getSecrets(String vault, Collection<String> names) {
    read(vault, names);
    return opened(manager.getSecrets(vault, names));
  }

  @Override
  public SecretBundle getSecretsTogether(String vault, Collection<String> names) {
    read(vault, names);
    return opened(manager.getSecretsTogether(vault, names));
  }

  @Override
  public SecretValue requireSecret(SecretRef ref) {
    read(ref);
    SecretValue value = manager.requireSecret(ref);
    open.add(ref, value);
    return value;
  }

  @Override
  public <T extends @Nullable Object, X extends Exception> T withSecret(
      SecretRef ref, SecretFunction<SecretValue, T, X> use) throws X {
    read(ref);
    return manager.withSecret(ref, use);
  }

  /** As in production, but that it asks the backend once and doesn't wait for another value. */
  @Override
  public <T extends @Nullable Object, X extends Exception> T withSecret(
      SecretRef ref, SecretFunction<SecretValue, T, X> use, Predicate<? super Exception> isRejected)
      throws X {
    read(ref);
    return manager.withSecret(ref, use, isRejected);
  }

  /** As in production, but that it asks the backend once and doesn't wait for another value. */
  @Override
  public <T extends @Nullable Object, X extends Exception> T withSecretsTogether(
      String vault,
      Collection<String> names,
      SecretFunction<SecretBundle, T, X> use,
      Predicate<? super Exception> isRejected)
      throws X {
    read(vault, names);
    return manager.withSecretsTogether(vault, names, use, isRejected);
  }

  @Override
  public CompletableFuture<Optional<SecretValue>> getSecretAsync(SecretRef ref) {
    read(ref);
    return whenRead(
        manager.getSecretAsync(ref), value -> value.ifPresent(found -> open.add(ref, found)));
  }

  @Override
  public CompletableFuture<SecretBundle> getSecretsAsync(String vault, Collection<String> names) {
    read(vault, names);
    return whenRead(manager.getSecretsAsync(vault, names), this::opened);
  }

  @Override
  public CompletableFuture<SecretValue> requireSecretAsync(SecretRef ref) {
    read(ref);
    return whenRead(manager.requireSecretAsync(ref), value -> open.add(ref, value));
  }

  @Override
  public <T extends @Nullable Object> CompletableFuture<T> withSecretAsync(
      SecretRef ref, SecretFunction<SecretValue, T, ? extends Exception> use) {
    read(ref);
    return manager.withSecretAsync(ref, use);
  }

  @Override
  public void refresh(SecretRef ref) {
    manager.refresh(ref);
  }

  @Override
  public void invalidate(SecretRef ref) {
    manager.invalidate(ref);
  }

  @Override
  public void invalidateAll() {
    manager.invalidateAll();
  }

  @Override
  public CacheStats cacheStats() {
    return manager.cacheStats();
  }

  private void pass(Duration duration) {
    nowNanos.addAndGet(duration.toNanos());
  }

  static void requireAdvance(Duration duration) {
    if (duration.isNegative() || duration.compareTo(MOST_AT_ONCE) > 0) {
      throw new IllegalArgumentException(
          "Time advances by zero to " + MOST_AT_ONCE + " at once, got " + duration);
    }
  }

  private void read(SecretRef ref) {
    requireNonNull(ref, "ref");
    synchronized (reads) {
      if (reads.size() == MOST_READS) {
        reads.removeFirst();
      }
      reads.addLast(ref);
    }
  }

  /** Bad names are the manager's to refuse, and are no reads. */
  private void read(String vault, Collection<String> names) {
    for (SecretRef ref : validRefs(vault, names)) {
      read(ref);
    }
  }

  private static List<SecretRef> validRefs(String vault, Collection<String> names) {
    requireNonNull(vault, "vault");
    List<SecretRef> refs = new ArrayList<>();
    for (String name : requireNonNull(names, "names")) {
      refs.add(SecretRef.of(vault, name));
    }
    return refs;
  }

  private SecretBundle opened(SecretBundle bundle) {
    for (String name : bundle.names()) {
      bundle.get(name).ifPresent(value -> open.add(SecretRef.of(bundle.vault(), name), value));
    }
    return bundle;
  }

  /** The future itself, so that who cancels it cancels the read. */
  private static <T> CompletableFuture<T> whenRead(
      CompletableFuture<T> read, Consumer<T> remember) {
    if (read.isDone()) { // the common case, which names the reader
      if (!read.isCompletedExceptionally()) {
        remember.accept(read.join());
      }
    } else {
      CompletableFuture<Void> unused = read.thenAccept(remember);
    }
    return read;
  }

  private void createVault(String vault) {
    try {
      store.createVault(vault);
    } catch (SecretAlreadyExistsException e) {
      // That is as good: another put, perhaps of another thread, has created it.
    }
  }

  /** Wipes and closes the manager, its backend and its store. A second call does nothing. */
  @Override
  public void close() {
    manager.close();
  }

  /**
   * A value that nobody has closed yet.
   *
   * @param ref the secret
   * @param readAt where it was read: class, method, file and line; or the name of the thread, if it
   *     was read on one of another's
   */
  public record OpenValue(SecretRef ref, String readAt) {
    /** Checks that nothing is null. */
    public OpenValue {
      requireNonNull(ref, "ref");
      requireNonNull(readAt, "readAt");
    }

    /** Returns the address, and where it was read. */
    @Override
    public String toString() {
      return ref + ", read at " + readAt;
    }
  }

  /** The settings of a fake. Not thread-safe. */
  public static final class Builder {

    private final Map<SecretRef, SecretValue> secrets = new LinkedHashMap<>();
    private final List<Consumer<? super SecretManagers.Builder>> settings = new ArrayList<>();
    private Executor executor = Runnable::run;

    private Builder() {}

    /**
     * Gives a secret a value, as {@link FakeSecretManager#put(String, String, String)}, before the
     * manager is opened.
     *
     * @throws IllegalArgumentException if a name breaks the {@linkplain SecretRef#NAME_GRAMMAR
     *     grammar}
     */
    public Builder secret(String vault, String name, String value) {
      secrets.put(SecretRef.of(vault, name), SecretValue.of(requireNonNull(value, "value")));
      return this;
    }

    /**
     * Gives a secret a value of bytes, as {@link FakeSecretManager#put(String, String, byte[])},
     * before the manager is opened.
     *
     * @throws IllegalArgumentException if a name breaks the {@linkplain SecretRef#NAME_GRAMMAR
     *     grammar}, or if there are more than {@value SecretValue#MAX_SIZE_BYTES} bytes
     */
    public Builder secret(String vault, String name, byte[] value) {
      secrets.put(SecretRef.of(vault, name), SecretValue.copyOf(requireNonNull(value, "value")));
      return this;
    }

    /**
     * Changes the settings of the client, such as its times, its listeners, or which secrets are
     * declared:
     *
     * <pre>{@code
     * FakeSecretManager.builder()
     *     .settings(client -> client.timeToLive(Duration.ofMinutes(1)).maxStale(Duration.ZERO))
     *     .build();
     * }</pre>
     *
     * <p>Ticker and executor stay the fake's own, and calls to the backend stay on the reading
     * thread. By default, {@code refreshAhead}, {@code rejectionTimeout} and {@code jitter} are
     * zero, and the rest is as in production: a refresh ahead of expiry is due when that span
     * begins, and a pause after a failure is as long as it can be. With {@code keepBackendOpen()},
     * closing the fake leaves its backend and its store open: close
     * {@link FakeSecretManager#backend()} then. Calls add up.
     */
    public Builder settings(Consumer<? super SecretManagers.Builder> change) {
      settings.add(requireNonNull(change, "change"));
      return this;
    }

    /**
     * Runs asynchronous reads, what is done with them, refreshes ahead of expiry and listeners, as
     * {@link SecretManagers.Builder#executor} does. Default: the calling thread.
     */
    public Builder executor(Executor executor) {
      this.executor = requireNonNull(executor, "executor");
      return this;
    }

    /**
     * Opens the fake.
     *
     * @throws IllegalArgumentException if a setting contradicts another
     * @throws tech.tailor.secretmanager.SecretVerificationException if a required secret was
     *     declared and not given
     */
    public FakeSecretManager build() {
      return new FakeSecretManager(this);
    }

    /** Returns the same text whatever the settings. */
    @Override
    public String toString() {
      return "FakeSecretManager.Builder";
    }
  }
}
