package tech.tailor.secretmanager.cli;

import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tech.tailor.secretmanager.store.SecretStore;
import tech.tailor.secretmanager.store.SharedSecretStore;

/** Accepts that a store is older than what was seen of it. */
@Command(
    name = "accept-rewind",
    description = "Accepts a shared store that was restored, or lost its last commits.",
    footer = {
      "",
      "Every process that has seen the newer state refuses the store until then. The mark is in the",
      "message of that refusal. What was changed since is lost: check what has to be changed again.",
      "",
      "Example:",
      "  secretmanager accept-rewind 1200-5d41402abc4b2a76"
    })
final class AcceptRewindCommand extends StoreCommand {

  @Parameters(paramLabel = "MARK", description = "The commit that the store is at now.")
  String mark = "";

  @Mixin
  Confirmation confirmation = new Confirmation();

  AcceptRewindCommand(Io io) {
    super(io);
  }

  @Override
  int run(SecretStore store) throws IOException {
    confirmation.require(io(), "Accepting the older state of this store", "accept");
    if (!(store instanceof SharedSecretStore shared)) {
      throw CliException.of(
          "UNSUPPORTED",
          "Only a store that several machines share refuses an older state of itself.",
          "Name one in PostgreSQL or etcd.");
    }
    shared.acceptRewind(mark);
    output().done("Store: accepted at " + mark, changed("mark", mark));
    return OK;
  }
}
