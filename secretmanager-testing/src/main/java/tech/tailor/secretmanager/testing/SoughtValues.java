package tech.tailor.secretmanager.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
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
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tech.tailor.secretmanager.SecretEncodingException;
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

  private static final Pattern SPACE_IN_LIST = Pattern.compile(",\\s+");

  private final Map<SecretRef, List<SecretValue>> valuesByRef = new LinkedHashMap<>();

  /**
   * What a value looks like.
   *
   * @param plain the value as text, to be found to the letter, also in text that was decoded
   * @param encoded to be found to the letter
   * @param listed its bytes or characters one by one, without the space between them
   * @param hexadecimal to be found in whatever case; in lower case here
   * @param hexadecimalListed as both of these
   */
  private record Forms(
      String plain,
      Set<String> encoded,
      Set<String> listed,
      String hexadecimal,
      String hexadecimalListed) {

    boolean in(Text text) {
      return text.decoded.stream().anyMatch(one -> one.contains(plain))
          || encoded.stream().anyMatch(text.whole::contains)
          || listed.stream().anyMatch(text.listed::contains)
          || text.lowerCased.contains(hexadecimal)
          || text.lowerCasedListed.contains(hexadecimalListed);
    }
  }

  /** A text to look into, in the forms that it takes to find those of values. */
  private record Text(
      String whole,
      Set<String> decoded,
      String listed,
      String lowerCased,
      String lowerCasedListed) {

    static Text of(String whole) {
      String lowerCased = whole.toLowerCase(Locale.ROOT);
      return new Text(
          whole,
          SoughtValues.decoded(whole),
          withoutSpaceInLists(whole),
          lowerCased,
          withoutSpaceInLists(lowerCased));
    }
  }

  synchronized void add(SecretRef ref, SecretValue value) {
    if (plain(value).length() >= MIN_LENGTH) {
      List<SecretValue> values = valuesByRef.computeIfAbsent(ref, key -> new ArrayList<>());
      byte[] bytes = bytes(value);
      if (values.stream().noneMatch(known -> known.matches(bytes))) {
        values.add(SecretValue.copyOf(bytes));
      }
    }
  }

  synchronized Set<SecretRef> in(String text) {
    if (text.length() < MIN_LENGTH) {
      return Set.of();
    }
    Text searched = Text.of(text);
    Set<SecretRef> found = new LinkedHashSet<>();
    valuesByRef.forEach((ref, values) -> {
      if (values.stream().anyMatch(value -> formsOf(value).in(searched))) {
        found.add(ref);
      }
    });
    return found;
  }

  private static byte[] bytes(SecretValue value) {
    return value.withBytes(byte[]::clone);
  }

  /** A value that is no text, a character for each byte, as such bytes are best shown. */
  private static String plain(SecretValue value) {
    try {
      return value.revealString();
    } catch (SecretEncodingException e) {
      return new String(bytes(value), ISO_8859_1);
    }
  }

  private static Forms formsOf(SecretValue value) {
    byte[] bytes = bytes(value);
    String plain = plain(value);
    Set<String> encoded = new LinkedHashSet<>();
    base64(bytes).forEach(form -> {
      encoded.add(form);
      encoded.add(form.replace('+', '-').replace('/', '_'));
    });
    Set<String> listed = Set.copyOf(List.of(
        joined(IntStream.range(0, bytes.length).mapToObj(i -> String.valueOf(bytes[i]))),
        joined(IntStream.range(0, bytes.length).mapToObj(i -> String.valueOf(bytes[i] & 0xff))),
        withoutSpaceInLists(joined(plain.chars().mapToObj(Character::toString)))));
    return new Forms(
        plain,
        encoded,
        listed,
        HexFormat.of().formatHex(bytes),
        HexFormat.ofDelimiter(",").withPrefix("0x").formatHex(bytes));
  }

  private static String joined(Stream<String> parts) {
    return parts.collect(Collectors.joining(","));
  }

  /** The lists of a text, so that it does not matter whether they are printed in one line. */
  private static String withoutSpaceInLists(String text) {
    return text.indexOf(',') < 0 ? "" : SPACE_IN_LIST.matcher(text).replaceAll(",");
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
