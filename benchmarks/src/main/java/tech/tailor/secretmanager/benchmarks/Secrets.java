package tech.tailor.secretmanager.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** What all benchmarks read: 1,024 secrets of 32 bytes in one vault. */
final class Secrets {

  static final String VAULT = "default";
  static final int COUNT = 1_024; // a power of two, see Keys

  static final List<String> NAMES =
      IntStream.range(0, COUNT).mapToObj(Secrets::name).toList();

  private Secrets() {}

  static String text(String name) {
    return String.format(Locale.ROOT, "%32s", "value-of-" + name).replace(' ', '-');
  }

  static byte[] bytes(String name) {
    return text(name).getBytes(UTF_8);
  }

  private static String name(int index) {
    return String.format(Locale.ROOT, "secret-%04d", index);
  }
}
