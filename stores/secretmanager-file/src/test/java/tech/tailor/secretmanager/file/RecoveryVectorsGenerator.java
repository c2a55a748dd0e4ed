package tech.tailor.secretmanager.file;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import tech.tailor.secretmanager.envelope.EnvelopeFixtures;
import tech.tailor.secretmanager.file.GoldenVector.Outcome;

/**
 * Made the golden vectors of stores with a recovery key, once, as {@link GoldenVectorsGenerator}
 * made the others.
 */
final class RecoveryVectorsGenerator {

  private static final int RECOVERY_KEY = 5;
  private static final int OTHER_RECOVERY_KEY = 6;

  private final Path directory;

  private RecoveryVectorsGenerator(Path directory) {
    this.directory = directory;
  }

  /** Argument: the directory to write to. */
  public static void main(String[] args) throws IOException {
    RecoveryVectorsGenerator generator = new RecoveryVectorsGenerator(Path.of(args[0]));
    Path work = Files.createTempDirectory("vectors");
    String store;
    String ofOther;
    try (FileSecretStore opened = TestStore.create(work)) {
      TestStore.put(opened, "default", "one", "value one");
      opened.addRecoveryKey(EnvelopeFixtures.recoveryKey(RECOVERY_KEY));
      opened.rotateDataKey();
      store = Files.readString(TestStore.file(work), US_ASCII);
      opened.addRecoveryKey(EnvelopeFixtures.recoveryKey(OTHER_RECOVERY_KEY));
      ofOther = Files.readString(TestStore.file(work), US_ASCII);
    }
    generator.vector(Outcome.SUCCESS, "recovery-key-by-the-master-key", false, 1, store);
    generator.vector(Outcome.SUCCESS, "recovery-key-by-itself", true, RECOVERY_KEY, store);
    String exchanged = store.replace(member(store, "recoveryKey"), member(ofOther, "recoveryKey"));
    generator.vector(Outcome.SEAL, "recovery-key-exchanged", false, 1, exchanged);
    String copy = store.replace(member(store, "recovery"), member(ofOther, "recovery"));
    generator.vector(Outcome.KEY_ENTRY, "recovery-copy-of-another", true, RECOVERY_KEY, copy);
    generator.vector(Outcome.SEAL, "recovery-copy-of-another", false, 1, copy);
    generator.vector(
        Outcome.FORM,
        "recovery-key-in-format-1",
        false,
        1,
        store.replace("\"format\": 2", "\"format\": 1"));
  }

  private static String member(String store, String name) {
    String before = "\"" + name + "\": \"";
    int from = store.indexOf(before) + before.length();
    return store.substring(from, store.indexOf('"', from));
  }

  private void vector(Outcome outcome, String name, boolean recovery, int key, String store)
      throws IOException {
    Map<String, String> values = outcome == Outcome.SUCCESS
        ? Map.of("default/one", GoldenVector.hex("value one".getBytes(UTF_8)))
        : Map.of();
    String prefix = outcome.name().toLowerCase(Locale.ROOT) + "-";
    new GoldenVector(prefix + name, outcome, recovery, key, values, store.getBytes(US_ASCII))
        .write(directory);
  }
}
