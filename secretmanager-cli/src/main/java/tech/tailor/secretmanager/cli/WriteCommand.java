package tech.tailor.secretmanager.cli;

import java.io.IOException;
import picocli.CommandLine.Mixin;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.store.SecretStore;

/** Writes a value: what {@code create}, {@code update} and {@code put} share. */
abstract class WriteCommand extends ChangeCommand {

  @Mixin
  SecretAddress secret = new SecretAddress();

  @Mixin
  ValueInput input = new ValueInput();

  WriteCommand(Io io) {
    super(io);
  }

  /**
   * Writes it.
   *
   * @return what was done, such as {@code created in}
   */
  abstract String write(SecretStore store, SecretRef ref, SecretValue value);

  @Override
  public Integer call() throws IOException, InterruptedException {
    secret.ref(); // before a value is asked for
    return super.call();
  }

  @Override
  final int run(SecretStore store) throws IOException {
    SecretRef ref = secret.ref();
    ManagedVaults managed = confirmed(store, ref.vault());
    String done;
    try (SecretValue value = input.read(ref, io(), output())) {
      done = write(store, ref, value);
    }
    managed.release();
    output()
        .done(
            "Secret: " + ref.name() + " " + done + " vault: " + ref.vault(),
            changed("vaultName", ref.vault(), "name", ref.name()));
    return OK;
  }
}
