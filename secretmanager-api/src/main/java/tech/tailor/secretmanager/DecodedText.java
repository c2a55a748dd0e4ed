package tech.tailor.secretmanager;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.charset.Charset;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Whether text is what it was before somebody decoded it. Decoders put U+FFFD where they can't tell
 * what stood there; a decoder of another charset puts other characters without a trace.
 */
final class DecodedText {

  /** What to do in either case. */
  static final String REMEDY = "start the JVM in a UTF-8 locale (LANG=C.UTF-8, and no LC_ALL or"
      + " LC_CTYPE that says otherwise), or pass the bytes, as from a file";

  private static final char REPLACEMENT = '\ufffd';

  /** Up to this release of Java the environment is decoded by the default charset. */
  private static final int LAST_BY_DEFAULT_CHARSET = 17;

  private DecodedText() {}

  /** Whether a part of the text was lost when it was decoded. */
  static boolean hasLoss(CharSequence text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) == REPLACEMENT) {
        return true;
      }
    }
    return false;
  }

  /**
   * Why the text may not be what stood outside; null if it is.
   *
   * @param charset decoded it
   */
  static @Nullable String doubt(CharSequence text, Charset charset) {
    if (hasLoss(text)) {
      return "a part of it was lost when it was decoded as " + charset + ", and became U+FFFD; "
          + REMEDY;
    }
    boolean isAscii = text.chars().allMatch(c -> c < 0x80);
    return isAscii || charset.equals(UTF_8)
        ? null
        : "it has characters outside ASCII, and was decoded as " + charset
            + ", which changes what was written in UTF-8; " + REMEDY;
  }

  /** What the environment was decoded by. */
  static Charset ofEnvironment() {
    if (isWindows()) {
      return UTF_8; // it is UTF-16 there, which loses nothing
    }
    return Runtime.version().feature() <= LAST_BY_DEFAULT_CHARSET
        ? Charset.defaultCharset()
        : named(System.getProperty("sun.jnu.encoding"));
  }

  /**
   * What a terminal's input was decoded by.
   *
   * @param declared by the console
   */
  static Charset ofTerminal(Charset declared) {
    return isWindows() ? UTF_8 : declared; // the code page there is that of the terminal
  }

  private static Charset named(@Nullable String charset) {
    try {
      return charset == null ? Charset.defaultCharset() : Charset.forName(charset);
    } catch (IllegalArgumentException e) { // none that this JVM knows
      return Charset.defaultCharset();
    }
  }

  private static boolean isWindows() {
    return System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("windows");
  }
}
