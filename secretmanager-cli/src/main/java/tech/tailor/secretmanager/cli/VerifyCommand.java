package tech.tailor.secretmanager.cli;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import tech.tailor.secretmanager.file.FileSecretStore;
import tech.tailor.secretmanager.spi.SecretOutcome;
import tech.tailor.secretmanager.store.SecretInfo;
import tech.tailor.secretmanager.store.SecretStore;
import tech.tailor.secretmanager.store.SharedSecretStore;
import tech.tailor.secretmanager.store.StoreVerification;
import tech.tailor.secretmanager.store.VaultInfo;

/** Reads every value, and says which can't be read. */
@Command(
    name = "verify",
    description = "Reads the current value of every secret, and says which can't be read.",
    footer = {"", "Example:", "  secretmanager verify --json"})
final class VerifyCommand extends StoreCommand {

  private static final int GROUP = 100;

  VerifyCommand(Io io) {
    super(io);
  }

  @Override
  int run(SecretStore store) {
    if (store instanceof SharedSecretStore shared) {
      return verifyWhole(shared);
    }
    List<Map<String, @Nullable Object>> problems = new ArrayList<>();
    List<String> vaults = store.listVaults().stream().map(VaultInfo::name).toList();
    int total = 0;
    for (String vault : vaults) {
      List<String> names =
          store.listSecrets(vault).stream().map(SecretInfo::name).toList();
      total += names.size();
      try (Progress progress = new Progress(io(), "verify " + vault, names.size())) {
        for (int from = 0; from < names.size(); from += GROUP) {
          List<String> group = names.subList(from, Math.min(from + GROUP, names.size()));
          store
              .fetch(vault, new LinkedHashSet<>(group))
              .forEach((name, outcome) -> verify(vault, name, outcome, problems));
          progress.step(group.size());
        }
      }
    }
    Optional<String> recoveryKey =
        store instanceof FileSecretStore file ? file.recoveryKeyFingerprint() : Optional.empty();
    if (json) {
      Map<String, @Nullable Object> found = Json.object("secrets", total, "problems", problems);
      recoveryKey.ifPresent(fingerprint -> found.put("recoveryKey", fingerprint));
      output().json(found);
    } else {
      output().rows(problems);
    }
    if (!problems.isEmpty()) {
      throw CliException.of(
          "VERIFICATION_FAILED",
          problems.size() + " of " + Output.count(total, "secret") + " can't be read.",
          "Enable, replace or delete them.");
    }
    if (!json) {
      output()
          .info("Verified: " + Output.count(total, "secret") + " in "
              + Output.count(vaults.size(), "vault") + ", no problem");
      recoveryKey.ifPresent(fingerprint -> output().info("Its recovery key: " + fingerprint));
    }
    return OK;
  }

  /** Such a store can hold everything in it against its last commit. */
  private int verifyWhole(SharedSecretStore store) {
    StoreVerification found = Waiting.during(io(), "verify", store::verify);
    if (json) {
      output()
          .json(Json.object(
              "mark",
              found.mark(),
              "secrets",
              found.secrets(),
              "versions",
              found.versions(),
              "commits",
              found.commits(),
              "problems",
              found.problems()));
    } else {
      found.problems().forEach(output()::line);
    }
    if (!found.isVerified()) {
      throw CliException.of(
          "VERIFICATION_FAILED",
          Output.count(found.problems().size(), "problem") + " found.",
          "Restore what is damaged from a backup.");
    }
    if (!json) {
      output()
          .info("Verified: " + Output.count(found.secrets(), "secret") + " in "
              + Output.count(found.vaults(), "vault") + ", as the commit " + found.mark()
              + " left them");
    }
    return OK;
  }

  private static void verify(
      String vault,
      String name,
      SecretOutcome outcome,
      List<Map<String, @Nullable Object>> problems) {
    if (outcome instanceof SecretOutcome.Found found) {
      found.value().close();
    } else if (outcome instanceof SecretOutcome.Failed failed) {
      problems.add(
          Json.object("vault", vault, "name", name, "problem", Failures.oneLine(failed.failure())));
    }
  }
}
