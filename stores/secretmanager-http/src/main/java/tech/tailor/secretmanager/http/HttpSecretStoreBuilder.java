package tech.tailor.secretmanager.http;

import static java.util.Objects.requireNonNull;

import java.net.Proxy;
import java.net.URI;
import java.security.KeyStore;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The settings of an {@link HttpSecretStore}. Each is checked when it is given. Not thread-safe.
 */
public final class HttpSecretStoreBuilder {

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

  HttpSecretStoreBuilder() {}

  /**
   * Where the server is: a URL without user, query and fragment. Default: Tailor Platform,
   * {@code https://api.tailor.tech}.
   *
   * <p>Without TLS, {@code http}, only this machine is allowed; for another one see
   * {@link #allowPlainHttp()}. Whether it is, is checked by {@link #build()}.
   *
   * @throws IllegalArgumentException if it is no such URL
   */
  public HttpSecretStoreBuilder endpoint(URI endpoint) {
    Endpoint.of(requireNonNull(endpoint, "endpoint"), true, "The endpoint");
    this.endpoint = endpoint;
    return this;
  }

  /**
   * The same, from text.
   *
   * @throws IllegalArgumentException if it is no such URL
   */
  public HttpSecretStoreBuilder endpoint(String endpoint) {
    Endpoint.of(requireNonNull(endpoint, "endpoint"), true, "The endpoint");
    return endpoint(URI.create(endpoint));
  }

  /**
   * The workspace that holds the vaults. Needed.
   *
   * @throws IllegalArgumentException if it is no UUID
   */
  public HttpSecretStoreBuilder workspaceId(String workspaceId) {
    if (!isUuid(requireNonNull(workspaceId, "workspaceId"))) {
      throw new IllegalArgumentException(
          "A workspace id is a UUID, such as" + " 01234567-89ab-cdef-0123-456789abcdef");
    }
    this.workspaceId = workspaceId;
    return this;
  }

  /** Where the access token comes from. Needed. */
  public HttpSecretStoreBuilder accessToken(AccessTokenSource accessToken) {
    this.accessToken = requireNonNull(accessToken, "accessToken");
    return this;
  }

  /**
   * Takes endpoint, workspace and access token from environment variables, as Tailor's CLI does:
   *
   * <ul>
   *   <li>the profile that {@code TAILOR_PLATFORM_PROFILE} names in the CLI's configuration, if it
   *       names one; if that profile is read-only, the store refuses every change with a
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
   * @throws IllegalStateException if there is no workspace, or a profile is named and the reader of
   *     the CLI's configuration is not on the class path
   * @throws tech.tailor.secretmanager.SecretManagerException if a profile is named that can't be
   *     read
   */
  public HttpSecretStoreBuilder environment(Map<String, String> variables) {
    requireNonNull(variables, "variables");
    CliSettings settings = CliSettings.of(variables);
    Optional<CliConfig.Profile> profile =
        settings.profile().map(name -> CliConfigs.read(settings.file()).profile(name));
    endpoint(
        profile.flatMap(CliConfig.Profile::platform).orElse(settings.platform()).toString());
    workspaceId(CliSettings.first(variables, "TAILOR_PLATFORM_WORKSPACE_ID")
        .or(() -> profile.flatMap(CliConfig.Profile::workspace))
        .orElseThrow(() -> new IllegalStateException("There is no workspace: set"
            + " TAILOR_PLATFORM_WORKSPACE_ID, or TAILOR_PLATFORM_PROFILE to a profile that has"
            + " one")));
    readOnlyProfile =
        profile.filter(CliConfig.Profile::readOnly).map(CliConfig.Profile::name).orElse(null);
    boolean token = Tokens.VARIABLES.stream().anyMatch(name -> !isEmpty(variables.get(name)));
    return accessToken(
        token
            ? AccessTokenSource.fromEnvironment(variables)
            : AccessTokenSource.fromCliConfig(settings));
  }

  /** By which service values are read. Default: {@link ReadMode#FUNCTION_RUNTIME}. */
  public HttpSecretStoreBuilder readMode(ReadMode readMode) {
    this.readMode = requireNonNull(readMode, "readMode");
    return this;
  }

  /**
   * The machine user as whom the function of {@link ReadMode#FUNCTION_RUNTIME} runs. Default: none
   * is named.
   *
   * @param namespace of the Auth service
   * @param machineUser its name there
   */
  public HttpSecretStoreBuilder invoker(String namespace, String machineUser) {
    this.invoker = new FunctionRuntimeReads.Invoker(
        requireNonNull(namespace, "namespace"), requireNonNull(machineUser, "machineUser"));
    return this;
  }

  /**
   * How long a call of the store takes at most, with all that it is made of: the wait for a place,
   * the resolution of names, connections, attempts and pauses. Default: 10 seconds. The one
   * exception is code of the application, such as the supplier of an access token, which isn't
   * interrupted.
   *
   * @throws IllegalArgumentException if it is shorter than 1 millisecond or longer than 10 minutes
   */
  public HttpSecretStoreBuilder callTimeout(Duration duration) {
    this.callTimeout = requireInRange("callTimeout", duration);
    return this;
  }

  /**
   * How long to wait at most for the server's name to be resolved, and then for each of its
   * addresses to accept a connection. Default: 2 seconds. What follows, TLS and a proxy's answer,
   * may take 5 seconds without a byte, and ends with the {@link #callTimeout callTimeout}.
   *
   * @throws IllegalArgumentException if it is shorter than 1 millisecond or longer than 10 minutes
   */
  public HttpSecretStoreBuilder connectTimeout(Duration duration) {
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
  public HttpSecretStoreBuilder trustStore(KeyStore store) {
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
  public HttpSecretStoreBuilder keyStore(KeyStore store, char[] password) {
    this.tls = tls.showing(requireNonNull(store, "store"), requireNonNull(password, "password"));
    return this;
  }

  /**
   * The proxy that connections are made through: one for HTTP, to which this library doesn't log
   * in, or one for SOCKS, which resolves the server's name. Default: none, whatever the environment
   * and the system properties say.
   */
  public HttpSecretStoreBuilder proxy(Proxy proxy) {
    this.proxy = requireNonNull(proxy, "proxy");
    return this;
  }

  /**
   * Allows an endpoint without TLS that isn't on this machine. The token, and values that are
   * written, can then be read on the way; values that are read can't, since they are sealed.
   */
  public HttpSecretStoreBuilder allowPlainHttp() {
    this.plainHttpAllowed = true;
    return this;
  }

  /** For tests: with a time of their own. */
  HttpSecretStoreBuilder pauses(Pauses pauses, Clock clock) {
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
