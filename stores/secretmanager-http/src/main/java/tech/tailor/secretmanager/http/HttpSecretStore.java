package tech.tailor.secretmanager.http;

import static java.util.Objects.requireNonNull;

import java.net.Proxy;
import java.net.URI;
import java.security.KeyStore;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretAlreadyExistsException;
import tech.tailor.secretmanager.SecretEncodingException;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretNotFoundException.Missing;
import tech.tailor.secretmanager.SecretOutcomeUnknownException;
import tech.tailor.secretmanager.SecretPreconditionException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretOutcome;
import tech.tailor.secretmanager.store.SecretDetails;
import tech.tailor.secretmanager.store.SecretInfo;
import tech.tailor.secretmanager.store.SecretStore;
import tech.tailor.secretmanager.store.VaultInfo;

/**
 * Secrets at Tailor Platform, or at another server that speaks its protocol.
 *
 * <p><b>Reading.</b> Values come back sealed to a key that exists in this process only (HPKE), so
 * that no proxy, no log of the server and no buffer of the HTTP client holds them in clear. What is
 * read by {@link ReadMode#FUNCTION_RUNTIME}, the default, has neither version nor time of update:
 * the platform doesn't tell them. More than 1,000 names, or values too large for one answer, are
 * read by several requests; where one of those fails, so do the names that have no value yet.
 *
 * <p><b>Lists.</b> A server's pages have an order of its own, so that a page by name
 * ({@link #listSecrets(String, String, int)}) reads the whole list of the vault, 100 secrets by
 * each call.
 *
 * <p><b>Writing.</b> A value that is written travels in clear inside TLS, as the platform's
 * interface has it, and parts of it may stay in the buffers of the HTTP client until they are used
 * again. Values are text: one that isn't UTF-8 is refused with a {@link SecretEncodingException}.
 * {@link SecretInfo#version()} is always 0.
 *
 * <p><b>Failures.</b> A read that fails in passing is repeated, twice at most and within its
 * timeout. A change is sent once; where its outcome isn't known, it is a
 * {@link SecretOutcomeUnknownException}. A server that restarts fails no read: a request that finds
 * only a pooled connection that the server has closed is sent on a new one, and that counts as no
 * repeat. Before a change, a pooled connection is checked. An answer that names another vault or
 * secret than the request, and one with invalid labels, is not believed. What a server sends is
 * counted, with everything around the answer: the connection of one that goes on for ever, in
 * whatever part of its reply, is closed. Redirects are not followed. A server that can't prove its
 * identity is refused, and there is no setting against that.
 *
 * <p><b>Thread-safety:</b> safe for use by several threads. A call takes at most the
 * {@link Builder#callTimeout callTimeout}, by default 10 seconds.
 *
 * <p><b>Ownership:</b> the caller that built the store closes it, which ends its connections; a
 * call that is under way then fails.
 */
public final class HttpSecretStore implements SecretStore {

  private static final String CLOSED = "The HttpSecretStore is closed";

  private final Endpoint endpoint;
  private final String workspaceId;
  private final Transport transport;
  private final ConnectClient client;
  private final Duration callTimeout;
  private final LongSupplier ticker;
  private final ReadKeys keys;
  private final SealedFetch sealedFetch;

  private volatile boolean closed;

  HttpSecretStore(
      Endpoint endpoint,
      String workspaceId,
      Transport transport,
      ConnectClient client,
      SealedReads reads,
      Duration callTimeout,
      LongSupplier ticker) {
    this.endpoint = endpoint;
    this.workspaceId = workspaceId;
    this.transport = transport;
    this.client = client;
    this.callTimeout = callTimeout;
    this.ticker = ticker;
    this.keys = new ReadKeys(ticker);
    this.sealedFetch = new SealedFetch(
        workspaceId,
        reads,
        keys,
        (vault, deadline) ->
            vaultInfo(vault, "look for the vault \"" + vault + "\"", deadline).isPresent());
  }

