package tech.tailor.secretmanager.cli;

/** The words of the command line, which the JVM decodes by the locale. */
final class Arguments {

  private static final char REPLACEMENT = '\ufffd';

  private Arguments() {}

  /**
   * Checks that nothing was lost or changed when the word was decoded.
   *
   * @throws CliException if the locale isn't one of UTF-8 and the word isn't ASCII
   */
  static void requireExact(String word) {
    String charset = System.getProperty("sun.jnu.encoding", "UTF-8");
    boolean isAscii = word.chars().allMatch(character -> character < 0x80);
    if (word.indexOf(REPLACEMENT) >= 0 || (!isAscii && !charset.equalsIgnoreCase("UTF-8"))) {
      throw CliException.of(
          "INVALID_ARGUMENT",
          "A word of the command line isn't ASCII, and Java can't take it over exactly in this"
              + " locale.",
          "Set LC_ALL=C.UTF-8; or give a value on standard input, whose bytes count.");
    }
  }
}
