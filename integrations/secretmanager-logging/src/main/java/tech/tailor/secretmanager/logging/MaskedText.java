package tech.tailor.secretmanager.logging;

import java.nio.charset.Charset;
import java.util.Set;

/** Masks what is written for one log event, so that it is never shown unmasked. */
final class MaskedText {

  /** In which a value of ASCII characters, and of others if it is UTF-8, is the same bytes. */
  private static final Set<String> SEARCHED_AS_IT_IS = Set.of("UTF-8", "US-ASCII");

  private MaskedText() {}

  static byte[] mask(SecretMask mask, byte[] text, Charset charset) {
    try {
      if (SEARCHED_AS_IT_IS.contains(charset.name())) {
        return mask.mask(text);
      }
      String decoded = new String(text, charset);
      String masked = mask.mask(decoded);
      return masked.equals(decoded) ? text : masked.getBytes(charset);
    } catch (RuntimeException | Error e) { // such as no memory
      return withheld(e).getBytes(charset);
    }
  }

  static String mask(SecretMask mask, String text) {
    try {
      return mask.mask(text);
    } catch (RuntimeException | Error e) { // such as no memory
      return withheld(e);
    }
  }

  private static String withheld(Throwable failure) {
    return "*** (a log event is withheld: it could not be masked, "
        + failure.getClass().getName() + ")" + System.lineSeparator();
  }
}
