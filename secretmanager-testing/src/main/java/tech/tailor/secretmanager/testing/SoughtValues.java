package tech.tailor.secretmanager.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

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
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
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

  private static final Pattern PERCENT_ENCODED = Pattern.compile("(?:%[0-9A-Fa-f]{2})+");

  /** As in JSON, and in the source code of Java. */
  private static final Pattern ESCAPED =
      Pattern.compile("\\\\(?:u([0-9A-Fa-f]{4})|(.))", Pattern.DOTALL);

  private final Map<SecretRef, List<SecretValue>> valuesByRef = new LinkedHashMap<>();

  /**
   * What a value looks like.
   *
   * @param plain the value, to be found to the letter, also in text that was decoded
   * @param exact to be found to the letter
   * @param hexadecimal to be found in whatever case; in lower case here
   */
  private record Forms(String plain, Set<String> exact, String hexadecimal) {

    boolean in(String text, String lowerCased, Set<String> decoded) {
      return decoded.stream().anyMatch(one -> one.contains(plain))
          || exact.stream().anyMatch(text::contains)
          || lowerCased.contains(hexadecimal);
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
    Set<String> decoded = decoded(text);
    Set<SecretRef> found = new LinkedHashSet<>();
    valuesByRef.forEach((ref, values) -> {
      if (values.stream()
          .anyMatch(value -> formsOf(value.revealString()).in(text, lowerCased, decoded))) {
        found.add(ref);
      }
    });
    return found;
  }

  private static Forms formsOf(String value) {
    byte[] bytes = value.getBytes(UTF_8);
    Set<String> exact = new LinkedHashSet<>();
    base64(bytes).forEach(form -> {
      exact.add(form);
      exact.add(form.replace('+', '-').replace('/', '_'));
    });
    String asBytes = Arrays.toString(bytes);
    exact.add(asBytes.substring(1, asBytes.length() - 1));
    exact.add(value.chars().mapToObj(Character::toString).collect(Collectors.joining(", ")));
    return new Forms(value, exact, HexFormat.of().formatHex(bytes));
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

  /**
   * The text as it is, and as it reads once decoded. What to escape is every encoder's own choice,
   * so that the text is decoded rather than the value encoded.
   */
  private static Set<String> decoded(String text) {
    Set<String> decoded = new LinkedHashSet<>();
    decoded.add(text);
    decoded.add(percentDecoded(text));
    decoded.add(percentDecoded(text.replace('+', ' ')));
    decoded.add(
        ESCAPED.matcher(text).replaceAll(escape -> Matcher.quoteReplacement(unescaped(escape))));
    return decoded;
  }

  private static String percentDecoded(String text) {
    return PERCENT_ENCODED
        .matcher(text)
        .replaceAll(run -> Matcher.quoteReplacement(
            new String(HexFormat.of().parseHex(run.group().replace("%", "")), UTF_8)));
  }

  private static String unescaped(MatchResult escape) {
    if (escape.group(1) != null) {
      return Character.toString((char) Integer.parseInt(escape.group(1), 16));
    }
    return switch (escape.group(2)) {
      case "b" -> "\b";
      case "f" -> "\f";
      case "n" -> "\n";
      case "r" -> "\r";
      case "t" -> "\t";
      default -> escape.group(2);
    };
  }
}
