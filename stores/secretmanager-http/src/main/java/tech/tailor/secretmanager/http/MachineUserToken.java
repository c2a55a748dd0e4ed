package tech.tailor.secretmanager.http;

import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;

/** The token of a machine user, by OAuth2's client credentials. */
final class MachineUserToken extends RenewedToken {

  private static final String WHAT = "The access token of the machine user";

  private final Endpoint application;
  private final String clientId;
  private final Supplier<SecretValue> clientSecret;
  private final OAuth oauth;

  MachineUserToken(
      Endpoint application,
      String clientId,
      Supplier<SecretValue> clientSecret,
      AccessTokenSource.TokenContext context) {
    super(context.pauses());
    this.application = application;
    this.clientId = clientId;
    this.clientSecret = clientSecret;
    this.oauth = new OAuth(context.transport());
  }

  @Override
  Fresh renew(@Nullable String refused, Deadline deadline) {
    OAuth.Form form = new OAuth.Form()
        .field("grant_type", "client_credentials")
        .field("client_id", clientId)
        .field("client_secret", secret());
    Grant grant = oauth.grant(application.resolve("oauth2/token"), form, true, WHAT, deadline);
    long seconds = grant.expiresInSeconds();
    return new Fresh(
        grant.accessToken(),
        seconds <= 0
            ? null
            : Duration.ofSeconds(Math.min(seconds, Duration.ofDays(365).toSeconds())));
  }

  private byte[] secret() {
    try (SecretValue secret = clientSecret.get()) {
      return secret.<byte[], RuntimeException>withBytes(byte[]::clone);
    } catch (SecretManagerException e) {
      throw e;
    } catch (RuntimeException e) { // its message could hold the secret
      throw new SecretUnavailableException(WHAT + " can't be had: the supplier of its secret failed"
          + " with a " + e.getClass().getName() + "; its message is withheld");
    }
  }
}
