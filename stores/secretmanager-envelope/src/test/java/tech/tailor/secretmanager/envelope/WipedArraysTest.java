package tech.tailor.secretmanager.envelope;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.crypto.tink.Aead;
import com.sun.management.HotSpotDiagnosticMXBean;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretMetadata;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.envelope.Envelope.Place;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/**
 * Whatever array held a key or a value in between is wiped, also where a step fails: the arrays
 * that others saw are looked at, and those that nobody saw are searched for in a dump of the heap
 * with all its garbage.
 */
class WipedArraysTest {

  private static final String LABEL = "test-store";
  private static final String STORE = "test store";
  private static final byte PAD = 0x55;

  private final OpaqueBytes storeId = OpaqueBytes.random(16);
  private final MasterKey master = EnvelopeFixtures.key(1);
  private final SeeingKms kms = new SeeingKms();

  @TempDir
  Path directory;

  private Path file;

  @BeforeEach
  void nameTheFile() {
    file = directory.resolve("master.key");
  }

  /** A key management service that keeps the arrays it is given, and those that it gives. */
  private static final class SeeingKms implements Aead {
    private final Aead cipher = EnvelopeFixtures.cipher(EnvelopeFixtures.rawKey(9));
    private final List<byte[]> seen = new ArrayList<>();
    private boolean isDown;
    private int tooMany;

    @Override
    public byte[] encrypt(byte[] plaintext, byte[] associatedData) throws GeneralSecurityException {
      seen.add(plaintext);
      if (isDown) {
        throw new IllegalStateException("down");
      }
      return cipher.encrypt(plaintext, associatedData);
    }

    @Override
    public byte[] decrypt(byte[] ciphertext, byte[] associatedData)
        throws GeneralSecurityException {
      byte[] plaintext = cipher.decrypt(ciphertext, associatedData);
      byte[] given = new byte[plaintext.length + tooMany];
      System.arraycopy(plaintext, 0, given, 0, plaintext.length);
      seen.add(given);
      return given;
    }

    /** Says how many there were, and that all are wiped. */
    private void hasSeen(int count) {
      assertThat(seen).hasSize(count).allSatisfy(raw -> assertThat(raw).containsOnly(0));
      seen.clear();
    }
  }

  @Test
  void dataKey_isWiped_whateverItsServiceDoes() {
    MasterKey key = MasterKey.fromKms("kms://seeing", kms);
    List<WrappedKey> keys = Envelope.create(LABEL, storeId, key).wrappedKeys();
    kms.hasSeen(1);
    Envelope opened = Envelope.open(LABEL, storeId, keys, List.of(key), null, STORE);
    kms.hasSeen(1);
    opened.rewrap(key, List.of(key), STORE);
    kms.hasSeen(3); // it is asked which key opens the entry, too

    kms.isDown = true;
    assertThatThrownBy(() -> Envelope.create(LABEL, storeId, key))
        .isInstanceOf(SecretUnavailableException.class);
    kms.hasSeen(1);
    Envelope other = Envelope.create(LABEL, storeId, master);
    assertThatThrownBy(() -> other.rewrap(key, List.of(master), STORE))
        .isInstanceOf(SecretUnavailableException.class);
    kms.hasSeen(1);

    kms.isDown = false;
    kms.tooMany = 1;
    assertThatThrownBy(() -> Envelope.open(LABEL, storeId, keys, List.of(key), null, STORE))
        .isInstanceOf(SecretIntegrityException.class);
    kms.hasSeen(1);
  }

