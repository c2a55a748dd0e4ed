package tech.tailor.secretmanager.testing.memory;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.file.FileSecretStore;
import tech.tailor.secretmanager.client.file.MasterKey;
import tech.tailor.secretmanager.testing.memory.Traces.Found;

/**
 * A full heap dump, garbage included, holds no copy of a cached secret and no part of one: neither
 * while it is cached nor after close. The same program with a {@code String} must be caught.
 */
class HeapResidueTest {

  private static final int READS = 200;

  @TempDir
  private Path directory;

  @ParameterizedTest
  @CsvSource({
    "memory, 64, UseG1GC",
    "memory, 3000, UseSerialGC",
    "file, 64, UseG1GC",
    "file, 3000, UseParallelGC",
    "file, 64, UseSerialGC"
  })
  void cachedSecret_isNowhereInTheHeap(String kind, int size, String collector) throws Exception {
    byte[] secret = secret(size);
    run(kind, secret, collector);
    Found held = Traces.of(secret).in(directory.resolve("held.hprof"));
    Found closed = Traces.of(secret).in(directory.resolve("closed.hprof"));

    System.out.printf(
        "heap of %s, %d bytes, %s, %d reads: while cached %s, after close %s%n",
        kind, size, collector, READS, held, closed);
    assertThat(held).as("while it is cached").isEqualTo(Found.NOTHING);
    assertThat(closed).as("after close").isEqualTo(Found.NOTHING);
  }

  @Test
  void negativeControl_aStringIsFound() throws Exception {
    byte[] secret = secret(64);
    run("naive", secret, "UseG1GC");
    Found closed = Traces.of(secret).in(directory.resolve("closed.hprof"));

    System.out.printf("heap of the control: after close %s%n", closed);
    assertThat(closed.whole()).as("the scanner finds what is there").isPositive();
  }

  @Test
  void negativeControl_everyFormIsFound_wholeOrInPart() throws Exception {
    byte[] secret = secret(64);
    Traces traces = Traces.of(secret);
    byte[] swapped = new byte[64];
    for (int i = 0; i < 64; i++) {
      swapped[i / 4 * 4 + 3 - i % 4] = secret[i];
    }
    String hex = HexFormat.of().formatHex(secret);

    assertThat(find(traces, secret)).isEqualTo(new Found(1, 0));
    assertThat(find(traces, swapped)).isEqualTo(new Found(1, 0));
    assertThat(find(traces, hex.getBytes(US_ASCII))).isEqualTo(new Found(1, 0));
    assertThat(find(traces, Arrays.copyOfRange(secret, 20, 28))).isEqualTo(new Found(0, 1));
    assertThat(find(traces, Arrays.copyOfRange(secret, 20, 27))).isEqualTo(Found.NOTHING);
  }

  @Test
  void fragmentInHexadecimal_countsFromEightBytesOfTheSecret() throws Exception {
    byte[] secret = secret(64);
    String hex = HexFormat.of().formatHex(secret);

    assertThat(find(Traces.of(secret), hex.substring(40, 56).getBytes(US_ASCII)))
        .isEqualTo(new Found(0, 1));
    assertThat(find(Traces.of(secret), hex.substring(40, 54).getBytes(US_ASCII)))
        .as("seven bytes, which a random number may have too")
        .isEqualTo(Found.NOTHING);
  }

  private Found find(Traces traces, byte[] planted) throws IOException {
    byte[] haystack = new byte[10_000];
    System.arraycopy(planted, 0, haystack, 4_321, planted.length);
    return traces.in(Files.write(directory.resolve("planted"), haystack));
  }

  private void run(String kind, byte[] secret, String collector) throws Exception {
    List<String> command = new ArrayList<>(List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:+" + collector,
        "-Xmx64m",
        "-cp",
        System.getProperty("java.class.path"),
        HeapSubject.class.getName(),
        kind,
        directory.toString(),
        String.valueOf(READS)));
    if (kind.equals("file")) {
      write(secret);
    } else {
      byte[] half = new byte[secret.length];
      new SecureRandom().nextBytes(half);
      byte[] otherHalf = new byte[secret.length];
      for (int i = 0; i < secret.length; i++) {
        otherHalf[i] = (byte) (secret[i] ^ half[i]);
      }
      command.add(HexFormat.of().formatHex(half));
      command.add(HexFormat.of().formatHex(otherHalf));
    }
    Path output = directory.resolve("output");
    Process process = new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(output.toFile())
        .start();
    try {
      assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(Files.readString(output)).contains("done");
  }

  private void write(byte[] secret) {
    try (FileSecretStore store = FileSecretStore.create(
            directory.resolve("store"), MasterKey.createFile(directory.resolve("key")));
        SecretValue value = SecretValue.copyOf(secret)) {
      store.createVault(HeapSubject.REF.vault());
      store.createSecret(HeapSubject.REF.vault(), HeapSubject.REF.name(), value);
    }
  }

  /** Printable and random, so that no part of it stands anywhere else. */
  private static byte[] secret(int size) {
    String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    SecureRandom random = new SecureRandom();
    byte[] secret = new byte[size];
    for (int i = 0; i < size; i++) {
      secret[i] = (byte) alphabet.charAt(random.nextInt(alphabet.length()));
    }
    return secret;
  }
}
