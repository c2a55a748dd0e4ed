package tech.tailor.secretmanager.testing.emulator;

import static java.util.Objects.requireNonNull;

import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretAlreadyExistsException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.SecretStores;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;
import tech.tailor.secretmanager.store.SecretStore;

/**
 * A server on this machine that behaves as Tailor Platform's Secret Manager: the management of
 * vaults and secrets and their labels, and both ways to read values, sealed to a key of the reader.
 * It speaks Connect with JSON and with binary protobuf, over HTTP/1.1 and over HTTP/2 with prior
 * knowledge, on one port of the loopback interface.
 *
 * <pre>{@code
 * try (SecretManagerEmulator emulator = SecretManagerEmulator.start();
 *     SecretManager secretManager = SecretManagers.open(emulator.store())) {
 *   emulator.put("default", "api-key", "a made-up value");
 *   System.out.println(secretManager.exists("default", "api-key"));
 *   // for any other client: emulator.endpoint(), emulator.workspaceId(), emulator.adminToken()
 * }
 * }</pre>
 *
 * <p><b>For made-up values.</b> It is a test double: requests that write a value pass through its
 * memory as text, which nobody can wipe. No value and no token appears in what it logs (nothing),
 * in {@link #requests()} or in an error that it answers.
 *
 * <p><b>Who may do what</b> follows from the role of the access token, see {@link EmulatorRole},
 * and its limits, see {@link #tokenFor}. What a token may not see, it can't tell from what does not
 * exist.
 *
 * <p><b>Lists</b> of vaults and secrets are newest first, as Tailor's command line has them, or
 * oldest first for a request with {@code PAGE_DIRECTION_ASC}; equally old ones are in the same
 * direction by name. {@code ListMetadata} is by resource name.
 *
 * <p><b>Limits:</b> bodies of 1 MiB, inflated, of which longer ones are read and answered with
 * HTTP's status 413; headers of 32 KiB; connections that are idle for 30 seconds at most; 256
 * requests at a time; 10,000 calls per second with one token; the results of the last 1,000
 * scripts, of 16 MiB together.
 *
 * <p><b>Thread-safety:</b> safe for use by several threads. <b>Ownership:</b> closing it stops the
 * server and closes its stores. Close it: the threads of WireMock's server are no daemons, and keep
 * the process running.
 */
public final class SecretManagerEmulator implements AutoCloseable {

  private final transient Tokens tokens;
  private final transient Map<String, Workspace> workspaces = new ConcurrentHashMap<>();
  private final transient Journal journal = new Journal();
  private final EmulatorFaults faults = new EmulatorFaults();
  private final transient Clock clock;
  private final int callsPerSecond;
  private final String workspaceId;
  private final transient String adminToken;
  private final transient EmulatorServer server;
  private final URI endpoint;
  private volatile boolean closed;

  private SecretManagerEmulator(Builder builder) {
    this.clock = builder.clock;
    this.callsPerSecond = builder.callsPerSecond;
    this.workspaceId = builder.workspaceId;
    this.tokens = new Tokens(clock);
    SecretStore store = builder.store == null ? InMemorySecretStore.create() : builder.store;
    workspaces.put(workspaceId, new Workspace(workspaceId, store));
    this.adminToken = issue(EmulatorRole.ADMIN, workspaceId, Set.of(), null);
    builder.tokens.forEach(
        given -> tokens.addHashed(given.hash, caller(given.role, workspaceId, Set.of())));
    tokens.keepThese();
    this.server = EmulatorServer.start(
        builder.port,
        new EmulatorExtension(
            tokens,
            workspaces,
            new Operations(new ValueReads(builder.runningPolls, clock)),
            faults,
            journal,
            clock));
    this.endpoint = URI.create("http://" + EmulatorServer.HOST + ":" + server.port());
  }

  /** Starts an emulator with an empty workspace in memory, on any free port. */
  public static SecretManagerEmulator start() {
    return builder().start();
  }

  /** Settings for another emulator. */
  public static Builder builder() {
    return new Builder();
  }

  /** Where it listens: {@code http://127.0.0.1:PORT}. */
  public URI endpoint() {
    return endpoint;
  }

  /** The id of its workspace, a UUID. */
  public String workspaceId() {
    return workspaceId;
  }

  /** An access token of {@link EmulatorRole#ADMIN} for all vaults of the workspace. */
  public String adminToken() {
    return adminToken;
  }

  /** Begins an access token of that role; by default for all vaults, and for ever. */
  public TokenBuilder tokenFor(EmulatorRole role) {
    return new TokenBuilder(this, requireNonNull(role, "role"));
  }

  /**
   * Makes an access token unknown, for every call that begins after this returned.
   *
   * @return false if it was unknown
   */
  public boolean revokeToken(String token) {
    return tokens.revoke(requireNonNull(token, "token"));
  }

