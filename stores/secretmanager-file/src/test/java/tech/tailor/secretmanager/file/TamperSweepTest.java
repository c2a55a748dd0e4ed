package tech.tailor.secretmanager.file;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.envelope.MasterKey;

/**
 * Real files of stores, changed in as many ways as the run allows. Each is refused with an
 * integrity error and no other, and its message shows no value.
 */
@Tag("suite")
class TamperSweepTest {

  private static final String CANARY = "Xq4-sweep-canary-";

  /** One mutation in this many is also tried through the store, which costs more. */
  private static final int THROUGH_STORE_EVERY = 400;

  @TempDir
  Path parent;

  private final MasterKey key = TestStore.key(1);
  private final Random random = new Random(7);

  private int tried;
  private int throughStore;
  private int accepted;
  private int ofAnotherKind;

  @Test
  void everyMutation_isRefused() {
    sweep("ordinary", store(3, 5, 10));
    if (TestStore.DEEP) {
      sweep("empty", store(0, 0, 0));
      sweep("one secret", store(1, 1, 32));
      sweep("many vaults", store(12, 1, 3));
      sweep("long values", store(1, 2, 4_000));
      byte[] ordinary = store(3, 5, 200);
      while (tried < 1_000_000) {
        refuse(ordinary, randomly(ordinary));
      }
    }
    System.out.println("tamper sweep: " + tried + " mutations, " + throughStore
        + " of them also through the store; " + accepted + " accepted, " + ofAnotherKind
        + " of another kind");
    assertThat(tried).isGreaterThanOrEqualTo(TestStore.figure(48_000, 1_000_000));
    assertThat(accepted).isZero();
    assertThat(ofAnotherKind).isZero();
  }

  /** The control: a reader that does not insist on the canonical form accepts some. */
  @Test
  void readerThatIsLenientAboutTheForm_isCaught() throws Exception {
    byte[] original = store(1, 2, 10);
    int lenient = 0;
    for (int bit = 0; bit < original.length * 8; bit++) {
      byte[] changed = flipped(original, bit);
      try {
        LenientReader.Parsed parsed = LenientReader.read(changed);
        byte[] again = DocumentWriter.file(parsed.document(), parsed.seal());
        SealedDocument.open(parent, again, key, null);
        lenient++;
      } catch (LenientReader.MalformedException | SecretIntegrityException e) {
        assertThat(e.getMessage()).isNotEmpty();
      }
    }
    System.out.println("tamper sweep, control: a lenient reader accepts " + lenient + " of "
        + original.length * 8 + " bit flips");
    assertThat(lenient).isPositive();
  }

  private byte[] store(int vaults, int secrets, int size) {
    Path directory = parent.resolve("store-" + vaults + "-" + secrets + "-" + size);
    try (FileSecretStore store = TestStore.create(directory)) {
      for (int vault = 0; vault < vaults; vault++) {
        for (int secret = 0; secret < secrets; secret++) {
          String name = "secret-" + secret;
          TestStore.put(store, "vault-" + vault, name, "replaced");
          TestStore.put(store, "vault-" + vault, name, CANARY + secret + "v".repeat(size) + vault);
        }
      }
    }
    byte[] file = TestStore.bytes(TestStore.file(directory));
    SealedDocument.open(directory, file, key, null); // unchanged, it opens
    return file;
  }

  private void sweep(String what, byte[] original) {
    int before = tried;
    for (int bit = 0; bit < original.length * 8; bit++) {
      refuse(original, flipped(original, bit));
    }
    for (int length = 0; length < original.length; length++) {
      refuse(original, Arrays.copyOf(original, length));
      refuse(original, Arrays.copyOfRange(original, length + 1, original.length));
    }
    for (int at = 0; at < original.length; at++) {
      refuse(original, spliced(original, at, at + 1, new byte[0])); // one less
      refuse(original, spliced(original, at, at, new byte[] {original[at]})); // doubled
      byte[] zeroed = original.clone();
      zeroed[at] = 0;
      refuse(original, zeroed);
    }
    for (int value = 0; value < 256; value++) {
      refuse(
          original, spliced(original, original.length, original.length, new byte[] {(byte) value}));
    }
    refuse(original, new byte[original.length]);
    refuse(original, spliced(original, original.length, original.length, original));
    sweepLines(original);
    System.out.println("tamper sweep: " + (tried - before) + " mutations of the store \"" + what
        + "\" of " + original.length + " bytes");
  }

  /** Lines are members and elements: without one, with one twice, with two exchanged. */
  private void sweepLines(byte[] original) {
    List<String> lines = new String(original, US_ASCII).lines().toList();
    for (int line = 0; line < lines.size(); line++) {
      List<String> without = new ArrayList<>(lines);
      String removed = without.remove(line);
      refuse(original, joined(without));
      List<String> doubled = new ArrayList<>(lines);
      doubled.add(line, removed);
      refuse(original, joined(doubled));
      for (int other = line + 1; other < lines.size(); other += 1 + random.nextInt(9)) {
        List<String> exchanged = new ArrayList<>(lines);
        Collections.swap(exchanged, line, other);
        refuse(original, joined(exchanged));
      }
      for (String space : List.of(" ", "\t", "\r", "\n")) {
        List<String> spaced = new ArrayList<>(lines);
        spaced.set(line, removed + space);
        refuse(original, joined(spaced));
      }
    }
  }

  private static byte[] joined(List<String> lines) {
    return (String.join("\n", lines) + "\n").getBytes(US_ASCII);
  }

  private byte[] randomly(byte[] original) {
    byte[] changed = original;
    for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
      int from = random.nextInt(changed.length);
      int to = Math.min(changed.length, from + random.nextInt(64));
      int other = random.nextInt(changed.length);
      byte[] piece =
          Arrays.copyOfRange(changed, other, Math.min(changed.length, other + random.nextInt(64)));
      if (random.nextInt(3) == 0) {
        random.nextBytes(piece);
      }
      changed = spliced(changed, from, to, piece);
      if (changed.length == 0) {
        return changed;
      }
    }
    return changed;
  }

  private static byte[] flipped(byte[] original, int bit) {
    byte[] changed = original.clone();
    changed[bit / 8] ^= (byte) (1 << bit % 8);
    return changed;
  }

  private static byte[] spliced(byte[] original, int from, int to, byte[] piece) {
    byte[] changed = new byte[original.length - (to - from) + piece.length];
    System.arraycopy(original, 0, changed, 0, from);
    System.arraycopy(piece, 0, changed, from, piece.length);
    System.arraycopy(original, to, changed, from + piece.length, original.length - to);
    return changed;
  }

  private void refuse(byte[] original, byte[] changed) {
    if (Arrays.equals(original, changed)) {
      return; // the random or the doubled one came out as it was
    }
    tried++;
    judge(() -> SealedDocument.open(parent, changed, key, null), changed);
    if (tried % THROUGH_STORE_EVERY == 0) {
      throughStore++;
      TestStore.replace(parent, changed);
      judge(() -> TestStore.open(parent).close(), changed);
    }
  }

  private void judge(Runnable opening, byte[] changed) {
    try {
      opening.run();
    } catch (SecretIntegrityException e) {
      boolean silent = e.getCause() == null && !e.getMessage().contains(CANARY);
      ofAnotherKind += e.getClass() == SecretIntegrityException.class && silent ? 0 : 1;
      return;
    } catch (Throwable e) {
      System.out.println(e + " of " + new String(changed, ISO_8859_1));
      ofAnotherKind++;
      return;
    }
    System.out.println("accepted: " + new String(changed, ISO_8859_1));
    accepted++;
  }
}