  /** Begins a store. Needed are the workspace and an access token. */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public Map<String, SecretOutcome> fetch(String vault, Set<String> names) {
    SecretRef.requireVaultName(vault);
    requireNonNull(names, "names").forEach(name -> SecretRef.of(vault, name));
    requireOpen();
    return sealedFetch.fetch(vault, names, deadline());
  }

  @Override
  public VaultInfo createVault(String vault) {
    SecretRef.requireVaultName(vault);
    try {
      return call(
          Operation.write("CreateSecretManagerVault", "create the vault \"" + vault + "\""),
          inVault(vault),
          Answers.vaultNamed(vault),
          deadline());
    } catch (RefusedException e) {
      throw e.code() == ConnectCode.ALREADY_EXISTS
          ? new SecretAlreadyExistsException(
              "There is a vault \"" + vault + "\" already; use it, or choose another name")
          : e.failure();
    }
  }

  @Override
  public List<VaultInfo> listVaults() {
    try {
      return byName(
          pages(
                  "ListSecretManagerVaults",
                  "list the vaults",
                  () -> new JsonBody().text("workspaceId", workspaceId),
                  Answers::vaults,
                  deadline())
              .all(),
          VaultInfo::name);
    } catch (RefusedException e) {
      throw e.failure();
    }
  }

  @Override
  public Optional<VaultInfo> describeVault(String vault) {
    SecretRef.requireVaultName(vault);
    return vaultInfo(vault, "describe the vault \"" + vault + "\"", deadline());
  }

  /**
   * {@inheritDoc}
   *
   * <p>The secrets of the vault are listed first, up to the first one, because a server might
   * delete them with it. What is created between the two calls is only as safe as the server makes
   * it.
   */
  @Override
  public void deleteVault(String vault) {
    SecretRef.requireVaultName(vault);
    Deadline deadline = deadline();
    String intent = "delete the vault \"" + vault + "\"";
    try {
      ListPages<SecretInfo> pages = secrets(vault, intent, deadline);
      while (pages.hasNext()) {
        if (!pages.next().isEmpty()) {
          throw stillHoldsSecrets(vault);
        }
      }
      call(
          Operation.write("DeleteSecretManagerVault", intent),
          inVault(vault),
          Answers::nothing,
          deadline);
    } catch (RefusedException e) {
      throw switch (e.code()) {
        case NOT_FOUND -> SecretNotFoundException.vault(vault);
        case FAILED_PRECONDITION -> stillHoldsSecrets(vault);
        default -> e.failure();
      };
    }
  }

  @Override
  public SecretInfo createSecret(String vault, String name, SecretValue value) {
    SecretRef ref = SecretRef.of(vault, name);
    JsonBody body = withValue(ref, value);
    try {
      return call(
          Operation.write("CreateSecretManagerSecret", "create the secret " + ref),
          body,
          Answers.secretNamed(ref.name()),
          deadline());
    } catch (RefusedException e) {
      throw switch (e.code()) {
        case NOT_FOUND -> SecretNotFoundException.of(ref, Missing.VAULT);
        case ALREADY_EXISTS ->
          new SecretAlreadyExistsException(
              "There is a secret " + ref + " already; update it, or choose another name");
        default -> e.failure();
      };
    }
  }

  @Override
  public SecretInfo updateSecret(String vault, String name, SecretValue value) {
    SecretRef ref = SecretRef.of(vault, name);
    JsonBody body = withValue(ref, value);
    Deadline deadline = deadline();
    try {
      return call(
          Operation.write("UpdateSecretManagerSecret", "update the secret " + ref),
          body,
          Answers.secretNamed(ref.name()),
          deadline);
    } catch (RefusedException e) {
      throw e.code() == ConnectCode.NOT_FOUND ? missing(ref, deadline) : e.failure();
    }
  }

  @Override
  public List<SecretInfo> listSecrets(String vault) {
    SecretRef.requireVaultName(vault);
    try {
      String intent = "list the secrets of the vault \"" + vault + "\"";
      return byName(secrets(vault, intent, deadline()).all(), SecretInfo::name);
    } catch (RefusedException e) {
      throw e.code() == ConnectCode.NOT_FOUND ? SecretNotFoundException.vault(vault) : e.failure();
    }
  }

