package tech.tailor.secretmanager.file;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.envelope.MasterKey;

/** Whatever is done to the bytes of a store is an integrity error, and never a value. */
class TamperTest {

  private static final String SECRET = "Vk7-tamper-canary-93";

  @TempDir
  Path directory;

  private final MasterKey key = TestStore.key(1);
  private byte[] original = {};

  @BeforeEach
  void makeAStore() {
    try (FileSecretStore store = TestStore.create(directory)) {
      TestStore.put(store, "default", "test-secret-1", SECRET);
      TestStore.put(store, "default", "test-secret-2", "secret-value-2");
      TestStore.put(store, "another", "test-secret-1", "secret-value-3");
    }
    original = TestStore.bytes(TestStore.file(directory));
    SealedDocument.open(directory, original, key, null); // the control: unchanged, it opens
  }

  @Test
  void everyFlippedBit_isRefused() {
    for (int bit = 0; bit < original.length * 8; bit++) {
      byte[] changed = original.clone();
      changed[bit / 8] ^= (byte) (1 << bit % 8);
      assertRefused("bit " + bit, changed);
    }
    System.out.println("tampering: " + original.length * 8 + " bit flips of a store of "
        + original.length + " bytes, 0 accepted, 0 of another class");
  }

  @Test
  void everyTruncation_isRefused() {
    for (int length = 0; length < original.length; length++) {
      assertRefused("length " + length, Arrays.copyOf(original, length));
    }
    System.out.println("tampering: " + original.length + " truncations, 0 accepted");
  }

  @Test
  void everyAppendedByte_isRefused() {
    for (int value = 0; value < 256; value++) {
      byte[] changed = Arrays.copyOf(original, original.length + 1);
      changed[original.length] = (byte) value;
      assertRefused("appended " + value, changed);
    }
    assertRefused("zeroed", new byte[original.length]);
    System.out.println("tampering: 256 appended bytes, 0 accepted");
  }

  @Test
  void everyOtherWayToWriteTheSameDocument_isRefused() {
    String text = new String(original, US_ASCII);
    Map<String, String> changes = new LinkedHashMap<>();
    changes.put("space", text.replaceFirst(": 1,", ":  1,"));
    changes.put("tab", text.replaceFirst("  \"storeId\"", "\t\"storeId\""));
    changes.put("carriage return", text.replace("\n", "\r\n"));
    changes.put("one line", text.replace("\n", "").replace("  ", ""));
    changes.put("leading space", " " + text);
    changes.put("no last line end", text.stripTrailing());
    changes.put("escape", text.replaceFirst("default", "def\\\\u0061ult"));
    changes.put("upper-case hex", text.replaceFirst("(\"masterKey\": \")c", "$1C"));
    changes.put("no padding", text.replaceFirst("=+\"", "\""));
    changes.put("number as text", text.replaceFirst("\"version\": 1", "\"version\": \"1\""));
    changes.put("number with zero", text.replaceFirst("\"format\": 1", "\"format\": 01"));
    changes.put("number with exponent", text.replaceFirst("\"format\": 1", "\"format\": 1e0"));
    changes.put("time without millis", text.replaceFirst("\\.120Z", ".12Z"));
    changes.put("comment", text.replaceFirst("\n", "\n// comment\n"));
    changes.put("byte order mark", "\u00ef\u00bb\u00bf" + text);
    assertAllRefused(changes, text);
  }

