package tech.tailor.secretmanager.cli;

import java.util.List;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Prints a script that completes command lines. */
@Command(
    name = "completion",
    description = "Prints a script with which a shell completes command lines.",
    footer = {
      "",
      "Examples:",
      "  source <(secretmanager completion bash)    # in ~/.bashrc",
      "  source <(secretmanager completion zsh)     # in ~/.zshrc, after compinit"
    })
final class CompletionCommand extends CliCommand {

  /** The shells that are known. */
  enum Shell {
    bash,
    zsh
  }

  @Parameters(index = "0", paramLabel = "bash|zsh", description = "The shell.")
  Shell shell = Shell.bash;

  CompletionCommand(Io io) {
    super(io);
  }

  @Override
  public Integer call() {
    if (shell == Shell.zsh) {
      output().line("autoload -U +X bashcompinit && bashcompinit");
    }
    output().line(AutoComplete.bash("secretmanager", Commands.tree(io(), List.of())));
    return OK;
  }
}
