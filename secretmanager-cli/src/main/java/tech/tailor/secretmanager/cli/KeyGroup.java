package tech.tailor.secretmanager.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The commands for the keys of a file store; by itself it prints its help. */
@Command(name = "key", description = "Manages the keys of a file store.")
final class KeyGroup extends CliCommand {

  @Spec
  CommandSpec spec = CommandSpec.create();

  KeyGroup(Io io) {
    super(io);
  }

  @Override
  public Integer call() {
    spec.commandLine().usage(io().out());
    return OK;
  }
}
