package tech.tailor.secretmanager;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetEncoder;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;
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

  /** By what this JVM decodes what comes from the system, other than UTF-8. */
  private static final Set<Charset> NATIVE = nativeCharsets();

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
   * Why text that the application decoded can't be what stood outside, as the end of "it …"; null
   * if it may be.
   */
  static @Nullable String damage(CharSequence text) {
    if (hasLoss(text)) {
      return "holds U+FFFD, which stands for what was lost when it was decoded; " + REMEDY;
    }
    for (Charset charset : NATIVE) {
      if (isUtf8DecodedBy(text, charset)) {
        return "was written in UTF-8, and decoded as " + charset + ", as this JVM does; " + REMEDY;
      }
    }
    return null;
  }

  /**
   * Whether the text is what becomes of UTF-8 if it is decoded by another charset: nothing that
   * anybody would write.
   */
  static boolean isUtf8DecodedBy(CharSequence text, Charset charset) {
    if (text.chars().allMatch(c -> c < 0x80) || !charset.canEncode()) {
      return false;
    }
    CharsetEncoder encoder = charset.newEncoder();
    byte[] scratch = new byte[(int) Math.ceil(text.length() * (double) encoder.maxBytesPerChar())];
    char @Nullable [] decoded = null;
    try {
      ByteBuffer bytes = ByteBuffer.wrap(scratch);
      if (encoder.encode(CharBuffer.wrap(text), bytes, true).isError()
          || encoder.flush(bytes).isError()) {
        return false;
      }
      byte[] written = Arrays.copyOf(scratch, bytes.position());
      try {
        decoded = Utf8.decode(written);
        return decoded != null && decoded.length < written.length; // not ASCII
      } finally {
        Arrays.fill(written, (byte) 0);
      }
    } finally {
      Arrays.fill(scratch, (byte) 0);
      if (decoded != null) {
        Arrays.fill(decoded, '\0');
      }
    }
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

  private static Set<Charset> nativeCharsets() {
    Set<Charset> charsets = new LinkedHashSet<>();
    charsets.add(ofEnvironment());
    if (!isWindows()) {
      charsets.add(named(System.getProperty("sun.jnu.encoding"))); // arguments and properties
    }
    charsets.remove(UTF_8);
    return charsets;
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
