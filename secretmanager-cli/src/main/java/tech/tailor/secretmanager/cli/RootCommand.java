package tech.tailor.secretmanager.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command line as a whole; by itself it prints its help. */
@Command(
    name = RootCommand.NAME,
    description = "Manages the secrets of Tailor Platform, of an encrypted store on disk, or of any"
        + " other store, and runs programs with them.",
    versionProvider = RootCommand.Version.class,
    footer = {
      "",
      "The store is that of TAILOR_SECRETMANAGER_URL (such as file:/var/lib/app/secrets, with its",
      "key in TAILOR_SECRETMANAGER_KEY_FILE), or Tailor Platform with the variables and profiles",
      "of tailor-sdk. Exit code: 0; 1 for every failure; 2 from plan --exit-code with changes.",
      "",
      "Examples:",
      "  secretmanager init --store file:secrets --key-file master.key",
      "  secretmanager put default/api-key < api-key.txt",
      "  secretmanager run --env API_KEY=default/api-key -- ./server"
    })
final class RootCommand extends CliCommand {

  static final String NAME = "secretmanager";
  static final String VERSION = "--version";

  @Spec
  CommandSpec spec = CommandSpec.create();

  @Option(names = VERSION, versionHelp = true, description = "Print the version.")
  boolean version;

  RootCommand(Io io) {
    super(io);
  }

  @Override
  public Integer call() {
    spec.commandLine().usage(io().out());
    return OK;
  }

  /** The version of the jar. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = RootCommand.class.getPackage().getImplementationVersion();
      return new String[] {"secretmanager " + (version == null ? "(not packaged)" : version)};
    }
  }
}
