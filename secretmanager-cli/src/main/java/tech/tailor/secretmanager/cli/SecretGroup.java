package tech.tailor.secretmanager.cli;

import picocli.CommandLine.Command;

/** The prefix that Tailor's command line has; by itself it lists the vaults. */
@Command(
    name = "secret",
    description =
        "Manages vaults and secrets; the word may be left out. By itself, lists the vaults.",
    footer = {"", "Example:", "  secretmanager secret create -V default -n api-key < api-key.txt"})
final class SecretGroup extends VaultListCommand {

  SecretGroup(Io io) {
    super(io);
  }
}
