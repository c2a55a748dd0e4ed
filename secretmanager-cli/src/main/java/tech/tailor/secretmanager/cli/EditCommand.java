package tech.tailor.secretmanager.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.store.SecretStore;
import tech.tailor.secretmanager.store.VersionedSecretStore;

/** Opens a value in the user's editor, in memory alone. */
@Command(
    name = "edit",
    description = "Opens a value in $VISUAL or $EDITOR, in a file in memory that is wiped after.",
    footer = {"", "Example:", "  EDITOR=vim secretmanager edit default/service-account"})
final class EditCommand extends ChangeCommand {

  private static final Path MEMORY = Path.of("/dev/shm");
  private static final String DEFAULT_EDITOR = "vi";

  @Mixin
  SecretAddress secret = new SecretAddress();

  EditCommand(Io io) {
    super(io);
  }

  @Override
  int run(SecretStore store) throws IOException, InterruptedException {
    SecretRef ref = secret.ref();
    requireMemory();
    ManagedVaults managed = confirmed(store, ref.vault());
    try (SecretValue before = store.readSecret(ref.vault(), ref.name())) {
      Path directory =
          Files.createTempDirectory(MEMORY, "secretmanager", PrivateFile.ownerOnly("rwx------"));
      Thread wipe = new Thread(() -> wipe(directory)); // where this process is ended meanwhile
      Runtime.getRuntime().addShutdownHook(wipe);
      try {
        if (edit(store, ref, before, directory.resolve(ref.name()))) {
          managed.release();
        }
      } finally {
        wipe(directory);
        Runtime.getRuntime().removeShutdownHook(wipe);
      }
    }
    return OK;
  }

  /** Returns whether the value was changed. */
  private boolean edit(SecretStore store, SecretRef ref, SecretValue before, Path file)
      throws IOException, InterruptedException {
    byte[] old = before.<byte[], RuntimeException>withBytes(byte[]::clone);
    PrivateFile.write(file, old);
    Arrays.fill(old, (byte) 0);
    int code = startEditor(file);
    if (code != 0) {
      throw CliException.of(
          "CANCELLED", "The editor ended with exit code " + code + "; nothing was changed.");
    }
    byte[] edited = Files.readAllBytes(file);
    try {
      if (before.matches(withoutAddedLineEnd(before, edited))) {
        output().info("Secret: " + ref + " is as it was; nothing was changed");
        return false;
      }
      try (SecretValue value = SecretValue.copyOf(withoutAddedLineEnd(before, edited))) {
        if (store instanceof VersionedSecretStore versioned && before.version() > 0) {
          versioned.updateSecret(ref.vault(), ref.name(), value, before.version());
        } else {
          store.updateSecret(ref.vault(), ref.name(), value);
        }
      }
    } finally {
      Arrays.fill(edited, (byte) 0);
    }
    output()
        .done(
            "Secret: " + ref.name() + " updated in vault: " + ref.vault(),
            changed("vaultName", ref.vault(), "name", ref.name()));
    return true;
  }

  /** Editors end a file with a line end that the value didn't have. */
  private static byte[] withoutAddedLineEnd(SecretValue before, byte[] edited) {
    boolean had = before.<Boolean, RuntimeException>withBytes(
        bytes -> bytes.length > 0 && bytes[bytes.length - 1] == '\n');
    boolean has = edited.length > 0 && edited[edited.length - 1] == '\n';
    return has && !had ? Arrays.copyOf(edited, edited.length - 1) : edited;
  }

  private int startEditor(Path file) throws IOException, InterruptedException {
    String editor = Stream.of("VISUAL", "EDITOR")
        .map(name -> io().environment().getOrDefault(name, ""))
        .filter(each -> !each.isEmpty())
        .findFirst()
        .orElse(DEFAULT_EDITOR);
    // By the shell, since an editor may be a command with options.
    ProcessBuilder builder =
        new ProcessBuilder("sh", "-c", editor + " \"$1\"", "sh", file.toString()).inheritIO();
    try (ForwardedSignals signals = ForwardedSignals.install(true)) {
      Process process = builder.start();
      signals.forwardTo(process);
      return process.waitFor();
    }
  }

  private static void requireMemory() throws IOException {
    boolean inMemory = false;
    if (Files.isDirectory(MEMORY)) {
      FileStore store = Files.getFileStore(MEMORY);
      inMemory = store.type().equals("tmpfs");
    }
    if (!inMemory) {
      throw CliException.of(
          "UNSUPPORTED",
          "There is no file system in memory at /dev/shm, and a value is not written to a disk.",
          "Use: secretmanager put");
    }
  }

  /** Overwrites and deletes every file, also those that the editor made beside the one. */
  private static void wipe(Path directory) {
    try (Stream<Path> walk = Files.walk(directory)) {
      List<Path> inside = walk.sorted(Comparator.reverseOrder()).toList();
      for (Path each : inside) {
        wipeOne(each);
      }
    } catch (java.nio.file.NoSuchFileException e) {
      // It was wiped already.
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** In place: a file that is truncated first leaves its pages as they were. */
  private static void wipeOne(Path file) throws IOException {
    try {
      if (Files.isRegularFile(file, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
          channel.write(ByteBuffer.allocate((int) channel.size()), 0);
        }
      }
      Files.delete(file);
    } catch (java.nio.file.NoSuchFileException e) {
      // The editor deleted it meanwhile.
    }
  }
}
