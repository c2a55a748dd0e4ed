package tech.tailor.secretmanager.cli;

import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tech.tailor.secretmanager.client.declare.ApplyReport;
import tech.tailor.secretmanager.client.declare.SecretPlan;
import tech.tailor.secretmanager.store.SecretStore;

/** Brings a store to what is declared. */
@Command(
    name = "apply",
    description = "Brings the store to what a declaration says; asks before it deletes.",
    footer = {"", "Example:", "  secretmanager apply secrets.yaml --env-file secrets.env"})
final class ApplyCommand extends ChangeCommand {

  private static final Set<SecretPlan.Action> CHANGES =
      EnumSet.of(SecretPlan.Action.CREATE, SecretPlan.Action.UPDATE, SecretPlan.Action.DELETE);

  @Mixin
  DeclarationOptions declaration = new DeclarationOptions();

  ApplyCommand(Io io) {
    super(io);
  }

  @Override
  int run(SecretStore store) throws IOException {
    SecretPlan plan = declaration.plan(store, connection, io());
    requireNotBlocked(plan);
    long deleted = plan.steps().stream()
        .filter(step -> step.action() == SecretPlan.Action.DELETE)
        .count();
    if (deleted > 0 && !confirmation.yes) {
      io().err().println(plan);
      confirmation.require(io(), "Deleting " + deleted + " of these", "delete");
    }
    ManagedVaults managed = confirmed(store, changedVaults(plan));
    ApplyReport report = plan.apply();
    if (report.results().stream().anyMatch(ApplyCommand::isChange)) {
      managed.release();
    }
    output().line(json ? report.toJson() : report.toString());
    if (!report.isComplete()) {
      throw CliException.of(
          "APPLY_INCOMPLETE",
          "The declaration was not applied as a whole.",
          "Repair what the report names, and apply again; what was done is left.");
    }
    return OK;
  }

  /** In the words of the command line; the library's name a method. */
  private static void requireNotBlocked(SecretPlan plan) {
    List<String> blocked = plan.steps().stream()
        .filter(step -> step.action() == SecretPlan.Action.BLOCKED)
        .map(SecretPlan.Step::vault)
        .distinct()
        .toList();
    if (!blocked.isEmpty()) {
      throw CliException.of(
          "RPC_FAILED_PRECONDITION",
          "Another owner has " + String.join(", ", blocked) + "; nothing was done.",
          "See whose, with: secretmanager plan. If it is to be yours, add --take-over "
              + blocked.get(0));
    }
  }

  /** The vaults that are there and would be changed, or something in them. */
  private static Set<String> changedVaults(SecretPlan plan) {
    Set<String> vaults = new TreeSet<>();
    Set<String> created = new TreeSet<>();
    for (SecretPlan.Step step : plan.steps()) {
      if (CHANGES.contains(step.action())) {
        vaults.add(step.vault());
      }
      if (step.action() == SecretPlan.Action.CREATE && step.name().isEmpty()) {
        created.add(step.vault());
      }
    }
    vaults.removeAll(created);
    return vaults;
  }

  private static boolean isChange(ApplyReport.Result result) {
    return result.outcome() == ApplyReport.Outcome.DONE
        && CHANGES.contains(result.step().action());
  }
}