  /** Adds a workspace, empty and in memory, which only tokens of its own open; returns its id. */
  public String addWorkspace() {
    String id = UUID.randomUUID().toString();
    workspaces.put(id, new Workspace(id, InMemorySecretStore.create()));
    return id;
  }

  /**
   * Gives a secret of the workspace a value, past HTTP, tokens and faults; creates the vault and
   * the secret where they don't exist.
   *
   * @return this
   * @throws IllegalArgumentException if a name breaks the
   *     {@linkplain tech.tailor.secretmanager.SecretRef#NAME_GRAMMAR grammar}
   */
  public SecretManagerEmulator put(String vault, String name, String value) {
    try (SecretValue made = SecretValue.of(requireNonNull(value, "value"))) {
      put(vault, name, made);
    }
    return this;
  }

  /**
   * Gives a secret a value of bytes, which need not be text, as {@link #put(String, String,
   * String)} does. They are copied, and stay the caller's.
   *
   * @return this
   * @throws IllegalArgumentException if a name breaks the
   *     {@linkplain tech.tailor.secretmanager.SecretRef#NAME_GRAMMAR grammar}, or if there are more
   *     than {@value SecretValue#MAX_SIZE_BYTES} bytes
   */
  public SecretManagerEmulator put(String vault, String name, byte[] value) {
    try (SecretValue made = SecretValue.copyOf(requireNonNull(value, "value"))) {
      put(vault, name, made);
    }
    return this;
  }

  private void put(String vault, String name, SecretValue value) {
    SecretStore store = firstStore();
    try {
      store.createVault(vault);
    } catch (SecretAlreadyExistsException e) {
      // That is as good.
    }
    store.put(vault, name, value);
  }

  /**
   * Opens the HTTP store of {@code secretmanager-http} for this emulator's workspace, with the
   * {@linkplain #adminToken admin's token}; each call opens another one. It speaks HTTP: tokens,
   * faults and the journal count for it. The caller closes it.
   *
   * @throws IllegalStateException if {@code secretmanager-http} is not on the class path; the
   *     message says what to add
   */
  public SecretStore store() {
    return SecretStores.open(Map.of(
        "TAILOR_SECRETMANAGER_URL",
        endpoint.toString(),
        "TAILOR_PLATFORM_WORKSPACE_ID",
        workspaceId,
        "TAILOR_PLATFORM_TOKEN",
        adminToken));
  }

  /** What it shall do wrong next. */
  public EmulatorFaults faults() {
    return faults;
  }

  /** The last 10,000 requests, oldest first; never what was sent. */
  public List<RequestRecord> requests() {
    return journal.records();
  }

  /** Forgets the requests so far. */
  public void clearRequests() {
    journal.clear();
  }

  /**
   * Makes it as it was when it was started, on the same port and with the same admin token: all
   * vaults of its workspace are deleted, also from a store that it was given; workspaces that were
   * added are gone; tokens that were issued since are unknown; faults and requests are forgotten;
   * answers that {@link Fault#latency} holds back are sent at once. A call that is under way may
   * still change it, or be recorded: reset it between tests.
   */
  public void reset() {
    faults.clear();
    server.releaseLateAnswers();
    tokens.forgetOthers();
    workspaces.forEach((id, workspace) -> {
      if (id.equals(workspaceId)) {
        workspace.clear();
      } else {
        workspaces.remove(id);
        workspace.store().close();
      }
    });
    journal.clear();
  }

  /** Whether it was closed: nobody listens at its {@link #endpoint} then. */
  public boolean isClosed() {
    return closed;
  }

  /** Stops the server and closes its stores. A second call does nothing. */
  @Override
  public void close() {
    closed = true;
    server.stop();
    workspaces.values().forEach(workspace -> workspace.store().close());
  }

  /** Says where it listens. */
  @Override
  public String toString() {
    return "SecretManagerEmulator[" + endpoint + "]";
  }

  String issue(
      EmulatorRole role, String workspace, Set<String> vaults, @Nullable Duration lifetime) {
    String token = Tokens.random();
    Instant expiry = lifetime == null ? null : clock.instant().plus(lifetime);
    tokens.add(token, caller(role, workspace, vaults), expiry);
    return token;
  }

  private Caller caller(EmulatorRole role, String workspace, Set<String> vaults) {
    return new Caller(
        role, workspace, Set.copyOf(vaults), new CallRate(callsPerSecond, System::nanoTime));
  }

  private SecretStore firstStore() {
    Workspace first = workspaces.get(workspaceId);
    if (first == null) {
      throw new AssertionError("The first workspace is never removed");
    }
    return first.store();
  }

  /** Settings of an emulator to be. For use by one thread. */
  public static final class Builder {

    private static final int MAX_PORT = 65_535;
    private static final int DEFAULT_CALLS_PER_SECOND = 10_000;

