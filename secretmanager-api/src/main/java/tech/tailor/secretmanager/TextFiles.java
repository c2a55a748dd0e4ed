package tech.tailor.secretmanager;

import java.nio.CharBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Recognises bytes that were not saved as plain UTF-8. */
final class TextFiles {

  private TextFiles() {}

  /** Why the bytes are no plain text in UTF-8, as the end of "it …"; null if they are. */
  static @Nullable String broken(byte[] bytes) {
    if (begins(bytes, 0xef, 0xbb, 0xbf)) {
      return "it begins with a byte order mark, which would be a part of the value";
    }
    boolean hasWideMark = begins(bytes, 0xff, 0xfe) || begins(bytes, 0xfe, 0xff);
    if (hasWideMark || hasZero(bytes)) {
      return "it is not UTF-8, and seems to be UTF-16, as PowerShell writes with \">\"";
    }
    char @Nullable [] text = Utf8.decode(bytes);
    if (text == null) {
      return "it is not UTF-8";
    }
    try {
      return DecodedText.hasLoss(CharBuffer.wrap(text))
          ? "it holds U+FFFD, which stands for what was lost when it was decoded"
          : null;
    } finally {
      Arrays.fill(text, '\0');
    }
  }

  private static boolean begins(byte[] bytes, int... mark) {
    if (bytes.length < mark.length) {
      return false;
    }
    for (int i = 0; i < mark.length; i++) {
      if ((bytes[i] & 0xff) != mark[i]) {
        return false;
      }
    }
    return true;
  }

  private static boolean hasZero(byte[] bytes) {
    for (byte unit : bytes) {
      if (unit == 0) {
        return true;
      }
    }
    return false;
  }
}
