package tech.tailor.secretmanager.testing.emulator;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
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
 *                       missing (needs secretmanager-file); default: in memory
 * --key FILE            the key of that store, which is made where it is missing
 * --help                prints this
 * </pre>
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
                         missing (needs secretmanager-file); default: in memory
      --key FILE         the key of that store, which is made where it is missing""";

  private int port = DEFAULT_PORT;
  private @Nullable String workspaceId;
  private @Nullable Path store;
  private @Nullable Path key;
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
    } catch (IllegalArgumentException | IllegalStateException | UncheckedIOException e) {
      System.err.println(e.getMessage());
      System.exit(2);
    }
  }

  /**
   * Starts it, and says where it listens.
   *
   * @throws IllegalArgumentException if an argument is not as it must be
   * @throws IllegalStateException if the artifact of the store is missing
   * @throws UncheckedIOException if a token's file can't be read or written, or the port is taken
   */
  static SecretManagerEmulator start(Consumer<String> out, String... args) {
    EmulatorCommand command = new EmulatorCommand();
    command.read(args);
    SecretManagerEmulator.Builder builder = command.builder();
    command.tokenFiles.forEach((file, role) -> builder.token(tokenIn(file), role));
    SecretManagerEmulator emulator = builder.start();
    out.accept("export PLATFORM_URL=" + emulator.endpoint());
    out.accept("export TAILOR_PLATFORM_WORKSPACE_ID=" + emulator.workspaceId());
    command.tokenFiles.forEach((file, role) -> out.accept("export TAILOR_PLATFORM_TOKEN=$(cat '"
        + file.toAbsolutePath() + "')  # " + role.name().toLowerCase(Locale.ROOT)));
    return emulator;
  }

  private void read(String[] args) {
    for (int i = 0; i < args.length; i += 2) {
      String option = args[i];
      if (i + 1 == args.length) {
        throw new IllegalArgumentException(
            "Give --port, --workspace, --token, --store or --key, each with a value");
      }
      String value = args[i + 1];
      switch (option) {
        case "--port" -> port = number(value);
        case "--workspace" -> workspaceId = value;
        case "--token" -> addToken(value);
        case "--store" -> store = Path.of(value);
        case "--key" -> key = Path.of(value);
        default ->
          throw new IllegalArgumentException(
              "There is no such option; there are --port, --workspace, --token, --store, --key");
      }
    }
    if ((store == null) != (key == null)) {
      throw new IllegalArgumentException("--store and --key are given both or neither");
    }
    if (tokenFiles.isEmpty()) {
      tokenFiles.put(Path.of("emulator-admin.token"), EmulatorRole.ADMIN);
    }
  }

  private void addToken(String roleAndFile) {
    int equals = roleAndFile.indexOf('=');
    for (EmulatorRole role : EmulatorRole.values()) {
      String name = role.name().toLowerCase(Locale.ROOT);
      if (equals > 0 && roleAndFile.substring(0, equals).equals(name)) {
        tokenFiles.put(Path.of(roleAndFile.substring(equals + 1)), role);
        return;
      }
    }
    throw new IllegalArgumentException(
        "--token is admin=FILE, editor=FILE or viewer=FILE; the token itself is in the file");
  }

  private SecretManagerEmulator.Builder builder() {
    SecretManagerEmulator.Builder builder = SecretManagerEmulator.builder().port(port);
    if (workspaceId != null) {
      builder.workspaceId(workspaceId);
    }
    if (store != null && key != null) {
      builder.store(SecretStores.create(Map.of(
          "TAILOR_SECRETMANAGER_URL",
          "file:" + store,
          "TAILOR_SECRETMANAGER_KEY_FILE",
          key.toString())));
    }
    return builder;
  }

  private static int number(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("--port is a number");
    }
  }

  private static String tokenIn(Path file) {
    try {
      if (Files.exists(file)) {
        return Files.readString(file).strip();
      }
      String token = Tokens.random();
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.write(file, (token + "\n").getBytes(UTF_8), StandardOpenOption.WRITE);
      return token;
    } catch (IOException e) {
      throw new UncheckedIOException(
          "The file of a token can't be read or written: " + file + " ("
              + e.getClass().getSimpleName() + ")",
          e);
    }
  }
}
