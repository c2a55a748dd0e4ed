package tech.tailor.secretmanager.cli;

import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.client.declare.VerificationReport;
import tech.tailor.secretmanager.store.SecretStore;

/** Checks that declared secrets are there and as declared. */
@Command(
    name = "check",
    description = "Checks that every declared secret is there, can be read and looks as declared.",
    footer = {"", "Example:", "  secretmanager check secrets.yaml && ./deploy"})
final class CheckCommand extends StoreCommand {

  @Parameters(index = "0", paramLabel = "FILE", description = "The declaration, JSON or YAML.")
  Path file = Path.of("");

  CheckCommand(Io io) {
    super(io);
  }

  @Override
  int run(SecretStore store) {
    DeclarationFile declaration = DeclarationFile.read(file, connection.variables(io()));
    try (SecretManager manager = SecretManagers.builder(store).keepBackendOpen().build()) {
      VerificationReport report = VerificationReport.of(manager, declaration.definitions());
      output().line(json ? report.toJson() : report.toString());
      if (!report.isVerified()) {
        throw CliException.of(
            "VERIFICATION_FAILED",
            Output.count(report.problems().size(), "declared secret") + " can't be used.",
            "Do what the report says.");
      }
    }
    return OK;
  }
}
