package tech.tailor.secretmanager.cli;

/** The program. */
final class Main {

  private Main() {}

  /** Runs the command line, and ends the process with its exit code. */
  public static void main(String[] arguments) {
    System.exit(new Cli(Io.ofProcess()).run(arguments));
  }
}
