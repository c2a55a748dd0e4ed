package tech.tailor.secretmanager.cli;

import picocli.CommandLine.Command;

/** The commands for vaults; by itself it lists them. */
@Command(
    name = "vault",
    description = "Manages vaults. By itself, lists them.",
    footer = {"", "Example:", "  secretmanager vault create default"})
final class VaultGroup extends VaultListCommand {

  VaultGroup(Io io) {
    super(io);
  }
}
