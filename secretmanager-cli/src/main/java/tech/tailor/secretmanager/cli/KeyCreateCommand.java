package tech.tailor.secretmanager.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.envelope.MasterKey;

/** Makes a master key in a file, without a store. */
@Command(
    name = "create",
    description = "Makes a key file, if it is missing.",
    footer = {
      "",
      "For a key that must be in place before its store is rotated to it, or that is made elsewhere",
      "than the store. It takes effect with init, or with key rotate.",
      "",
      "Example:",
      "  secretmanager key create /keys/next.key"
    })
final class KeyCreateCommand extends CliCommand {

  @Parameters(index = "0", paramLabel = "FILE", description = "The file of the key.")
  Path target = Path.of("");

  KeyCreateCommand(Io io) {
    super(io);
  }

  @Override
  public Integer call() {
    boolean isThere = Files.exists(target);
    MasterKey key = MasterKey.createFile(target);
    if (key.isRecoveryKey()) {
      throw CliException.usage(SecretSupport.quote(target)
          + " holds a recovery key, which can't be a store's master key; name another file.");
    }
    output()
        .done(
            "Key: " + SecretSupport.quote(target) + (isThere ? " was there already" : " created"),
            Json.object(
                "changed",
                !isThere,
                "keyFile",
                target.toString(),
                "fingerprint",
                key.fingerprint().orElse("")));
    return OK;
  }
}
