package tech.tailor.secretmanager.envelope;

import static tech.tailor.secretmanager.SecretSupport.oneLine;

import java.nio.file.Path;

/** A path as one word of a shell's command, in which the shell expands nothing. */
final class ShellWord {

  private ShellWord() {}

  /** What a message can't show stays escaped, so that the word is one line. */
  static String of(Path path) {
    return "'" + oneLine(path.toString()).replace("'", "'\\''") + "'";
  }
}
