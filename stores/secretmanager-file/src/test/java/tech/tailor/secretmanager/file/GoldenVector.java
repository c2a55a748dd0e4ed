package tech.tailor.secretmanager.file;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import tech.tailor.secretmanager.envelope.EnvelopeFixtures;
import tech.tailor.secretmanager.envelope.MasterKey;

/**
 * A file of a store, and what a reader must make of it. As a file: lines of {@code name: text}, an
 * empty line, and the bytes of the store.
 *
 * @param name the file's name
 * @param outcome what a reader must say
 * @param recovery whether the key is a recovery key, and no master key
 * @param key the byte that all 32 bytes of the master key are; or the number of the recovery key
 * @param values what is to be read, in hex; null for a value that must be refused while others can
 *     be read
 * @param store the bytes of {@code secrets.json}
 */
record GoldenVector(
    String name,
    Outcome outcome,
    boolean recovery,
    int key,
    Map<String, String> values,
    byte[] store) {

  static final String REFUSED = "refused";

  /** What a reader says. */
  enum Outcome {
    /** It opens; each value is as stated. */
    SUCCESS,
    /** The bytes are no document of this form. */
    FORM,
    /** A file of another kind. */
    NOT_A_STORE,
    /** The seal does not match the document. */
    SEAL,
    /** The entry of the data key was damaged. */
    KEY_ENTRY,
    /** Another master key made it. */
    WRONG_KEY,
    /** A newer version made it. */
    NEWER_FORMAT
  }

  /** All that are checked in, by name. */
  static List<GoldenVector> all() {
    URL directory = Objects.requireNonNull(GoldenVector.class.getResource("vectors"));
    try (Stream<Path> files = Files.list(Path.of(directory.toURI()))) {
      List<GoldenVector> vectors = new ArrayList<>();
      for (Path file : files.sorted().toList()) {
        vectors.add(parse(file.getFileName().toString(), Files.readAllBytes(file)));
      }
      return vectors;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static GoldenVector parse(String name, byte[] file) {
    Outcome outcome = null;
    boolean recovery = false;
    int key = 1;
    Map<String, String> values = new TreeMap<>();
    int at = 0;
    while (file[at] != '\n') {
      int end = at;
      while (file[end] != '\n') {
        end++;
      }
      String[] line = new String(file, at, end - at, US_ASCII).split(": ", 2);
      at = end + 1;
      if (line[0].equals("outcome")) {
        outcome = Outcome.valueOf(line[1]);
      } else if (line[0].equals("key") || line[0].equals("recovery")) {
        recovery = line[0].equals("recovery");
        key = Integer.parseInt(line[1]);
      } else {
        String[] value = line[1].split("=", -1);
        values.put(value[0], value[1]);
      }
    }
    return new GoldenVector(
        name,
        Objects.requireNonNull(outcome, name),
        recovery,
        key,
        values,
        Arrays.copyOfRange(file, at + 1, file.length));
  }

  MasterKey masterKey() {
    return recovery ? EnvelopeFixtures.recoveryKey(key) : EnvelopeFixtures.key(key);
  }

  /** The line of its key file. */
  byte[] keyLine() {
    return recovery ? EnvelopeFixtures.recoveryKeyLine(key) : EnvelopeFixtures.keyLine(key);
  }

  void write(Path directory) throws IOException {
    StringBuilder head = new StringBuilder(
        "outcome: " + outcome + "\n" + (recovery ? "recovery: " : "key: ") + key + "\n");
    values.forEach((name, value) -> head.append("value: " + name + "=" + value + "\n"));
    byte[] lines = head.append('\n').toString().getBytes(US_ASCII);
    byte[] file = Arrays.copyOf(lines, lines.length + store.length);
    System.arraycopy(store, 0, file, lines.length, store.length);
    Files.write(directory.resolve(name), file);
  }

  static String hex(byte[] value) {
    return HexFormat.of().formatHex(value);
  }
}
