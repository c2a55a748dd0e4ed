package tech.tailor.secretmanager.integration.leak;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** Looks for canaries, in all their shapes, in text and in bytes. */
final class LeakScanner {

  /** The shapes by their first byte, so that one pass over the haystack looks for all of them. */
  private final List<List<Shape>> shapesByFirstByte = new ArrayList<>();

  private record Shape(String name, byte[] bytes) {}

  LeakScanner(List<Canary> canaries) {
    for (int first = 0; first < 256; first++) {
      shapesByFirstByte.add(new ArrayList<>());
    }
    for (int i = 0; i < canaries.size(); i++) {
      String suffix = " of canary " + i;
      canaries
          .get(i)
          .shapes()
          .forEach((name, shape) ->
              shapesByFirstByte.get(shape[0] & 0xff).add(new Shape(name + suffix, shape)));
    }
  }

  /** The shapes in which a canary occurs, by name; empty if none does. */
  List<String> find(String text) {
    return find(text.getBytes(UTF_8));
  }

  /** The shapes in which a canary occurs, by name; empty if none does. */
  List<String> find(byte[] haystack) {
    TreeSet<String> found = new TreeSet<>();
    for (int at = 0; at < haystack.length; at++) {
      for (Shape shape : shapesByFirstByte.get(haystack[at] & 0xff)) {
        if (matches(haystack, at, shape.bytes())) {
          found.add(shape.name());
        }
      }
    }
    return List.copyOf(found);
  }

  private static boolean matches(byte[] haystack, int at, byte[] needle) {
    if (at + needle.length > haystack.length) {
      return false;
    }
    for (int i = 1; i < needle.length; i++) {
      if (haystack[at + i] != needle[i]) {
        return false;
      }
    }
    return true;
  }
}
