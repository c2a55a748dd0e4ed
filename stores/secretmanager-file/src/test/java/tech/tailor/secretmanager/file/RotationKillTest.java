package tech.tailor.secretmanager.file;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.envelope.Envelope;
import tech.tailor.secretmanager.store.SecretVersionInfo;

/**
 * A process that is killed while it rotates keys loses no value, and the next one ends its work.
 */
@Tag("suite")
class RotationKillTest {

  private static final int SECRETS = 80;
  private static final int VERSIONS = 10; // in all more than one commit re-encrypts
  private static final int LONGEST_LIFE_MICROS = 150_000;
  private static final String STARTED = "started";

  @TempDir
  Path parent;

  private final Random random = new Random();

  @Test
  void killedRotations_loseNoValue_andAreEndedByTheNextOne() throws Exception {
    int least = TestStore.figure(8, 300);
    int kills = 0;
    Path directory = parent.resolve("store");
    fill(directory);
    int brokenOff = 0;
    int read = 0;
    long keys = 1;
    try (FileSecretStore open = both(directory)) {
      // Chance decides what is interrupted; a run in which nothing is proves nothing.
      for (; kills < least || (brokenOff == 0 && kills < 10 * least); kills++) {
        killOnce(Rotator.class, directory);
        assertThat(lost(open)).as("of a store that was open all the time").isZero();
        try (FileSecretStore next = both(directory)) {
          assertThat(lost(next)).isZero();
          brokenOff += next.document().keys().size() - 1;
          next.rotateDataKey();
          assertThat(next.document().keys()).hasSize(1);
          assertThat(next.document().keys().get(0).id()).isGreaterThan(keys);
          keys = next.document().keys().get(0).id();
          assertThat(lost(next)).isZero();
        }
        read += 3 * SECRETS * VERSIONS;
        assertThat(TestStore.filesIn(directory)).as("no remnant").hasSize(2);
      }
    }
    System.out.println("rotation: " + kills + " kills, " + brokenOff
        + " of them with two keys in the store, which the next rotation ended; " + keys
        + " data keys in all; " + read + " values read, 0 lost");
    assertThat(brokenOff).isPositive();
  }

  /** The control. */
  @Test
  void rotationThatDropsTheKeyFirst_isCaught() throws Exception {
    int kills = 0;
    int lost = 0;
    while (lost == 0 && kills < 40) {
      Path directory = parent.resolve("careless-" + kills);
      fill(directory);
      killOnce(Careless.class, directory);
      try (FileSecretStore store = both(directory)) {
        lost = lost(store);
      }
      kills++;
    }
    System.out.println(
        "rotation, control: dropping the key first lost " + lost + " values at kill " + kills);
    assertThat(lost).isPositive();
  }

  private void killOnce(Class<?> program, Path directory) throws Exception {
    Process child = TestStore.start(program, directory);
    try {
      BufferedReader output = child.inputReader(US_ASCII);
      assertThat(output.readLine()).isEqualTo(STARTED);
      TimeUnit.MICROSECONDS.sleep(random.nextInt(LONGEST_LIFE_MICROS));
      assertThat(child.isAlive()).as("it does not end by itself").isTrue();
    } finally {
      child.destroyForcibly().waitFor();
    }
  }

  /** Whichever of two master keys it is of. */
  private static FileSecretStore both(Path directory) {
    return FileSecretStore.builder(directory, TestStore.key(1))
        .previousKey(TestStore.key(2))
        .open();
  }

  private static void fill(Path directory) {
    try (FileSecretStore store = TestStore.create(directory)) {
      store.inOneCommit(changes -> {
        for (int secret = 0; secret < SECRETS; secret++) {
          for (int version = 1; version <= VERSIONS; version++) {
            TestStore.put(changes, "default", "secret-" + secret, secret + "." + version);
          }
        }
      });
    }
  }

  /** How many values can't be read, or are others. */
  private static int lost(FileSecretStore store) {
    int lost = 0;
    for (int secret = 0; secret < SECRETS; secret++) {
      String name = "secret-" + secret;
      List<SecretVersionInfo> versions = store.listVersions("default", name);
      assertThat(versions).hasSize(VERSIONS);
      for (SecretVersionInfo info : versions) {
        try (SecretValue value = store.readVersion("default", name, info.version())) {
          lost += value.revealString().equals(secret + "." + info.version()) ? 0 : 1;
        } catch (SecretManagerException e) {
          lost++;
        }
      }
    }
    return lost;
  }

  /** Rotates both keys again and again. */
  static final class Rotator {
    public static void main(String[] args) {
      try (FileSecretStore store = both(Path.of(args[0]))) {
        System.out.println(STARTED);
        for (int i = 0; true; i++) {
          store.rotateDataKey();
          store.rotateMasterKey(TestStore.key(1 + i % 2));
        }
      }
    }
  }

  /** Puts a store in place that has the new key only, and then the values under it. */
  static final class Careless {
    public static void main(String[] args) throws IOException {
      Path directory = Path.of(args[0]);
      Path file = TestStore.file(directory);
      for (int round = 0; true; round++) {
        SealedDocument content =
            SealedDocument.open(file, TestStore.bytes(file), TestStore.key(1), null);
        StoredDocument document = content.document();
        Envelope two = content
            .envelope()
            .withNewKey(content.envelope().sealingKey() + 1, List.of(TestStore.key(1)), "store");
        SealedDocument both = SealedDocument.seal(document.withKeys(two), two).content();
        Envelope next = two.withoutKeysBefore(two.sealingKey());
        byte[] dropped = SealedDocument.seal(with(both, next, false), next).file();
        byte[] rotated = SealedDocument.seal(with(both, next, true), next).file();
        TestStore.replace(directory, dropped);
        LockSupport.parkNanos(50_000_000);
        TestStore.replace(directory, rotated);
        if (round == 0) {
          System.out.println(STARTED); // by now it is as fast as it gets
        }
      }
    }

    /** The document with one key, with its values under that one or only said to be. */
    private static StoredDocument with(SealedDocument content, Envelope next, boolean encrypted) {
      StoredDocument document = content.document();
      SortedMap<String, StoredVault> vaults = new TreeMap<>();
      for (StoredVault vault : document.vaults().values()) {
        SortedMap<String, StoredSecret> secrets = new TreeMap<>();
        for (StoredSecret secret : vault.secrets().values()) {
          List<StoredSecret.StoredVersion> versions = new ArrayList<>();
          for (StoredSecret.StoredVersion each : secret.versions()) {
            versions.add(
                encrypted
                    ? each.under(content.envelope(), vault.id(), secret)
                    : new StoredSecret.StoredVersion(
                        each.version(),
                        each.createTime(),
                        each.state(),
                        next.sealingKey(),
                        each.ciphertext()));
          }
          secrets.put(secret.name(), secret.withVersions(versions));
        }
        vaults.put(vault.name(), vault.with(secrets));
      }
      return new StoredDocument(
          document.storeId(), document.generation() + 1, next.wrappedKeys(), vaults);
    }
  }
}
