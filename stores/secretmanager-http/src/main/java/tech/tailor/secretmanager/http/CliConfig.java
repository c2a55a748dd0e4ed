package tech.tailor.secretmanager.http;

import static tech.tailor.secretmanager.SecretSupport.quote;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretAccessDeniedException;
import tech.tailor.secretmanager.SecretUnavailableException;

/**
 * The configuration file of Tailor's CLI. The only class that needs the YAML reader, which is
 * optional.
 */
final class CliConfig {

  private static final int NEWEST_VERSION = 2;

  /** Only with what Jackson 2.15 has. The file as a whole is bounded. */
  private static final YAMLFactory YAML = YAMLFactory.builder()
      .streamReadConstraints(StreamReadConstraints.builder()
          .maxNestingDepth(HttpLimits.NESTING_DEPTH)
          .maxStringLength(2 * HttpLimits.TOKEN_LENGTH)
          .build())
      .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
      .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
      .build();

  private final Path file;
  private final Map<String, String> scalars;

  private CliConfig(Path file, Map<String, String> scalars) {
    this.file = file;
    this.scalars = scalars;
  }

  /**
   * A user's login.
   *
   * @param refreshToken to get the next one with, where there is one
   * @param expiry of the access token
   */
  record Login(String accessToken, Optional<String> refreshToken, Instant expiry) {
    /** The same text for any token. */
    @Override
    public String toString() {
      return "Login[redacted]";
    }
  }

  /**
   * Reads the file.
   *
   * @throws SecretAccessDeniedException if the file is missing, or has an unknown version
   * @throws SecretUnavailableException if it can't be read
   */
  static CliConfig read(Path file) {
    if (!Files.exists(file)) {
      throw new SecretAccessDeniedException("There is no configuration of Tailor's CLI at "
          + quote(file) + "; run tailor-sdk login, or set TAILOR_PLATFORM_TOKEN");
    }
    CliConfig config = new CliConfig(file, scalars(file));
    String version = config.scalars.getOrDefault("/version", "1");
    if (!version.matches("[0-9]{1,3}") || Integer.parseInt(version) > NEWEST_VERSION) {
      throw new SecretAccessDeniedException("The configuration of Tailor's CLI at " + quote(file)
          + " is of a version that this library doesn't know; set TAILOR_PLATFORM_TOKEN, or use a"
          + " newer version of this library");
    }
    return config;
  }

  /**
   * A profile.
   *
   * @param platform where its platform is, if not where the environment says
   * @param clientId by which the CLI is known to that platform, if not the standard one
   */
  record Profile(
      String name,
      String user,
      Optional<String> workspace,
      Optional<Endpoint> platform,
      Optional<String> clientId,
      boolean readOnly) {}

  /**
   * Returns a profile.
   *
   * @throws SecretAccessDeniedException if no profile has that name
   * @throws IllegalArgumentException if the URL of its platform is invalid
   */
  Profile profile(String name) {
    String base = "/profiles/" + name + "/";
    String user = scalars.get(base + "user");
    if (user == null) {
      throw new SecretAccessDeniedException("The configuration of Tailor's CLI at " + quote(file)
          + " has no profile " + quote(name) + "; check TAILOR_PLATFORM_PROFILE");
    }
    return new Profile(
        name,
        user,
        optional(base + "workspace_id"),
        optional(base + "platform_url")
            .map(url -> Endpoint.of(
                url,
                false,
                "The platform_url of the profile " + quote(name) + " in " + quote(file))),
        optional(base + "oauth2_client_id"),
        optional(base + "readonly").orElse("false").equals("true"));
  }

  String currentUser() {
    return optional("/current_user")
        .orElseThrow(() -> new SecretAccessDeniedException("Nobody is logged in by the"
            + " configuration of Tailor's CLI at " + quote(file)
            + "; run tailor-sdk login, or set TAILOR_PLATFORM_TOKEN"));
  }

  /**
   * The key of a user's login. On Tailor Platform it is the user's name, elsewhere
   * {@code URL|NAME}: so that no platform is shown the token of another one.
   *
   * @param plain whether the name alone will do elsewhere, where there is no such key
   */
  String userKey(String user, Endpoint platform, boolean plain) {
    String key = platform + "|" + user;
    boolean standard = platform.toString().equals(CliSettings.PLATFORM);
    boolean qualified = user.contains("|");
    if (qualified ? user.startsWith(platform + "|") : standard) {
      return user;
    }
    return qualified || !plain || scalars.containsKey("/users/" + key + "/token_expires_at")
        ? key
        : user;
  }

