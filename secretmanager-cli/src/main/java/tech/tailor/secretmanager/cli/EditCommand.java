package tech.tailor.secretmanager.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
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

  @Mixin
  SecretAddress secret = new SecretAddress();

  EditCommand(Io io) {
    super(io);
  }

  @Override
  int run(SecretStore store) throws IOException, InterruptedException {
    SecretRef ref = secret.ref();
    MemoryDirectory.require();
    ManagedVaults managed = confirmed(store, ref.vault());
    try (SecretValue before = store.readSecret(ref.vault(), ref.name());
        MemoryDirectory directory = MemoryDirectory.create()) {
      if (edit(store, ref, before, directory.path().resolve(ref.name()))) {
        managed.release();
      }
    }
    return OK;
  }

  /** Returns whether the value was changed. */
  private boolean edit(SecretStore store, SecretRef ref, SecretValue before, Path file)
      throws IOException, InterruptedException {
    byte[] old = before.<byte[], RuntimeException>withBytes(byte[]::clone);
    try {
      PrivateFile.write(file, old);
    } finally {
      Arrays.fill(old, (byte) 0);
    }
    try (Editor editor = new Editor(io())) {
      editor.open(file);
    }
    byte[] edited = Files.readAllBytes(file);
    byte[] next = withoutAddedLineEnd(before, edited);
    try {
      if (before.matches(next)) {
        if (json) {
          output()
              .json(Json.object("changed", false, "vaultName", ref.vault(), "name", ref.name()));
        } else {
          output().info("Secret: " + ref + " is as it was; nothing was changed");
        }
        return false;
      }
      try (SecretValue value = SecretValue.copyOf(next)) {
        if (store instanceof VersionedSecretStore versioned && before.version() > 0) {
          versioned.updateSecret(ref.vault(), ref.name(), value, before.version());
        } else {
          store.updateSecret(ref.vault(), ref.name(), value);
        }
      }
    } finally {
      Arrays.fill(edited, (byte) 0);
      Arrays.fill(next, (byte) 0);
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
}
