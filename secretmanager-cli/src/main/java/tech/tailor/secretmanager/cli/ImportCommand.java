package tech.tailor.secretmanager.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tech.tailor.secretmanager.SecretLimitException;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.store.SecretStore;
import tech.tailor.secretmanager.store.VersionedSecretStore;

/** Puts the secrets of a file into a vault. */
@Command(
    name = "import",
    description = "Puts the secrets of a file into a vault.",
    footer = {
      "",
      "DB_PASSWORD and db.password become db-password. A secret that has its value already is left,",
      "so an import that was interrupted is repeated. A store with versions gets all secrets in one",
      "commit, or none.",
      "",
      "Examples:",
      "  secretmanager import .env -V default --dry-run",
      "  sops -d secrets.json | secretmanager import - -V default --format json"
    })
final class ImportCommand extends ChangeCommand {

  /** More text than any import needs. */
  private static final int MAX_INPUT_BYTES = 64 << 20;

  @Parameters(index = "0", paramLabel = "FILE", description = "The file; - is standard input.")
  String file = "";

  @Option(
      names = {"-V", "--vault-name"},
      paramLabel = "VAULT",
      required = true,
      description = "The vault.")
  String vault = "";

  @Option(
      names = "--format",
      paramLabel = "dotenv|properties|json",
      description = "By default what the file's name says.")
  SecretFile.@Nullable Format format;

  @Option(names = "--create-vault", description = "Create the vault if it is missing.")
  boolean createVault;

  @Option(names = "--dry-run", description = "Show what would be done, without values.")
  boolean dryRun;

  ImportCommand(Io io) {
    super(io);
  }

  @Override
  int run(SecretStore store) throws IOException {
    SecretRef.requireVaultName(vault);
    Map<String, byte[]> secrets = read();
    try {
      boolean isThere = store.describeVault(vault).isPresent();
      if (!isThere && !createVault) {
        throw SecretNotFoundException.vault(vault);
      }
      ImportRun run = new ImportRun(vault, secrets);
      if (dryRun) {
        output().rows(isThere ? run.preview(store) : run.allNew());
        return OK;
      }
      apply(store, run, isThere);
      output()
          .done(
              "Imported: " + run.summary() + " in vault: " + vault,
              changed(
                  "vaultName",
                  vault,
                  "created",
                  run.created(),
                  "updated",
                  run.updated(),
                  "unchanged",
                  run.unchanged()));
      return OK;
    } finally {
      secrets.values().forEach(value -> Arrays.fill(value, (byte) 0));
    }
  }

  private void apply(SecretStore store, ImportRun run, boolean isThere) throws IOException {
    ManagedVaults managed = confirmed(store, isThere ? List.of(vault) : List.of());
    String url = connection.environment(io()).getOrDefault(ConnectionOptions.URL, "");
    boolean isOneCommit =
        store instanceof VersionedSecretStore && ConnectionOptions.takesLargeCommits(url);
    try (Progress progress = new Progress(io(), "import", run.size())) {
      if (isOneCommit) {
        ((VersionedSecretStore) store).inOneCommit(commit -> run.apply(commit, !isThere, progress));
      } else {
        run.apply(store, !isThere, progress);
      }
    } catch (SecretLimitException e) {
      throw CliException.of(
          "RPC_RESOURCE_EXHAUSTED",
          "The store can't hold that many secrets: " + Failures.oneLine(e)
              + (isOneCommit ? ". Nothing was written." : "."),
          "Split the file, and import its parts into several vaults.");
    }
    managed.release();
  }

  private Map<String, byte[]> read() throws IOException {
    if (file.equals("-")) {
      if (format == null) {
        throw CliException.usage("Standard input has no name that tells its format; add --format.");
      }
      byte[] bytes = io().in().readNBytes(MAX_INPUT_BYTES + 1);
      if (bytes.length > MAX_INPUT_BYTES) {
        throw CliException.usage("Standard input is larger than " + (MAX_INPUT_BYTES >> 20)
            + " MiB; import it in parts.");
      }
      return SecretFile.parse(format, TextFile.decoded(bytes, "Standard input"), "Standard input");
    }
    Path path = Path.of(file);
    SecretFile.Format used =
        format == null ? SecretFile.Format.of(String.valueOf(path.getFileName())) : format;
    return SecretFile.parse(used, TextFile.read(path), "The file " + SecretSupport.quote(path));
  }
}