  Login login(String user) {
    String base = "/users/" + user + "/";
    String token = scalars.get(base + "access_token");
    if (token == null || !Tokens.isValid(token)) {
      throw new SecretAccessDeniedException(
          "keyring".equals(scalars.get(base + "storage"))
              ? "The login of Tailor's CLI is in the keyring of the operating system, which this"
                  + " library doesn't read; set TAILOR_PLATFORM_TOKEN"
              : "The configuration of Tailor's CLI at " + quote(file)
                  + " has no login of its user for that"
                  + " platform; run tailor-sdk login, or set TAILOR_PLATFORM_TOKEN");
    }
    return new Login(
        token, optional(base + "refresh_token"), expiry(scalars.get(base + "token_expires_at")));
  }

  /**
   * Writes a login back: only its texts change, in a new file that takes the place of the old one
   * whole.
   */
  static void write(Path file, String user, Login login) {
    String base = "/users/" + user + "/";
    Map<String, String> changed = new LinkedHashMap<>();
    changed.put(base + "access_token", login.accessToken());
    login.refreshToken().ifPresent(token -> changed.put(base + "refresh_token", token));
    changed.put(base + "token_expires_at", login.expiry().toString());
    try {
      ByteArrayOutputStream text = new ByteArrayOutputStream();
      try (JsonParser parser = YAML.createParser(bytes(file));
          JsonGenerator generator = YAML.createGenerator(text)) {
        copy(parser, generator, changed);
      }
      replace(file, text.toByteArray());
    } catch (IOException | RuntimeException e) { // its message can quote a token
      throw new SecretUnavailableException("The configuration of Tailor's CLI at " + quote(file)
          + " can't be written: " + e.getClass().getSimpleName());
    }
  }

  private static void copy(JsonParser parser, JsonGenerator generator, Map<String, String> changed)
      throws IOException {
    Deque<String> path = new ArrayDeque<>();
    for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
      String at = track(parser, token, path);
      String replacement = token.isScalarValue() ? changed.get(at) : null;
      if (replacement == null) {
        generator.copyCurrentEvent(parser);
      } else {
        generator.writeString(replacement);
      }
    }
  }

  private static void replace(Path file, byte[] text) throws IOException {
    Path target = file.toRealPath(); // a link stays one
    Path directory = target.getParent();
    boolean posix = target.getFileSystem().supportedFileAttributeViews().contains("posix");
    FileAttribute<?>[] ownerOnly = posix
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        }
        : new FileAttribute<?>[0];
    Path next = Files.createTempFile(directory, "config", ".tmp", ownerOnly);
    try {
      Files.write(next, text);
      Files.move(next, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(next);
    }
  }

  private Optional<String> optional(String path) {
    return Optional.ofNullable(scalars.get(path));
  }

  private static Instant expiry(@Nullable String text) {
    try {
      return text == null ? Instant.EPOCH : OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException e) {
      return Instant.EPOCH; // unknown is expired
    }
  }

  /** Every text and number in the file, by its path. */
  private static Map<String, String> scalars(Path file) {
    Map<String, String> scalars = new LinkedHashMap<>();
    try (JsonParser parser = YAML.createParser(bytes(file))) {
      Deque<String> path = new ArrayDeque<>();
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (((YAMLParser) parser).isCurrentAlias()) {
          throw new IOException("an alias");
        }
        String at = track(parser, token, path);
        if (token.isScalarValue() && token != JsonToken.VALUE_NULL) {
          scalars.put(at, parser.getText());
        }
      }
      return scalars;
    } catch (IOException | RuntimeException e) { // its message can quote a token
      throw new SecretUnavailableException("The configuration of Tailor's CLI at " + quote(file)
          + " can't be read: " + e.getClass().getSimpleName());
    }
  }

  /** Follows the parser, and tells the path of what it is at. */
  private static String track(JsonParser parser, JsonToken token, Deque<String> path)
      throws IOException {
    if (token == JsonToken.END_OBJECT || token == JsonToken.END_ARRAY) {
      path.removeLast();
      return "";
    }
    String name = parser.currentName();
    if (token == JsonToken.START_OBJECT || token == JsonToken.START_ARRAY) {
      path.addLast(name == null ? "" : name);
      return "";
    }
    StringBuilder at = new StringBuilder();
    for (Iterator<String> names = path.iterator(); names.hasNext(); ) {
      String outer = names.next();
      at.append(outer.isEmpty() ? "" : "/" + outer);
    }
    return at.append('/').append(name).toString();
  }

  private static byte[] bytes(Path file) throws IOException {
    try (InputStream in = Tokens.open(file)) {
      byte[] bytes = in.readNBytes(HttpLimits.CONFIG_BYTES + 1);
      if (bytes.length > HttpLimits.CONFIG_BYTES) {
        throw new IOException("too large");
      }
      return bytes;
    }
  }
}