  @Override
  public Optional<SecretInfo> describeSecret(String vault, String name) {
    return secretInfo(SecretRef.of(vault, name), deadline());
  }

  /**
   * {@inheritDoc}
   *
   * <p>Several secrets are looked for in the list of the vault, 100 by each call, as long as that
   * can take fewer calls than there are secrets left to find. The labels take a call for each
   * secret: the protocol gives those of several only by a label that they share.
   */
  @Override
  public Map<String, SecretDetails> describeSecrets(String vault, Collection<String> names) {
    List<SecretRef> refs = requireNonNull(names, "names").stream()
        .map(name -> SecretRef.of(vault, name))
        .distinct()
        .toList();
    if (refs.size() < 2) {
      return SecretStore.super.describeSecrets(vault, names);
    }
    Map<String, SecretInfo> infos = infos(vault, refs);
    Map<String, SecretDetails> described = new LinkedHashMap<>();
    for (SecretRef ref : refs) {
      SecretInfo info = infos.get(ref.name());
      if (info != null) {
        try {
          described.put(ref.name(), SecretDetails.of(info, labels(vault, ref.name()), ""));
        } catch (SecretNotFoundException e) {
          // It was deleted meanwhile.
        }
      }
    }
    return described;
  }

  /** Those of the secrets that exist, by name. */
  private Map<String, SecretInfo> infos(String vault, List<SecretRef> refs) {
    Set<String> missing = refs.stream().map(SecretRef::name).collect(Collectors.toSet());
    Map<String, SecretInfo> infos = new HashMap<>();
    ListPages<SecretInfo> pages =
        secrets(vault, "describe secrets of the vault \"" + vault + "\"", deadline());
    try {
      for (int read = 0; pages.hasNext() && read < missing.size(); read++) {
        for (SecretInfo info : pages.next()) {
          if (missing.remove(info.name())) {
            infos.put(info.name(), info);
          }
        }
      }
    } catch (RefusedException e) {
      throw e.code() == ConnectCode.NOT_FOUND ? SecretNotFoundException.vault(vault) : e.failure();
    }
    if (pages.hasNext()) {
      missing.forEach(name -> describeSecret(vault, name).ifPresent(info -> infos.put(name, info)));
    }
    return infos;
  }

  @Override
  public void deleteSecret(String vault, String name) {
    SecretRef ref = SecretRef.of(vault, name);
    Deadline deadline = deadline();
    try {
      call(
          Operation.write("DeleteSecretManagerSecret", "delete the secret " + ref),
          ofSecret(ref),
          Answers::nothing,
          deadline);
    } catch (RefusedException e) {
      throw e.code() == ConnectCode.NOT_FOUND ? missing(ref, deadline) : e.failure();
    }
  }

  @Override
  public Map<String, String> labels(String vault, String name) {
    SecretRef ref = SecretRef.of(vault, name);
    Deadline deadline = deadline();
    try {
      return labels(Trn.of(workspaceId, ref), "read the labels of the secret " + ref, deadline);
    } catch (RefusedException e) {
      if (e.code() != ConnectCode.NOT_FOUND) {
        throw e.failure();
      }
      if (secretInfo(ref, deadline).isPresent()) { // it exists, and was never labelled
        return Map.of();
      }
      throw missing(ref, deadline);
    }
  }

  @Override
  public void setLabels(String vault, String name, Map<String, String> labels) {
    SecretRef ref = SecretRef.of(vault, name);
    Deadline deadline = deadline();
    try {
      setLabels(Trn.of(workspaceId, ref), labels, "label the secret " + ref, deadline);
    } catch (RefusedException e) {
      throw e.code() == ConnectCode.NOT_FOUND ? missing(ref, deadline) : e.failure();
    }
  }