  @Test
  void line_isWiped_inWhatReadsAndWritesIt() {
    List<byte[]> lines = new ArrayList<>();
    StoreFiles files = new ForwardingFiles() {
      @Override
      public NewFile create(Path created) throws IOException {
        NewFile real = super.create(created);
        return new NewFile() {
          @Override
          public void write(byte[] bytes) throws IOException {
            lines.add(bytes);
            real.write(bytes);
          }

          @Override
          public void force() throws IOException {
            real.force();
          }

          @Override
          public void close() throws IOException {
            real.close();
          }
        };
      }

      @Override
      public ReadFile openKey(Path opened) throws IOException {
        ReadFile real = super.openKey(opened);
        return new ReadFile() {
          @Override
          public byte[] read(int limitBytes) throws IOException {
            byte[] line = real.read(limitBytes);
            lines.add(line);
            return line;
          }

          @Override
          public void skip(long sizeBytes) throws IOException {
            real.skip(sizeBytes);
          }

          @Override
          public void close() throws IOException {
            real.close();
          }
        };
      }
    };
    EnvelopeFixtures.createKeyFile(file, files);
    assertThat(lines).hasSize(2).allSatisfy(line -> assertThat(line).containsOnly(0));
  }

  @Test
  void buffer_isWiped_thatAStreamWasReadInto() {
    List<byte[]> buffers = new ArrayList<>();
    for (byte[] text : List.of(EnvelopeFixtures.keyLine(3), "no key".getBytes(US_ASCII))) {
      InputStream input = new FilterInputStream(new ByteArrayInputStream(text)) {
        @Override
        public int read(byte[] buffer, int from, int most) throws IOException {
          buffers.add(buffer);
          return super.read(buffer, from, most);
        }
      };
      try {
        MasterKey.fromStream(input);
      } catch (SecretIntegrityException e) {
        assertThat(e).hasMessageContaining("holds no key");
      }
    }
    assertThat(buffers)
        .hasSizeGreaterThan(1)
        .allSatisfy(buffer -> assertThat(buffer).containsOnly(0));
  }

  /**
   * The text of a key that was made, read from its file and read from a stream, and a value that
   * was encrypted again: neither is anywhere on the heap.
   */
  @Test
  void garbage_holdsNoTextOfAKey_andNoValueThatWasEncryptedAgain() throws IOException {
    System.gc(); // a dump of what comes after it is small
    MasterKey.createFile(file);
    try (InputStream input = Files.newInputStream(file)) {
      MasterKey.fromStream(input);
    }
    byte[] padded = new byte[24];
    new SecureRandom().nextBytes(padded);
    encryptAgain(unpadded(padded));
    Path dump = dump("after");

    String text = Files.readString(file, US_ASCII)
        .substring(EnvelopeFixtures.KEY_LABEL.length())
        .strip();
    String value = new String(unpadded(padded), ISO_8859_1);
    assertThat(text).hasSize(44);
    assertThat(occurrences(dump, text)).as("the key").isZero();
    assertThat(occurrences(dump, value)).as("the value").isZero();
    Path control = dump("control");
    assertThat(occurrences(control, text)).as("a text that is held").isPositive();
    assertThat(occurrences(control, value)).as("a value that is held").isPositive();
  }

  private void encryptAgain(byte[] bytes) {
    Place place = new Place(OpaqueBytes.random(16), OpaqueBytes.random(16), 1, "api-key");
    Envelope first = Envelope.create(LABEL, storeId, master);
    try (SecretValue value = SecretSupport.adopt(bytes, SecretMetadata.unversioned())) {
      OpaqueBytes sealed = first.sealValue(place, value);
      Envelope second = first.withNewKey(2, List.of(master), STORE);
      assertThat(second.resealValue(1, place, sealed)).isNotNull();
    }
  }

  private static byte[] unpadded(byte[] padded) {
    byte[] bytes = padded.clone();
    for (int at = 0; at < bytes.length; at++) {
      bytes[at] ^= PAD;
    }
    return bytes;
  }

  private Path dump(String name) throws IOException {
    Path dump = directory.resolve(name + ".hprof");
    ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
        .dumpHeap(dump.toString(), false);
    return dump;
  }

  private static int occurrences(Path dump, String text) throws IOException {
    String all = new String(Files.readAllBytes(dump), ISO_8859_1);
    int count = 0;
    for (int at = all.indexOf(text); at >= 0; at = all.indexOf(text, at + 1)) {
      count++;
    }
    return count;
  }
}
