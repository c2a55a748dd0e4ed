package tech.tailor.secretmanager.testing.emulator;

import java.io.UncheckedIOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.client.SecretStores;

/**
 * The emulator from the command line; it runs until it is stopped.
 *
 * <pre>
 * --port N              default 8321; 0 for any that is free
 * --workspace UUID      default: a random one
 * --token ROLE=FILE     admin, editor or viewer; the token is in the file, or is made up and put
 *                       there, readable by its owner alone. Several times for several tokens;
 *                       default: admin=emulator-admin.token
 * --store DIRECTORY     keeps the secrets in an encrypted store there, which is made where it is
 *                       missing or the directory empty (needs secretmanager-file); default: in memory
 * --key FILE            the key of that store, which is made together with it
 * --help                prints this
 * </pre>
 *
 * <p>Once it listens, it prints the variables that clients need, for a shell's {@code eval}: the
 * address, the workspace, and the token in the file that was given first. What keeps it from
 * starting is one line on standard error, and exit code 2.
 *
 * <p>Tokens come from files alone: what stands in a command line can be seen by everybody on the
 * machine. None is printed.
 */
public final class EmulatorCommand {

  private static final int DEFAULT_PORT = 8321;

  private static final String USAGE = """
      The emulator of Tailor Platform's Secret Manager; it runs until it is stopped.

      --port N           default 8321; 0 for any that is free
      --workspace UUID   default: a random one
      --token ROLE=FILE  admin, editor or viewer; the token is in the file, or is made up and put
                         there. Several times for several tokens; default: admin=emulator-admin.token
      --store DIRECTORY  keeps the secrets in an encrypted store there, which is made where it is
                         missing or the directory empty (needs secretmanager-file); default: in memory
      --key FILE         the key of that store, which is made together with it

      It prints the variables that clients need, for a shell's eval; the token is that of the first
      file.""";

  private int port = DEFAULT_PORT;
  private @Nullable String workspaceId;
  private @Nullable Path store;
  private @Nullable Path key;

  /** By absolute path, in the order in which they were given. */
  private final Map<Path, EmulatorRole> tokenFiles = new LinkedHashMap<>();

  private EmulatorCommand() {}

  /**
   * Runs the emulator.
   *
   * @throws InterruptedException if the thread is interrupted; the emulator is stopped then
   */
  public static void main(String[] args) throws InterruptedException {
    Consumer<String> out = System.out::println;
    if (List.of(args).contains("--help")) {
      out.accept(USAGE);
      return;
    }
    try (SecretManagerEmulator emulator = start(out, args)) {
      Runtime.getRuntime().addShutdownHook(new Thread(emulator::close));
      new CountDownLatch(1).await();
    } catch (IllegalArgumentException
        | IllegalStateException
        | UncheckedIOException
        | SecretManagerException e) {
      System.err.println(lineOf(e));
      System.exit(2);
    }
  }

  /** What went wrong, on one line whatever the message. */
  static String lineOf(RuntimeException e) {
    String message = String.valueOf(e.getMessage()).strip().replaceAll("\\s*\\R\\s*", " ");
    return "The emulator did not start: " + SecretSupport.oneLine(message);
  }

  /**
   * Starts it, and says where it listens.
   *
   * @throws IllegalArgumentException if an argument is not as it must be
   * @throws IllegalStateException if the artifact of the store is missing
   * @throws UncheckedIOException if a token's file can't be read or written, or the port is taken
   * @throws SecretManagerException if the store can't be made or opened
   */
  static SecretManagerEmulator start(Consumer<String> out, String... args) {
    EmulatorCommand command = new EmulatorCommand();
    command.read(args);
    SecretManagerEmulator.Builder builder = SecretManagerEmulator.builder().port(command.port);
    if (command.workspaceId != null) {
      builder.workspaceId(command.workspaceId);
    }
    command.addTokens(builder);
    command.addStore(builder);
    SecretManagerEmulator emulator = builder.start();
    out.accept("export PLATFORM_URL=" + emulator.endpoint());
    out.accept("export TAILOR_PLATFORM_WORKSPACE_ID=" + emulator.workspaceId());
    out.accept("export TAILOR_PLATFORM_TOKEN=\"$(cat "
        + quote(command.tokenFiles.keySet().iterator().next()) + ")\"");
    return emulator;
  }

  /** The path as one word of a shell. */
  private static String quote(Path file) {
    return "'" + file.toString().replace("'", "'\\''") + "'";
  }

  private void read(String[] args) {
    Set<String> given = new HashSet<>();
    for (int i = 0; i < args.length; i += 2) {
      String option = args[i];
      if (i + 1 == args.length) {
        throw new IllegalArgumentException(
            "Give --port, --workspace, --token, --store or --key, each with a value");
      }
      String value = args[i + 1];
      if (!option.equals("--token") && !given.add(option)) {
        throw new IllegalArgumentException("Only --token may be given several times");
      }
      switch (option) {
        case "--port" -> port = number(value);
        case "--workspace" -> workspaceId = value;
        case "--token" -> addToken(value);
        case "--store" -> store = path(option, value);
        case "--key" -> key = path(option, value);
        default ->
          throw new IllegalArgumentException(
              "There is no such option; there are --port, --workspace, --token, --store, --key");
      }
    }
    if ((store == null) != (key == null)) {
      throw new IllegalArgumentException("--store and --key are given both or neither");
    }
    if (tokenFiles.isEmpty()) {
      tokenFiles.put(Path.of("emulator-admin.token").toAbsolutePath(), EmulatorRole.ADMIN);
    }
  }

  private void addToken(String roleAndFile) {
    int equals = roleAndFile.indexOf('=');
    for (EmulatorRole role : EmulatorRole.values()) {
      String name = role.name().toLowerCase(Locale.ROOT);
      if (equals > 0 && roleAndFile.substring(0, equals).equals(name)) {
        Path file =
            path("--token", roleAndFile.substring(equals + 1)).toAbsolutePath().normalize();
        if (tokenFiles.putIfAbsent(file, role) != null) {
          throw new IllegalArgumentException(
              "--token names the file " + file + " twice; give each a token of its own");
        }
        return;
      }
    }
    throw new IllegalArgumentException(
        "--token is admin=FILE, editor=FILE or viewer=FILE; the token itself is in the file");
  }

  private void addTokens(SecretManagerEmulator.Builder builder) {
    Map<String, Path> files = new HashMap<>();
    tokenFiles.forEach((file, role) -> {
      String token = TokenFile.tokenIn(file);
      Path other = files.putIfAbsent(token, file);
      if (other != null) {
        throw new IllegalArgumentException(
            other + " and " + file + " hold the same token; give each a token of its own");
      }
      builder.token(token, role);
    });
  }

  private void addStore(SecretManagerEmulator.Builder builder) {
    if (store != null && key != null) {
      builder.store(SecretStores.create(Map.of(
          "TAILOR_SECRETMANAGER_URL",
          "file:" + store.toAbsolutePath(),
          "TAILOR_SECRETMANAGER_KEY_FILE",
          key.toString())));
    }
  }

  /** Without the argument in the message: it may be a token, given in the wrong place. */
  private static Path path(String option, String text) {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException(option + " names no file: it has a character that this"
          + " system's file names, or its locale, can't have");
    }
  }

  private static int number(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("--port is a number");
    }
  }
}