  @Override
  public Map<String, String> vaultLabels(String vault) {
    SecretRef.requireVaultName(vault);
    Deadline deadline = deadline();
    String intent = "read the labels of the vault \"" + vault + "\"";
    try {
      return labels(Trn.ofVault(workspaceId, vault), intent, deadline);
    } catch (RefusedException e) {
      if (e.code() != ConnectCode.NOT_FOUND) {
        throw e.failure();
      }
      if (vaultInfo(vault, intent, deadline).isPresent()) { // it exists, and was never labelled
        return Map.of();
      }
      throw SecretNotFoundException.vault(vault);
    }
  }

  @Override
  public void setVaultLabels(String vault, Map<String, String> labels) {
    SecretRef.requireVaultName(vault);
    try {
      setLabels(
          Trn.ofVault(workspaceId, vault), labels, "label the vault \"" + vault + "\"", deadline());
    } catch (RefusedException e) {
      throw e.code() == ConnectCode.NOT_FOUND ? SecretNotFoundException.vault(vault) : e.failure();
    }
  }

  /** Ends the connections, and forgets the keys. A second call does nothing. */
  @Override
  public void close() {
    closed = true;
    transport.close();
    keys.close();
  }

  /** Returns where the secrets are. */
  @Override
  public String toString() {
    return "HttpSecretStore[" + endpoint + ", workspace " + workspaceId + "]";
  }

  private ListPages<SecretInfo> secrets(String vault, String intent, Deadline deadline) {
    return pages(
        "ListSecretManagerSecrets", intent, () -> inVault(vault), Answers::secrets, deadline);
  }

  private static SecretPreconditionException stillHoldsSecrets(String vault) {
    return new SecretPreconditionException(
        "The vault \"" + vault + "\" still holds secrets; delete them first");
  }

  private <T> T call(
      Operation operation, JsonBody body, JsonAnswer.Shape<T> shape, Deadline deadline)
      throws RefusedException {
    requireOpen();
    return client.call(operation, body, shape, deadline);
  }

  private Optional<VaultInfo> vaultInfo(String vault, String intent, Deadline deadline) {
    try {
      return Optional.of(call(
          Operation.read("GetSecretManagerVault", intent),
          inVault(vault),
          Answers.vaultNamed(vault),
          deadline));
    } catch (RefusedException e) {
      if (e.code() == ConnectCode.NOT_FOUND) {
        return Optional.empty();
      }
      throw e.failure();
    }
  }

  private Optional<SecretInfo> secretInfo(SecretRef ref, Deadline deadline) {
    try {
      return Optional.of(call(
          Operation.read("GetSecretManagerSecret", "describe the secret " + ref),
          ofSecret(ref),
          Answers.secretNamed(ref.name()),
          deadline));
    } catch (RefusedException e) {
      if (e.code() == ConnectCode.NOT_FOUND) {
        return Optional.empty();
      }
      throw e.failure();
    }
  }

  /** The server said that something is missing; which of the two, it doesn't say. */
  private SecretNotFoundException missing(SecretRef ref, Deadline deadline) {
    String intent = "find out what of the secret " + ref + " is missing";
    boolean vaultExists = vaultInfo(ref.vault(), intent, deadline).isPresent();
    return SecretNotFoundException.of(ref, vaultExists ? Missing.SECRET : Missing.VAULT);
  }

  private Map<String, String> labels(String trn, String intent, Deadline deadline)
      throws RefusedException {
    return call(
        Operation.read("GetMetadata", intent),
        new JsonBody().text("trn", trn),
        Answers::labels,
        deadline);
  }

  private void setLabels(String trn, Map<String, String> labels, String intent, Deadline deadline)
      throws RefusedException {
    call(
        Operation.write("SetMetadata", intent),
        new JsonBody().text("trn", trn).map("labels", SecretStore.requireLabels(labels)),
        Answers::nothing,
        deadline);
  }

