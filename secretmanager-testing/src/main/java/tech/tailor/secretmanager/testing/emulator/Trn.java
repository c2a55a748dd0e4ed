package tech.tailor.secretmanager.testing.emulator;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A resource name of the platform: of a vault, or of a secret in it.
 *
 * @param secret the secret's name; null for the vault itself
 */
record Trn(String workspaceId, String vault, @Nullable String secret) {

  /** The platform's grammar for the id of a workspace. */
  static final String WORKSPACE_ID = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}";

  private static final String OF_WORKSPACE = "trn:v1:workspace:(" + WORKSPACE_ID + ")";
  private static final String NAME = "([a-z0-9][a-z0-9-]{1,61}[a-z0-9])";
  private static final Pattern GRAMMAR =
      Pattern.compile(OF_WORKSPACE + ":vault:" + NAME + "(?::secret:" + NAME + ")?");

  /** The platform's grammar for resources of any kind, and for a whole workspace. */
  private static final Pattern ANY = Pattern.compile(OF_WORKSPACE + "(?::[a-zA-Z0-9_.:*-]+)?");

  /** The workspace of a resource name of any kind; empty if it is no resource name. */
  static Optional<String> workspaceOf(String text) {
    Matcher matcher = ANY.matcher(text);
    return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
  }

  /** Parses a resource name; empty if it does not name a vault or a secret. */
  static Optional<Trn> parse(String text) {
    Matcher matcher = GRAMMAR.matcher(text);
    return matcher.matches()
        ? Optional.of(new Trn(matcher.group(1), matcher.group(2), matcher.group(3)))
        : Optional.empty();
  }

  @Override
  public String toString() {
    String ofVault = "trn:v1:workspace:" + workspaceId + ":vault:" + vault;
    return secret == null ? ofVault : ofVault + ":secret:" + secret;
  }
}
