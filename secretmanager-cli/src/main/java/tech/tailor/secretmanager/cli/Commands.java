package tech.tailor.secretmanager.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** The tree of commands. */
final class Commands {

  private static final Map<String, Function<Io, CliCommand>> VAULT = new LinkedHashMap<>();
  private static final Map<String, Function<Io, CliCommand>> KEY = new LinkedHashMap<>();
  private static final Map<String, Function<Io, CliCommand>> SECRET = new LinkedHashMap<>();
  private static final Map<String, Function<Io, CliCommand>> ROOT = new LinkedHashMap<>();

  static {
    VAULT.put("create", VaultCreateCommand::new);
    VAULT.put("list", VaultListCommand::new);
    VAULT.put("delete", VaultDeleteCommand::new);

    SECRET.put("vault", VaultGroup::new);
    SECRET.put("create", SecretCreateCommand::new);
    SECRET.put("update", SecretUpdateCommand::new);
    SECRET.put("put", SecretPutCommand::new);
    SECRET.put("list", SecretListCommand::new);
    SECRET.put("delete", SecretDeleteCommand::new);
    SECRET.put("get", SecretGetCommand::new);
    SECRET.put("describe", SecretDescribeCommand::new);
    SECRET.put("versions", SecretVersionsCommand::new);
    SECRET.put("rollback", SecretRollbackCommand::new);
    SECRET.put("disable", SecretDisableCommand::new);
    SECRET.put("enable", SecretEnableCommand::new);
    SECRET.put("destroy", SecretDestroyCommand::new);
    SECRET.put("labels", SecretLabelsCommand::new);

    KEY.put("create", KeyCreateCommand::new);
    KEY.put("fingerprint", KeyFingerprintCommand::new);
    KEY.put("rotate", KeyRotateCommand::new);
    KEY.put("add-recovery", KeyAddRecoveryCommand::new);
    KEY.put("remove-recovery", KeyRemoveRecoveryCommand::new);

    ROOT.put("init", InitCommand::new);
    ROOT.putAll(SECRET);
    ROOT.put("secret", SecretGroup::new);
    ROOT.put("run", RunCommand::new);
    ROOT.put("edit", EditCommand::new);
    ROOT.put("watch", WatchCommand::new);
    ROOT.put("import", ImportCommand::new);
    ROOT.put("export", ExportCommand::new);
    ROOT.put("copy", CopyCommand::new);
    ROOT.put("verify", VerifyCommand::new);
    ROOT.put("history", HistoryCommand::new);
    ROOT.put("accept-rewind", AcceptRewindCommand::new);
    ROOT.put("roles", RolesCommand::new);
    ROOT.put("plan", PlanCommand::new);
    ROOT.put("apply", ApplyCommand::new);
    ROOT.put("check", CheckCommand::new);
    ROOT.put("key", KeyGroup::new);
    ROOT.put("backup", BackupCommand::new);
    ROOT.put("restore", RestoreCommand::new);
    ROOT.put("completion", CompletionCommand::new);
  }

  private static final Map<String, Map<String, Function<Io, CliCommand>>> GROUPS =
      Map.of("vault", VAULT, "secret", SECRET, "key", KEY);

  private Commands() {}

  /**
   * The commands that the arguments can mean. Reading a command's options by reflection takes time,
   * so only one is read where the first words name it: not those of the groups that it is in.
   */
  static CommandLine tree(Io io, List<String> arguments) {
    CommandLine root = startsWithNameIn(ROOT, arguments)
        ? new CommandLine(CommandSpec.create().name(RootCommand.NAME))
        : new CommandLine(new RootCommand(io));
    return arguments.equals(List.of(RootCommand.VERSION)) ? root : add(root, ROOT, io, arguments);
  }

  private static boolean startsWithNameIn(
      Map<String, Function<Io, CliCommand>> group, List<String> arguments) {
    return !arguments.isEmpty() && group.containsKey(arguments.get(0));
  }

  /** Every word that is a command or a group. */
  static Set<String> names() {
    Set<String> names = new TreeSet<>(ROOT.keySet());
    GROUPS.values().forEach(group -> names.addAll(group.keySet()));
    return names;
  }

  private static CommandLine add(
      CommandLine parent,
      Map<String, Function<Io, CliCommand>> children,
      Io io,
      List<String> arguments) {
    String first = arguments.isEmpty() ? "" : arguments.get(0);
    List<String> rest = arguments.isEmpty() ? arguments : arguments.subList(1, arguments.size());
    children.forEach((name, constructor) -> {
      boolean named = name.equals(first);
      if (named || !children.containsKey(first)) {
        Map<String, Function<Io, CliCommand>> group = GROUPS.get(name);
        boolean isPassed = named && group != null && startsWithNameIn(group, rest);
        CommandLine child = isPassed
            ? new CommandLine(CommandSpec.create())
            : new CommandLine(constructor.apply(io));
        if (group != null) {
          add(child, group, io, named ? rest : List.of());
        }
        child.setStopAtPositional(name.equals("run")); // the rest is the program's
        parent.addSubcommand(name, child);
      }
    });
    return parent;
  }
}