  /** Keeps the last of two items with one name, as when it is recreated between two pages. */
  private static <T> List<T> byName(List<T> items, Function<T, String> name) {
    SortedMap<String, T> sorted = new TreeMap<>();
    items.forEach(item -> sorted.put(name.apply(item), item));
    return List.copyOf(sorted.values());
  }

  private <T> ListPages<T> pages(
      String method,
      String intent,
      Supplier<JsonBody> body,
      JsonAnswer.Shape<Answers.Page<T>> shape,
      Deadline deadline) {
    Operation operation = Operation.read(method, intent);
    return new ListPages<>(intent, token -> {
      JsonBody request = body.get().number("pageSize", HttpLimits.PAGE_SIZE);
      return call(
          operation, token.isEmpty() ? request : request.text("pageToken", token), shape, deadline);
    });
  }

  private JsonBody inVault(String vault) {
    return new JsonBody().text("workspaceId", workspaceId).text("secretmanagerVaultName", vault);
  }

  private JsonBody ofSecret(SecretRef ref) {
    return inVault(ref.vault()).text("secretmanagerSecretName", ref.name());
  }

  private JsonBody withValue(SecretRef ref, SecretValue value) {
    requireNonNull(value, "value");
    requireOpen();
    try {
      value.<Boolean, RuntimeException>withChars(chars -> true);
    } catch (SecretEncodingException e) {
      throw new SecretEncodingException("The value of the secret " + ref + " is not UTF-8 text, and"
          + " the platform's values are text; store it in base64");
    }
    return ofSecret(ref).secret("secretmanagerSecretValue", value);
  }

