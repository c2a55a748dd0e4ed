package tech.tailor.secretmanager.logging;

import java.nio.charset.Charset;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The masks of one place that writes logs, one for each manager as a rule. An event that can't be
 * masked is withheld, and never shown unmasked. Thread-safe.
 */
final class Masks {

  /** In which a value of ASCII characters, and of others if it is UTF-8, is the same bytes. */
  private static final Set<String> SEARCHED_AS_IT_IS = Set.of("UTF-8", "US-ASCII");

  private final List<SecretMask> masks = new CopyOnWriteArrayList<>();

  Masks(SecretMask first) {
    masks.add(first);
  }

  /** Adds one that is not there yet, and takes out those that are closed. */
  synchronized void add(SecretMask mask) {
    if (!masks.contains(mask)) {
      masks.add(mask);
    }
    masks.removeIf(SecretMask::isClosed);
  }

  byte[] mask(byte[] text, Charset charset) {
    try {
      if (SEARCHED_AS_IT_IS.contains(charset.name())) {
        byte[] masked = text;
        for (SecretMask mask : masks) {
          masked = mask.mask(masked);
        }
        return masked;
      }
      String decoded = new String(text, charset);
      String masked = masked(decoded);
      return masked.equals(decoded) ? text : masked.getBytes(charset);
    } catch (RuntimeException | Error e) { // such as no memory
      return withheld(e).getBytes(charset);
    }
  }

  String mask(String text) {
    try {
      return masked(text);
    } catch (RuntimeException | Error e) { // such as no memory
      return withheld(e);
    }
  }

  private String masked(String text) {
    String masked = text;
    for (SecretMask mask : masks) {
      masked = mask.mask(masked);
    }
    return masked;
  }

  private static String withheld(Throwable failure) {
    return "*** (a log event is withheld: it could not be masked, "
        + failure.getClass().getName() + ")" + System.lineSeparator();
  }
}
