package tech.tailor.secretmanager.http;

import static java.util.Objects.requireNonNull;
import static tech.tailor.secretmanager.SecretSupport.quote;

import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.function.Supplier;
import tech.tailor.secretmanager.SecretValue;

/**
 * Where an {@link HttpSecretStore} gets the token that it shows to the server. Immutable and
 * thread-safe; may be given to several stores, each of which then gets tokens for itself.
 *
 * <p>A token is sent to the store's endpoint only, and appears in no message, log line or
 * {@code toString}. When the server refuses one, another is asked for once.
 */
public final class AccessTokenSource {

  private final transient Opener opener; // not for mappers that read private fields

  private AccessTokenSource(Opener opener) {
    this.opener = opener;
  }

  /** Makes the source for one store. */
  @FunctionalInterface
  interface Opener {
    TokenSource open(TokenContext context);
  }

  /**
   * What a source may use.
   *
   * @param endpoint the store's, to which the token is sent
   * @param transport to ask for tokens with
   * @param pauses time
   */
  record TokenContext(Endpoint endpoint, Transport transport, Pauses pauses, Clock clock) {}

  /**
   * One token, for as long as it is valid.
   *
   * @throws IllegalArgumentException if it is empty, or holds a character that no token has
   */
  public static AccessTokenSource of(String token) {
    FixedToken fixed =
        new FixedToken(Tokens.require(requireNonNull(token, "token"), "The access token"));
    return new AccessTokenSource(context -> fixed);
  }

  /**
   * Whatever the supplier returns, which is asked before each request and must be quick: it keeps a
   * token for as long as it is valid. An unchecked exception of the supplier's makes the call a
   * {@link tech.tailor.secretmanager.SecretUnavailableException}, without its message.
   */
  public static AccessTokenSource from(Supplier<String> supplier) {
    requireNonNull(supplier, "supplier");
    return new AccessTokenSource(
        context -> new SuppliedToken(supplier, "The supplier of access tokens"));
  }

  /**
   * The token in the environment variable {@code TAILOR_PLATFORM_TOKEN}, or before it, deprecated,
   * in {@code TAILOR_TOKEN}; as Tailor's CLI reads it.
   *
   * @throws IllegalStateException if neither is set
   */
  public static AccessTokenSource fromEnvironment() {
    return fromEnvironment(System.getenv());
  }

  static AccessTokenSource fromEnvironment(Map<String, String> environment) {
    for (String variable : Tokens.VARIABLES) {
      String token = environment.get(variable);
      if (token != null && !token.isEmpty()) {
        FixedToken fixed = new FixedToken(Tokens.require(token, "The access token in " + variable));
        return new AccessTokenSource(context -> fixed);
      }
    }
    throw new IllegalStateException("There is no access token: set " + Tokens.VARIABLES.get(0));
  }

  /**
   * The token in a file, read again for each request, so that it can be exchanged while the
   * application runs. White space around it doesn't count.
   */
  public static AccessTokenSource fromFile(Path file) {
    requireNonNull(file, "file");
    return new AccessTokenSource(context -> new SuppliedToken(
        () -> Tokens.read(file), "The file of the access token, " + quote(file) + ","));
  }

  /**
   * The token that {@code tailor-sdk login} left in the CLI's configuration file: of the user of
   * the profile in {@code TAILOR_PLATFORM_PROFILE}, or else of the current user, on the platform of
   * that profile or of {@code TAILOR_PLATFORM_URL}. An expired one is refreshed, and written back,
   * as the CLI does it.
   *
   * <p>The token is sent to that platform only. For a store with another
   * {@linkplain HttpSecretStore.Builder#endpoint(URI) endpoint}, each call fails with a
   * {@link tech.tailor.secretmanager.SecretAccessDeniedException};
   * {@link HttpSecretStore.Builder#environment(Map)} takes the endpoint and the token from the same
   * place. If the profile is read-only, the store refuses every change with the same exception.
   *
   * <p>Needs {@code com.fasterxml.jackson.dataformat:jackson-dataformat-yaml} at run time, which
   * this library doesn't bring. The file is read when a token is first needed.
   */
  public static AccessTokenSource fromCliConfig() {
    return fromCliConfig(CliSettings.of(System.getenv()));
  }

  static AccessTokenSource fromCliConfig(CliSettings settings) {
    return new AccessTokenSource(context -> new CliToken(settings, context));
  }

  /**
   * The token of a machine user, by OAuth2's client credentials, from {@code /oauth2/token} below
   * the application's URL. It is renewed ahead of its expiry, once for all threads.
   *
   * <p>The source asks for the secret whenever it needs a token, and then closes the value: it
   * keeps no copy.
   *
   * @param application the application's URL, such as {@code https://my-app.erp.dev}
   * @param clientId of the machine user
   * @param clientSecret gives the secret; a new value each time
   * @throws IllegalArgumentException if the URL is invalid, or has no TLS and is not of this
   *     machine
   */
  public static AccessTokenSource machineUser(
      URI application, String clientId, Supplier<SecretValue> clientSecret) {
    Endpoint endpoint =
        Endpoint.of(requireNonNull(application, "application"), false, "The application's URL");
    requireNonNull(clientId, "clientId");
    requireNonNull(clientSecret, "clientSecret");
    return new AccessTokenSource(
        context -> new MachineUserToken(endpoint, clientId, clientSecret, context));
  }

  TokenSource open(TokenContext context) {
    return opener.open(context);
  }

  /** Returns the same text for every token. */
  @Override
  public String toString() {
    return "AccessTokenSource[redacted]";
  }
}