  private Deadline deadline() {
    return Deadline.after(callTimeout, ticker);
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException(CLOSED);
    }
  }

  /**
   * The settings of an {@link HttpSecretStore}. Each is checked when it is given. Not thread-safe.
   */
  public static final class Builder {

    private static final Duration LONGEST = Duration.ofMinutes(10);
    private static final Duration SHORTEST = Duration.ofMillis(1);

    private URI endpoint = URI.create(CliSettings.PLATFORM);
    private boolean plainHttpAllowed;
    private @Nullable String workspaceId;
    private @Nullable AccessTokenSource accessToken;
    private ReadMode readMode = ReadMode.FUNCTION_RUNTIME;
    private FunctionRuntimeReads.@Nullable Invoker invoker;
    private Duration callTimeout = HttpLimits.CALL_TIMEOUT;
    private Duration connectTimeout = HttpLimits.CONNECT_TIMEOUT;
    private Tls tls = Tls.standard();
    private Proxy proxy = Proxy.NO_PROXY;
    private @Nullable String readOnlyProfile;
    private Pauses pauses = Pauses.REAL;
    private Clock clock = Clock.systemUTC();

    Builder() {}

    /**
     * Where the server is: a URL without user, query and fragment. Default: Tailor Platform,
     * {@code https://api.tailor.tech}.
     *
     * <p>Without TLS, {@code http}, only this machine is allowed; for another one see
     * {@link #allowPlainHttp()}. Whether it is, is checked by {@link #build()}.
     *
     * @throws IllegalArgumentException if it is no such URL
     */
    public Builder endpoint(URI endpoint) {
      Endpoint.of(requireNonNull(endpoint, "endpoint"), true, "The endpoint");
      this.endpoint = endpoint;
      return this;
    }

    /**
     * The same, from text.
     *
     * @throws IllegalArgumentException if it is no such URL
     */
    public Builder endpoint(String endpoint) {
      Endpoint.of(requireNonNull(endpoint, "endpoint"), true, "The endpoint");
      return endpoint(URI.create(endpoint));
    }

    /**
     * The workspace that holds the vaults. Needed.
     *
     * @throws IllegalArgumentException if it is no UUID
     */
    public Builder workspaceId(String workspaceId) {
      if (!isUuid(requireNonNull(workspaceId, "workspaceId"))) {
        throw new IllegalArgumentException(
            "A workspace id is a UUID, such as" + " 01234567-89ab-cdef-0123-456789abcdef");
      }
      this.workspaceId = workspaceId;
      return this;
    }

    /** Where the access token comes from. Needed. */
    public Builder accessToken(AccessTokenSource accessToken) {
      this.accessToken = requireNonNull(accessToken, "accessToken");
      return this;
    }

    /**
     * Takes endpoint, workspace and access token from environment variables, as Tailor's CLI does:
     *
     * <ul>
     *   <li>the profile that {@code TAILOR_PLATFORM_PROFILE} names in the CLI's configuration, if
     *       it names one; if that profile is read-only, the store refuses every change with a
     *       {@link tech.tailor.secretmanager.SecretAccessDeniedException};
     *   <li>the endpoint from the profile, else from {@code TAILOR_PLATFORM_URL} or
     *       {@code PLATFORM_URL}, else Tailor Platform;
     *   <li>the workspace from {@code TAILOR_PLATFORM_WORKSPACE_ID}, else from the profile;
     *   <li>the token {@linkplain AccessTokenSource#fromEnvironment() from the environment}, else
     *       {@linkplain AccessTokenSource#fromCliConfig() from the CLI's configuration}.
     * </ul>
     *
     * <p>What is set afterwards takes the place of what was found here.
     *
     * @param variables such as {@link System#getenv()}
     * @throws IllegalArgumentException if a variable holds what can't be used
     * @throws IllegalStateException if there is no workspace, or a profile is named and the reader
     *     of the CLI's configuration is not on the class path
     * @throws tech.tailor.secretmanager.SecretManagerException if a profile is named that can't be
     *     read
     */
    public Builder environment(Map<String, String> variables) {
      requireNonNull(variables, "variables");
      CliSettings settings = CliSettings.of(variables);
      Optional<CliConfig.Profile> profile =
          settings.profile().map(name -> CliConfigs.read(settings.file()).profile(name));
      endpoint(profile
          .flatMap(CliConfig.Profile::platform)
          .orElse(settings.platform())
          .toString());
      workspaceId(CliSettings.first(variables, "TAILOR_PLATFORM_WORKSPACE_ID")
          .or(() -> profile.flatMap(CliConfig.Profile::workspace))
          .orElseThrow(() -> new IllegalStateException("There is no workspace: set"
              + " TAILOR_PLATFORM_WORKSPACE_ID, or TAILOR_PLATFORM_PROFILE to a profile that has"
              + " one")));
      readOnlyProfile = profile
          .filter(CliConfig.Profile::readOnly)
          .map(CliConfig.Profile::name)
          .orElse(null);
      boolean token = Tokens.VARIABLES.stream().anyMatch(name -> !isEmpty(variables.get(name)));
      return accessToken(
          token
              ? AccessTokenSource.fromEnvironment(variables)
              : AccessTokenSource.fromCliConfig(settings));
    }

    /** By which service values are read. Default: {@link ReadMode#FUNCTION_RUNTIME}. */
    public Builder readMode(ReadMode readMode) {
      this.readMode = requireNonNull(readMode, "readMode");
      return this;
    }

    /**
     * The machine user as whom the function of {@link ReadMode#FUNCTION_RUNTIME} runs. Default:
     * none is named.
     *
     * @param namespace of the Auth service
     * @param machineUser its name there
     */
    public Builder invoker(String namespace, String machineUser) {
      this.invoker = new FunctionRuntimeReads.Invoker(
          requireNonNull(namespace, "namespace"), requireNonNull(machineUser, "machineUser"));
      return this;
    }

    /**
     * How long a call of the store takes at most, with all that it is made of: the wait for a
     * place, the resolution of names, connections, attempts and pauses. Default: 10 seconds. The
     * one exception is code of the application, such as the supplier of an access token, which
     * isn't interrupted.
     *
     * @throws IllegalArgumentException if it is shorter than 1 millisecond or longer than 10
     *     minutes
     */
    public Builder callTimeout(Duration duration) {
      this.callTimeout = requireInRange("callTimeout", duration);
      return this;
    }

    /**
     * How long to wait at most for the server's name to be resolved, and then for each of its
     * addresses to accept a connection. Default: 2 seconds. What follows, TLS and a proxy's answer,
     * may take 5 seconds without a byte, and ends with the {@link #callTimeout callTimeout}.
     *
     * @throws IllegalArgumentException if it is shorter than 1 millisecond or longer than 10
     *     minutes
     */
    public Builder connectTimeout(Duration duration) {
      this.connectTimeout = requireInRange("connectTimeout", duration);
      return this;
    }

    /**
     * The certificates that are trusted, in place of those that the JDK trusts; for a server whose
     * certificate comes from a private authority. Host names and validity are checked all the same.
     *
     * @param store loaded
     * @throws IllegalArgumentException if it can't be used
     */
    public Builder trustStore(KeyStore store) {
      this.tls = tls.trusting(requireNonNull(store, "store"));
      return this;
    }

    /**
     * The certificate that is shown to a server that asks for one. Default: none.
     *
     * @param store loaded
     * @param password of the key; stays the caller's to wipe
     * @throws IllegalArgumentException if it can't be used
     */
    public Builder keyStore(KeyStore store, char[] password) {
      this.tls = tls.showing(requireNonNull(store, "store"), requireNonNull(password, "password"));
      return this;
    }

    /**
     * The proxy that connections are made through: one for HTTP, to which this library doesn't log
     * in, or one for SOCKS, which resolves the server's name. Default: none, whatever the
     * environment and the system properties say.
     */
    public Builder proxy(Proxy proxy) {
      this.proxy = requireNonNull(proxy, "proxy");
      return this;
    }

    /**
     * Allows an endpoint without TLS that isn't on this machine. The token, and values that are
     * written, can then be read on the way; values that are read can't, since they are sealed.
     */
    public Builder allowPlainHttp() {
      this.plainHttpAllowed = true;
      return this;
    }

    /** For tests: with a time of their own. */
    Builder pauses(Pauses pauses, Clock clock) {
      this.pauses = pauses;
      this.clock = clock;
      return this;
    }

    /**
     * Makes the store. Nothing is connected yet.
     *
     * @throws IllegalStateException if the workspace or the access token is missing
     * @throws IllegalArgumentException if the endpoint has no TLS, which isn't allowed
     */
    public HttpSecretStore build() {
      if (workspaceId == null) {
        throw new IllegalStateException("The workspace is missing; set workspaceId");
      }
      if (accessToken == null) {
        throw new IllegalStateException("The access token is missing; set accessToken");
      }
      Endpoint checked = Endpoint.of(endpoint, plainHttpAllowed, "The endpoint");
      Transport transport = new OkHttpTransport(checked, connectTimeout, tls, proxy);
      TokenSource tokens =
          accessToken.open(new AccessTokenSource.TokenContext(checked, transport, pauses, clock));
      ConnectClient client =
          new ConnectClient(checked, transport, tokens, pauses, clock, readOnlyProfile);
      SealedReads reads = switch (readMode) {
        case FUNCTION_RUNTIME -> new FunctionRuntimeReads(client, invoker, pauses);
        case RUNTIME_SERVICE -> new RuntimeServiceReads(client);
      };
      return new HttpSecretStore(
          checked, workspaceId, transport, client, reads, callTimeout, pauses.ticker());
    }

    static boolean isUuid(String text) {
      try {
        return text.length() == 36 && UUID.fromString(text).toString().equalsIgnoreCase(text);
      } catch (IllegalArgumentException e) {
        return false;
      }
    }

    private static boolean isEmpty(@Nullable String text) {
      return text == null || text.isEmpty();
    }

    private static Duration requireInRange(String setting, Duration duration) {
      requireNonNull(duration, "duration");
      if (duration.compareTo(SHORTEST) < 0 || duration.compareTo(LONGEST) > 0) {
        throw new IllegalArgumentException(
            setting + " must be between " + SHORTEST + " and " + LONGEST + ", got " + duration);
      }
      return duration;
    }
  }
}
