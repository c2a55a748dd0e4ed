package tech.tailor.secretmanager.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tech.tailor.secretmanager.SecretSource;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.client.SecretStores;
import tech.tailor.secretmanager.store.SecretStore;

/** Which store a command is about: options first, then the environment, then env files. */
final class ConnectionOptions {

  static final String URL = "TAILOR_SECRETMANAGER_URL";
  static final String KEY_FILE = "TAILOR_SECRETMANAGER_KEY_FILE";
  static final String KEY = "TAILOR_SECRETMANAGER_KEY";
  static final String WORKSPACE = "TAILOR_PLATFORM_WORKSPACE_ID";
  static final String PROFILE = "TAILOR_PLATFORM_PROFILE";
  private static final String ACTOR = "TAILOR_SECRETMANAGER_ACTOR";

  /** The JDK's word for a user without a name, as in some containers. */
  private static final String NAMELESS = "?";

  /** A second key of the same store. */
  static final Set<String> PREVIOUS_KEY =
      Set.of("TAILOR_SECRETMANAGER_PREVIOUS_KEY", "TAILOR_SECRETMANAGER_PREVIOUS_KEY_FILE");

  @Option(
      names = {"-w", "--workspace-id"},
      paramLabel = "UUID",
      description = "The workspace; by default that of the environment or the profile.")
  @Nullable
  String workspaceId;

  @Option(
      names = {"-p", "--profile"},
      paramLabel = "NAME",
      description = "The profile of Tailor's CLI.")
  @Nullable
  String profile;

  @Option(
      names = {"-e", "--env-file"},
      paramLabel = "FILE",
      description = "Variables from a file, which must exist; set variables win. Repeatable.")
  List<Path> envFiles = new ArrayList<>();

  @Option(
      names = "--env-file-if-exists",
      paramLabel = "FILE",
      description = "The same for a file that may be missing. Repeatable.")
  List<Path> optionalEnvFiles = new ArrayList<>();

  @Option(
      names = "--store",
      paramLabel = "URL",
      description = "The store, such as file:/var/lib/app/secrets; by default that of"
          + " TAILOR_SECRETMANAGER_URL, or Tailor Platform.")
  @Nullable
  String store;

  @Option(
      names = "--key-file",
      paramLabel = "FILE",
      description = "The key file of an encrypted store; by default that of"
          + " TAILOR_SECRETMANAGER_KEY_FILE.")
  @Nullable
  String keyFile;

  private @Nullable Map<String, String> filesRead;

  /** Opens the store, which the caller closes. */
  SecretStore open(Io io) {
    return SecretStores.open(environment(io));
  }

  /** The variables that name the store. */
  Map<String, String> environment(Io io) {
    Map<String, String> variables = new HashMap<>(fromFiles());
    variables.putAll(io.environment());
    if (workspaceId != null) {
      requireUuid(workspaceId);
      variables.put(WORKSPACE, workspaceId);
    }
    if (profile != null) {
      variables.put(PROFILE, profile);
    }
    if (store != null) {
      variables.put(URL, store);
    }
    if (keyFile != null) {
      variables.put(KEY_FILE, keyFile);
      variables.remove(KEY);
    }
    String user = System.getProperty("user.name", NAMELESS);
    if (!user.equals(NAMELESS)) {
      variables.putIfAbsent(ACTOR, user);
    }
    return variables;
  }

  /** Whether the store at an address is opened with a master key. */
  static boolean isOfAKey(String url) {
    return url.startsWith(StoreFile.SCHEME) || url.startsWith("jdbc:") || url.startsWith("etcd:");
  }

  /** Whether the store at an address takes any number of secrets in one commit; etcd takes 40. */
  static boolean takesLargeCommits(String url) {
    return !url.startsWith("etcd:");
  }

  /** The sources for variables, of this process first and then of the env files. */
  Function<String, SecretSource> variables(Io io) {
    Map<String, String> ofFiles = fromFiles();
    return name -> {
      String text = io.environment().containsKey(name) ? null : ofFiles.get(name);
      return text == null ? SecretSource.environment(name) : new EnvFileSource(name, text);
    };
  }

  /** The workspace, where it is known and the store has one. */
  @Nullable
  String workspace(Io io) {
    Map<String, String> variables = environment(io);
    String url = variables.getOrDefault(URL, "");
    boolean hasWorkspace = url.isEmpty() || url.startsWith("tailor:") || url.startsWith("http");
    return hasWorkspace ? variables.get(WORKSPACE) : null;
  }

  /** The variables of the env files alone. Each file is read once: it may be a pipe. */
  Map<String, String> fromFiles() {
    Map<String, String> known = filesRead;
    if (known != null) {
      return known;
    }
    Map<String, String> variables = new LinkedHashMap<>();
    List<Path> files = new ArrayList<>(envFiles);
    optionalEnvFiles.stream().filter(Files::exists).forEach(files::add);
    for (Path file : files) {
      variables.putAll(DotEnv.parse(TextFile.read(file), "The file " + SecretSupport.quote(file)));
    }
    filesRead = variables;
    return variables;
  }

  private static void requireUuid(String text) {
    try {
      if (text.length() == 36 && UUID.fromString(text).toString().equalsIgnoreCase(text)) {
        return;
      }
    } catch (IllegalArgumentException e) {
      // Said below.
    }
    throw CliException.usage("The workspace id (--workspace-id) must be a valid UUID.");
  }
}
