package tech.tailor.secretmanager.http;

import static tech.tailor.secretmanager.SecretSupport.quote;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretAccessDeniedException;
import tech.tailor.secretmanager.SecretProtocolException;

/** The token of the CLI's user, refreshed and written back as the CLI does it. */
final class CliToken extends RenewedToken {

  private static final String WHAT = "A new access token of Tailor's CLI";
  private static final String DISCOVERY = ".well-known/oauth-authorization-server/oauth2/platform";

  private final CliSettings settings;
  private final Endpoint endpoint;
  private final Clock clock;
  private final OAuth oauth;

  /** Found once: that the CLI switches to another user doesn't change who this application is. */
  private volatile @Nullable String user;

  private volatile @Nullable String readOnlyProfile;

  CliToken(CliSettings settings, AccessTokenSource.TokenContext context) {
    super(context.pauses());
    this.settings = settings;
    this.endpoint = context.endpoint();
    this.clock = context.clock();
    this.oauth = new OAuth(context.transport());
  }

  @Override
  Fresh renew(@Nullable String refused, Deadline deadline) {
    Path file = settings.file();
    CliConfig config = CliConfigs.read(file);
    Optional<CliConfig.Profile> profile = settings.profile().map(config::profile);
    Optional<Endpoint> ofProfile = profile.flatMap(CliConfig.Profile::platform);
    Endpoint platform = ofProfile.orElse(settings.platform());
    if (!platform.hasSameOriginAs(endpoint)) {
      throw new SecretAccessDeniedException("The login of Tailor's CLI is for " + platform
          + ", and its token isn't sent to the store's endpoint, " + endpoint + "; set endpoint to"
          + " that platform, choose a profile of the endpoint's with TAILOR_PLATFORM_PROFILE, or set"
          + " another accessToken");
    }
    readOnlyProfile =
        profile.filter(CliConfig.Profile::readOnly).map(CliConfig.Profile::name).orElse(null);
    String name = user;
    if (name == null) {
      name = config.userKey(
          profile.map(CliConfig.Profile::user).orElseGet(config::currentUser),
          platform,
          ofProfile.isEmpty() && settings.plainUsers());
      user = name;
    }
    CliConfig.Login login = config.login(name);
    // The CLI itself may have refreshed it since it was last read.
    if (clock.instant().isBefore(login.expiry()) && !login.accessToken().equals(refused)) {
      return fresh(login);
    }
    String refreshToken = login
        .refreshToken()
        .orElseThrow(() -> new SecretAccessDeniedException("The login of Tailor's CLI in "
            + quote(file) + " has expired and can't be refreshed; run tailor-sdk login"));
    Grant grant = oauth.grant(
        tokenEndpoint(platform, deadline),
        new OAuth.Form()
            .field("grant_type", "refresh_token")
            .field("refresh_token", refreshToken)
            .field(
                "client_id",
                profile.flatMap(CliConfig.Profile::clientId).orElse(settings.clientId())),
        false, // the refresh token may be used up by asking
        WHAT,
        deadline);
    Instant expiry = clock.instant().plusSeconds(Math.max(0, grant.expiresInSeconds()));
    CliConfig.Login next = new CliConfig.Login(grant.accessToken(), grant.refreshToken(), expiry);
    CliConfig.write(file, name, next); // the old refresh token may be used up
    return grant.expiresInSeconds() > 0 ? fresh(next) : new Fresh(next.accessToken(), null);
  }

  @Override
  public Optional<String> readOnlyProfile() {
    return Optional.ofNullable(readOnlyProfile);
  }

  private Fresh fresh(CliConfig.Login login) {
    return new Fresh(login.accessToken(), Duration.between(clock.instant(), login.expiry()));
  }

  private String tokenEndpoint(Endpoint platform, Deadline deadline) {
    String url = oauth.tokenEndpoint(platform.resolve(DISCOVERY), WHAT, deadline);
    boolean same;
    try {
      same = Endpoint.of(url, false, "The token endpoint").hasSameOriginAs(platform);
    } catch (IllegalArgumentException e) {
      same = false;
    }
    if (!same) {
      throw new SecretProtocolException(WHAT + " can't be had: " + platform
          + " names another server to refresh tokens at, to which the refresh token isn't sent");
    }
    return url;
  }
}
