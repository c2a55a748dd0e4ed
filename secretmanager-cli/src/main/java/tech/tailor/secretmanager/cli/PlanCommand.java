package tech.tailor.secretmanager.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tech.tailor.secretmanager.client.declare.SecretPlan;
import tech.tailor.secretmanager.store.SecretStore;

/** Shows what a declaration would change. */
@Command(
    name = "plan",
    description = "Shows what a declaration would create, update and delete; reads no value.",
    footer = {
      "",
      "{\"owner\": \"orders\", \"vaults\": {\"orders\": {\"api-key\":",
      "  {\"description\": \"Key of the shop\", \"source\": \"env:API_KEY\", \"required\": true}}}}",
      "",
      "Example:",
      "  secretmanager plan secrets.yaml --exit-code"
    })
final class PlanCommand extends StoreCommand {

  private static final int CHANGES = 2;

  @Option(names = "--exit-code", description = "End with 2 if there is something to do.")
  boolean exitCode;

  @Mixin
  DeclarationOptions declaration = new DeclarationOptions();

  PlanCommand(Io io) {
    super(io);
  }

  @Override
  int run(SecretStore store) {
    SecretPlan plan = declaration.plan(store, connection, io());
    output().line(json ? plan.toJson() : plan.toString());
    return exitCode && !plan.isEmpty() ? CHANGES : OK;
  }
}
