package tech.tailor.secretmanager.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLEncoder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;

/**
 * Finds values in text: as they are, and in the forms that programs commonly print them in.
 * Thread-safe.
 */
final class SoughtValues {

  /** Shorter ones are there by chance. */
  static final int MIN_LENGTH = 8;

  private static final Pattern ESCAPE = Pattern.compile("%[0-9A-F]{2}");

  private final Map<SecretRef, List<SecretValue>> valuesByRef = new LinkedHashMap<>();

  /**
   * What a value looks like.
   *
   * @param exact to be found to the letter
   * @param hexadecimal to be found in whatever case; in lower case here
   */
  private record Forms(Set<String> exact, String hexadecimal) {

    boolean in(String text, String lowerCased) {
      return exact.stream().anyMatch(text::contains) || lowerCased.contains(hexadecimal);
    }
  }

  synchronized void add(SecretRef ref, String value) {
    if (value.length() >= MIN_LENGTH) {
      List<SecretValue> values = valuesByRef.computeIfAbsent(ref, key -> new ArrayList<>());
      if (values.stream().noneMatch(known -> known.matches(value))) {
        values.add(SecretValue.of(value));
      }
    }
  }

  synchronized Set<SecretRef> in(String text) {
    if (text.length() < MIN_LENGTH) {
      return Set.of();
    }
    String lowerCased = text.toLowerCase(Locale.ROOT);
    Set<SecretRef> found = new LinkedHashSet<>();
    valuesByRef.forEach((ref, values) -> {
      if (values.stream().anyMatch(value -> formsOf(value.revealString()).in(text, lowerCased))) {
        found.add(ref);
      }
    });
    return found;
  }

  private static Forms formsOf(String value) {
    byte[] bytes = value.getBytes(UTF_8);
    Set<String> exact = new LinkedHashSet<>();
    exact.add(value);
    base64(bytes).forEach(form -> {
      exact.add(form);
      exact.add(form.replace('+', '-').replace('/', '_'));
    });
    String percentEncoded = URLEncoder.encode(value, UTF_8);
    for (String form : List.of(percentEncoded, lowerCaseEscapes(percentEncoded))) {
      exact.add(form);
      exact.add(form.replace("+", "%20"));
    }
    exact.add(escaped(value));
    String asBytes = Arrays.toString(bytes);
    exact.add(asBytes.substring(1, asBytes.length() - 1));
    exact.add(value.chars().mapToObj(Character::toString).collect(Collectors.joining(", ")));
    return new Forms(exact, HexFormat.of().formatHex(bytes));
  }

  /** What of Base64 depends on these bytes alone, at each of the places where they may begin. */
  private static List<String> base64(byte[] bytes) {
    List<String> forms = new ArrayList<>();
    for (int before = 0; before < 3; before++) {
      byte[] shifted = new byte[before + bytes.length];
      System.arraycopy(bytes, 0, shifted, before, bytes.length);
      String encoded = Base64.getEncoder().encodeToString(shifted);
      forms.add(encoded.substring((before * 8 + 5) / 6, shifted.length * 8 / 6));
    }
    return forms;
  }

  private static String lowerCaseEscapes(String percentEncoded) {
    return ESCAPE
        .matcher(percentEncoded)
        .replaceAll(escape -> escape.group().toLowerCase(Locale.ROOT));
  }

  private static String escaped(String value) {
    return value
        .replace("\\", "\\\\")
        .replace("\"", "\\\"")
        .replace("\n", "\\n")
        .replace("\r", "\\r")
        .replace("\t", "\\t");
  }
}
