package tech.tailor.secretmanager.cli;

import picocli.CommandLine.Command;
import tech.tailor.secretmanager.postgresql.PostgresSchema;

/** Prints the script of roles for PostgreSQL. */
@Command(
    name = "roles",
    description = "Prints the SQL script that makes the reader's and the writer's role.",
    footer = {
      "",
      "For psql, run by the owner of the tables, which init makes; it can be run again.",
      "",
      "Example:",
      "  secretmanager roles | psql postgresql://owner@db.example.com/app"
    })
final class RolesCommand extends CliCommand {

  RolesCommand(Io io) {
    super(io);
  }

  @Override
  public Integer call() {
    output().line(PostgresSchema.rolesScript().stripTrailing());
    return OK;
  }
}
