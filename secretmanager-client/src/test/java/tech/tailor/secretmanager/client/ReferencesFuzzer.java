package tech.tailor.secretmanager.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretTemplate;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;

/**
 * Resolves any text, alone and deep in a map, and holds the outcome against what a second, slower
 * reader of the same grammar says: the same text, or the same error at the same index. Jazzer runs
 * it on any bytes, {@link #randomText} makes text that is full of references.
 */
public final class ReferencesFuzzer {

  /** What the secrets hold looks like references, so that resolving it again would show. */
  private static final Map<String, String> VALUES = Map.of(
      "abc/def",
      "${secret:abc/ghi}",
      "abc/ghi",
      "$${secret:abc/def}$",
      "0-0/xyz",
      "\"\\{}\n",
      "abc/" + "n".repeat(63),
      "$");

  private static final SecretManager MANAGER = open();

  private static final Pattern CANDIDATE = Pattern.compile("(\\$*)\\{secret:");
  private static final String NAME = "[a-z0-9][a-z0-9-]{1,61}[a-z0-9]";
  private static final Pattern NAMES = Pattern.compile("(" + NAME + "/" + NAME + ")\\}");
  private static final Pattern SHOWN = Pattern.compile("at index (\\d+)[ :]");

  private static final List<String> TOKENS = List.of(
      "$",
      "$$",
      "{",
      "}",
      "/",
      "-",
      ":",
      "secret:",
      "{secret:",
      "${secret:",
      "$${secret:",
      "abc",
      "abc/def",
      "abc/def}",
      "${secret:abc/def}",
      "${secret:abc/ghi}",
      "${secret:0-0/xyz}",
      "${secret:abc/no-such-key}",
      "${secret:abc/" + "n".repeat(63) + "}",
      "${secret:abc/" + "n".repeat(64) + "}",
      "${secret:Abc/def}",
      "${SECRET:abc/def}",
      "${HOME}",
      "%{",
      "\u0000",
      "\n",
      "é",
      "\ud83d\ude00",
      "\ud800");

  private ReferencesFuzzer() {}

  /** Resolves a text; the library, or a broken variant of it. */
  interface Resolver {
    String resolve(String text);
  }

  static String library(String text) {
    return SecretTemplate.in(text).reveal(MANAGER);
  }

  public static void fuzzerTestOneInput(byte[] data) {
    check(new String(data, UTF_8), ReferencesFuzzer::library);
  }

  /** The control: takes anything but a reference between dollars. */
  public static final class Tripping {
    private Tripping() {}

    public static void fuzzerTestOneInput(byte[] data) {
      if (new String(data, UTF_8).contains("$${secret:abc/ghi}$")) {
        throw new IllegalStateException("tripped");
      }
    }
  }

  /** Throws if the outcome isn't the documented one. */
  static void check(String text, Resolver resolver) {
    String expected = expected(text);
    String actual = outcome(text, resolver);
    require(actual.equals(expected), "expected " + expected + ", got " + actual);
    String escaped = SecretTemplate.escape(text);
    require(resolver.resolve(escaped).equals(text), "escape doesn't keep the text");
    Map<String, Object> nested = new LinkedHashMap<>();
    nested.put("a", List.of(text, Map.of("b", escaped)));
    String inside = outcome(text, other -> {
      Map<String, Object> filled = SecretTemplate.in(nested).reveal(MANAGER);
      List<?> elements = (List<?>) filled.get("a");
      require(elements.get(1).equals(Map.of("b", text)), "an escaped text in a map");
      return (String) elements.get(0);
    });
    require(inside.equals(expected), "in a map: expected " + expected + ", got " + inside);
  }

  static String randomText(Random random) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(9); i >= 0; i--) {
      text.append(TOKENS.get(random.nextInt(TOKENS.size())));
    }
    return text.toString();
  }

  private static String outcome(String text, Resolver resolver) {
    try {
      return "text " + resolver.resolve(text);
    } catch (SecretNotFoundException e) {
      return "missing " + e.vault() + "/" + e.name().orElseThrow();
    } catch (IllegalArgumentException e) {
      Matcher shown = SHOWN.matcher(e.getMessage());
      require(shown.find() && e.getCause() == null, "an error without a place, or with a cause");
      require(e.getMessage().length() < 600, "an error that shows too much");
      return "malformed at " + shown.group(1);
    }
  }

  /** The second reader: by regular expressions, the text cut at each candidate. */
  private static String expected(String text) {
    Map<String, List<String>> missingByVault = new LinkedHashMap<>();
    StringBuilder resolved = new StringBuilder("text ");
    Matcher candidate = CANDIDATE.matcher(text);
    Matcher names = NAMES.matcher(text);
    int done = 0;
    while (candidate.find(done)) {
      int dollars = candidate.group(1).length();
      resolved.append(text, done, candidate.start()).append("$".repeat(dollars / 2));
      done = candidate.end();
      if (dollars % 2 == 0) {
        resolved.append("{secret:");
        continue;
      }
      if (!names.region(done, text.length()).lookingAt()) {
        return "malformed at " + (candidate.end() - "${secret:".length());
      }
      String address = names.group(1);
      List<String> missing = missingByVault.computeIfAbsent(
          address.substring(0, address.indexOf('/')), vault -> new ArrayList<>());
      if (!VALUES.containsKey(address)) {
        missing.add(address);
      }
      resolved.append(VALUES.get(address));
      done = names.end();
    }
    resolved.append(text, done, text.length());
    // Vaults are asked one after the other.
    return missingByVault.values().stream()
        .flatMap(List::stream)
        .findFirst()
        .map(address -> "missing " + address)
        .orElseGet(resolved::toString);
  }

  private static SecretManager open() {
    InMemorySecretStore store = InMemorySecretStore.create();
    VALUES.forEach((address, value) -> {
      String[] names = address.split("/", -1);
      if (store.describeVault(names[0]).isEmpty()) {
        store.createVault(names[0]);
      }
      store.put(names[0], names[1], value);
    });
    return SecretManagers.open(store);
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalStateException(otherwise);
    }
  }
}
