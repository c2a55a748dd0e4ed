package tech.tailor.secretmanager.cli;

import java.io.IOException;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.store.SecretStore;
import tech.tailor.secretmanager.store.VersionedSecretStore;

/** Changes something about one version of a secret. */
abstract class VersionCommand extends ChangeCommand {

  @Mixin
  SecretAddress secret = new SecretAddress();

  @Option(
      names = "--version",
      paramLabel = "N",
      required = true,
      description = "The version, counted from 1; see secretmanager versions.")
  long version;

  VersionCommand(Io io) {
    super(io);
  }

  /**
   * Changes it.
   *
   * @return what was done, such as {@code disabled}
   */
  abstract String change(VersionedSecretStore store, SecretRef ref) throws IOException;

  @Override
  final int run(SecretStore store) throws IOException {
    SecretRef ref = secret.ref();
    VersionedSecretStore versioned = versioned(store);
    ManagedVaults managed = confirmed(store, ref.vault());
    String done = change(versioned, ref);
    managed.release();
    output()
        .done(
            "Secret: " + ref + " version " + version + " " + done,
            changed("vaultName", ref.vault(), "name", ref.name(), "version", version));
    return OK;
  }
}