  @Test
  void everyChangedStructure_isRefused() {
    String text = new String(original, US_ASCII);
    List<String> lines = text.lines().toList();
    Map<String, String> changes = new LinkedHashMap<>();
    for (int line = 0; line < lines.size(); line++) {
      String doubled = lines.get(line) + "\n" + lines.get(line) + "\n";
      changes.put("doubled line " + line, text.replace(lines.get(line) + "\n", doubled));
      StringBuilder without = new StringBuilder();
      StringBuilder swapped = new StringBuilder();
      for (int at = 0; at < lines.size(); at++) {
        without.append(at == line ? "" : lines.get(at) + "\n");
        int other = at == line ? line + 1 : at == line + 1 ? line : at;
        swapped.append(other < lines.size() ? lines.get(other) + "\n" : "");
      }
      changes.put("without line " + line, without.toString());
      if (line + 1 < lines.size() && !lines.get(line).equals(lines.get(line + 1))) {
        changes.put("swapped lines " + line, swapped.toString());
      }
    }
    changes.put("unknown member", text.replaceFirst("\n", "\n  \"extra\": 1,\n"));
    changes.put("no vaults", text.replaceFirst("(?s)\"vaults\": \\[.*\\]", "\"vaults\": []"));
    changes.put("second document", text + text);
    changes.put("deep", "[".repeat(100_000));
    changes.put("long name", "{\"" + "x".repeat(1_000_000) + "\": 1}");
    changes.put("long text", text.replaceFirst("\"storeId\": \"", "$0" + "a".repeat(200_000)));
    changes.put(
        "large number", text.replaceFirst("\"format\": 1", "\"format\": " + "9".repeat(99)));
    changes.put("negative", text.replaceFirst("\"generation\": ", "\"generation\": -"));
    assertAllRefused(changes, text);
  }

  @Test
  void newerFormat_saysSo() {
    String text = new String(original, US_ASCII).replaceFirst("\"format\": 1", "\"format\": 3");
    assertThatThrownBy(() -> SealedDocument.open(directory, text.getBytes(US_ASCII), key, null))
        .isInstanceOf(SecretIntegrityException.class)
        .hasMessageContaining("newer version")
        .hasMessageContaining("update the library")
        .hasMessageNotContaining("backup");
  }

  /** The same through the store, for a sample: no layer above the document is more lenient. */
  @Test
  void openStore_refusesWhatAFreshOneRefuses() {
    int count = 0;
    try (FileSecretStore open = TestStore.open(directory)) {
      for (int at = 7; at < original.length; at += 97) {
        byte[] changed = original.clone();
        changed[at] ^= 1;
        TestStore.replace(directory, changed);
        assertThatThrownBy(() -> TestStore.open(directory))
            .isExactlyInstanceOf(SecretIntegrityException.class);
        assertThatThrownBy(() -> TestStore.read(open, "default", "test-secret-1"))
            .isExactlyInstanceOf(SecretIntegrityException.class);
        assertThatThrownBy(() -> open.createVault("third"))
            .isExactlyInstanceOf(SecretIntegrityException.class);
        assertThat(TestStore.bytes(TestStore.file(directory)))
            .as("not repaired")
            .isEqualTo(changed);
        count++;
      }
      TestStore.replace(directory, original);
      assertThat(TestStore.read(open, "default", "test-secret-1")).isEqualTo(SECRET);
    }
    System.out.println("tampering under an open store: " + count + " edits, 0 accepted");
  }

  /** What was verified once is known again by its seal, but only with the bytes that it seals. */
  @Test
  void knownDocument_isInItsOwnFileOnly() {
    SealedDocument known = SealedDocument.open(directory, original, key, null);
    assertThat(known.isIn(original)).isTrue();
    for (int at = 0; at < original.length; at++) {
      byte[] changed = original.clone();
      changed[at] ^= 1;
      assertThat(known.isIn(changed)).as("byte %s", at).isFalse();
      assertThat(known.isIn(Arrays.copyOf(original, at))).isFalse();
      assertThat(known.isIn(Arrays.copyOfRange(original, at + 1, original.length)))
          .isFalse();
    }
  }

  private void assertAllRefused(Map<String, String> changes, String text) {
    changes.forEach((what, changed) -> {
      assertThat(changed).as(what).isNotEqualTo(text);
      assertRefused(what, changed.getBytes(ISO_8859_1));
    });
    System.out.println("tampering: " + changes.size() + " changes of the text, 0 accepted");
  }

  private void assertRefused(String what, byte[] changed) {
    try {
      SealedDocument.open(directory, changed, key, null);
    } catch (SecretIntegrityException e) {
      if (e.getCause() != null || e.getMessage().contains(SECRET)) {
        throw new AssertionError(what + " shows too much", e);
      }
      return;
    } catch (RuntimeException e) {
      throw new AssertionError(what + " is of another class", e);
    }
    throw new AssertionError(what + " was accepted");
  }
}