    private int port;
    private String workspaceId = UUID.randomUUID().toString();
    private @Nullable SecretStore store;
    private Clock clock = Clock.systemUTC();
    private int callsPerSecond = DEFAULT_CALLS_PER_SECOND;
    private int runningPolls;
    private final List<GivenToken> tokens = new ArrayList<>();

    private Builder() {}

    /** A token from outside, by its hash. */
    private static final class GivenToken {

      private final transient byte[] hash;
      private final EmulatorRole role;

      private GivenToken(byte[] hash, EmulatorRole role) {
        this.hash = hash;
        this.role = role;
      }
    }

    /**
     * The port to listen on; by default 0, any that is free.
     *
     * @throws IllegalArgumentException if it is not from 0 to 65,535
     */
    public Builder port(int port) {
      if (port < 0 || port > MAX_PORT) {
        throw new IllegalArgumentException("A port is from 0 to " + MAX_PORT + ", got " + port);
      }
      this.port = port;
      return this;
    }

    /**
     * The id of the workspace; by default a random one.
     *
     * @throws IllegalArgumentException if it is no UUID in lower case
     */
    public Builder workspaceId(String workspaceId) {
      requireNonNull(workspaceId, "workspaceId");
      boolean valid;
      try {
        valid = UUID.fromString(workspaceId).toString().equals(workspaceId);
      } catch (IllegalArgumentException e) {
        valid = false;
      }
      if (!valid) {
        throw new IllegalArgumentException(
            "A workspace id is a UUID in lower case, as " + "9f3c1b52-6d0e-4a57-8f0b-2f6f1f0a7c11");
      }
      this.workspaceId = workspaceId;
      return this;
    }

    /**
     * What the workspace keeps its secrets in, for example a {@code FileSecretStore} so that they
     * outlive the emulator; by default memory. The emulator closes it.
     */
    public Builder store(SecretStore store) {
      this.store = requireNonNull(store, "store");
      return this;
    }

    /**
     * An access token of your own, for all vaults of the workspace; more by more calls. Only its
     * hash is kept.
     *
     * @throws IllegalArgumentException if it has other characters than a bearer token may have, or
     *     not 16 to 4,096 of them
     */
    public Builder token(String token, EmulatorRole role) {
      if (!Tokens.isWellFormed(requireNonNull(token, "token"))) {
        throw new IllegalArgumentException("The token is not valid: " + Tokens.RULE);
      }
      tokens.add(new GivenToken(Tokens.hash(token), requireNonNull(role, "role")));
      return this;
    }

    /** By which tokens expire and requests are recorded; by default the system's, in UTC. */
    public Builder clock(Clock clock) {
      this.clock = requireNonNull(clock, "clock");
      return this;
    }

    /**
     * How many calls in a second one token may make; what is more is answered with
     * {@code resource_exhausted}. By default 10,000.
     *
     * @throws IllegalArgumentException if it is less than 1
     */
    public Builder callsPerSecond(int callsPerSecond) {
      if (callsPerSecond < 1) {
        throw new IllegalArgumentException("callsPerSecond is at least 1, got " + callsPerSecond);
      }
      this.callsPerSecond = callsPerSecond;
      return this;
    }

    /**
     * How many calls of {@code GetFunctionExecution} find a script still running before its result
     * is there; by default none.
     *
     * @throws IllegalArgumentException if it is negative
     */
    public Builder runningPolls(int runningPolls) {
      if (runningPolls < 0) {
        throw new IllegalArgumentException("runningPolls is not negative, got " + runningPolls);
      }
      this.runningPolls = runningPolls;
      return this;
    }

    /**
     * Starts the emulator.
     *
     * @throws java.io.UncheckedIOException if the port is taken
     * @throws IllegalStateException if WireMock, protobuf or Jackson is not on the class path
     */
    public SecretManagerEmulator start() {
      requirePresent(
          "com.github.tomakehurst.wiremock.WireMockServer", "org.wiremock:wiremock-standalone");
      requirePresent("com.google.protobuf.DynamicMessage", "com.google.protobuf:protobuf-java");
      requirePresent(
          "com.fasterxml.jackson.core.JsonFactory", "com.fasterxml.jackson.core:jackson-core");
      return new SecretManagerEmulator(this);
    }

    private static void requirePresent(String type, String artifact) {
      try {
        Class.forName(type, false, SecretManagerEmulator.class.getClassLoader());
      } catch (ClassNotFoundException | LinkageError e) {
        throw new IllegalStateException("The emulator needs " + artifact
            + ", which the rest of the test kit does without; add it to the test's dependencies");
      }
    }

    /** Returns the same text whatever the settings. */
    @Override
    public String toString() {
      return "SecretManagerEmulator.Builder";
    }
  }
}
