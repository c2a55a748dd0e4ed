package tech.tailor.secretmanager.cli;

import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tech.tailor.secretmanager.client.declare.ApplyReport;
import tech.tailor.secretmanager.client.declare.SecretPlan;
import tech.tailor.secretmanager.store.SecretStore;

/** Brings a store to what is declared. */
@Command(
    name = "apply",
    description = "Brings the store to what a declaration says; asks before it deletes.",
    footer = {"", "Example:", "  API_KEY=... secretmanager apply secrets.yaml"})
final class ApplyCommand extends DeclarationCommand {

  @Mixin
  Confirmation confirmation = new Confirmation();

  ApplyCommand(Io io) {
    super(io);
  }

  @Override
  int run(SecretStore store) throws IOException {
    SecretPlan plan = plan(store);
    long deleted = plan.steps().stream()
        .filter(step -> step.action() == SecretPlan.Action.DELETE)
        .count();
    if (deleted > 0 && !confirmation.yes) {
      io().err().println(plan);
      confirmation.require(io(), "Deleting " + deleted + " of these", "delete");
    }
    ApplyReport report = plan.apply();
    output().line(json ? report.toJson() : report.toString());
    if (!report.isComplete()) {
      throw CliException.of(
          "APPLY_INCOMPLETE",
          "The declaration was not applied as a whole.",
          "Repair what the report names, and apply again; what was done is left.");
    }
    return OK;
  }
}
