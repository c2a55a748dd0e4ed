package tech.tailor.secretmanager.file;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.envelope.RecordingFiles;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/** Nothing that reaches the disk at any moment holds a value or the master key in clear. */
class CiphertextOnDiskTest {

  @TempDir
  Path directory;

  @Test
  void everyFileOfEveryWrite_holdsNoSecret() {
    byte[] master = random(32);
    List<byte[]> secrets = new ArrayList<>(List.of(master.clone()));
    RecordingFiles files = new RecordingFiles();
    List<byte[]> seen = new ArrayList<>();
    files.beforeReplace =
        () -> TestStore.filesIn(directory).forEach(file -> seen.add(TestStore.bytes(file)));
    try (FileSecretStore store = FileSecretStore.create(
        directory, MasterKey.copyOf(master), TestStore.CLOCK, files, TestStore.PATIENCE)) {
      store.createVault("default");
      for (int i = 0; i < 8; i++) {
        String name = "secret-" + i;
        byte[] first = random(24 + i);
        byte[] second = random(60);
        secrets.addAll(List.of(first, second));
        try (SecretValue value = SecretValue.copyOf(first)) {
          store.createSecret("default", name, value);
        }
        try (SecretValue value = SecretValue.copyOf(second)) {
          store.updateSecret("default", name, value);
        }
      }
      store.deleteSecret("default", "secret-0");
      TestStore.filesIn(directory).forEach(file -> seen.add(TestStore.bytes(file)));
    }
    seen.addAll(files.written);

    int searches = 0;
    for (byte[] secret : secrets) {
      for (byte[] form : forms(secret)) {
        for (byte[] content : seen) {
          assertThat(contains(content, form)).isFalse();
          searches++;
        }
      }
    }
    assertThat(files.written).hasSize(2 * (1 + 1 + 16 + 1));
    System.out.println("on disk: " + secrets.size() + " secrets, " + seen.size() + " contents, "
        + searches + " searches, 0 found");
  }

  /** The control: a scanner that finds nothing anywhere would pass as well. */
  @Test
  void scanner_findsEachFormOfAPlantedSecret() {
    byte[] secret = random(31);
    String url = Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
    List<byte[]> planted = new ArrayList<>(List.of(
        secret,
        HexFormat.of().formatHex(secret).getBytes(US_ASCII),
        HexFormat.of().withUpperCase().formatHex(secret).getBytes(US_ASCII),
        url.getBytes(US_ASCII)));
    for (int before = 0; before < 3; before++) {
      byte[] longer = new byte[before + secret.length + 5];
      new Random(1).nextBytes(longer);
      System.arraycopy(secret, 0, longer, before, secret.length);
      planted.add(Base64.getEncoder().encode(longer));
      planted.add(Base64.getUrlEncoder().encode(longer));
    }
    int found = 0;
    for (byte[] form : planted) {
      byte[] content = new byte[500 + form.length];
      new Random(2).nextBytes(content);
      System.arraycopy(form, 0, content, 250, form.length);
      assertThat(forms(secret).stream().filter(each -> contains(content, each)).count())
          .isPositive();
      found++;
    }
    assertThat(found).isEqualTo(10);
    System.out.println("scanner control: " + found + " of " + planted.size() + " plants found");
  }

  private static byte[] random(int sizeBytes) {
    byte[] bytes = OpaqueBytes.random(sizeBytes).toArray();
    bytes[0] = (byte) 0xfb; // so that the two alphabets of base64 differ
    bytes[1] = (byte) 0xef;
    bytes[2] = (byte) 0xff;
    return bytes;
  }

  /** The secret as it could stand in a file: raw, hex, base64 at each of three alignments. */
  private static List<byte[]> forms(byte[] secret) {
    List<byte[]> forms = new ArrayList<>();
    forms.add(secret);
    String hex = HexFormat.of().formatHex(secret);
    forms.add(hex.getBytes(US_ASCII));
    forms.add(hex.toUpperCase(Locale.ROOT).getBytes(US_ASCII));
    for (int before = 0; before < 3; before++) {
      byte[] shifted = new byte[before + secret.length];
      System.arraycopy(secret, 0, shifted, before, secret.length);
      int from = before == 0 ? 0 : before + 1; // characters that hold bits of what is before
      int until = shifted.length * 8 / 6; // whole characters of the secret
      for (Base64.Encoder encoder : List.of(Base64.getEncoder(), Base64.getUrlEncoder())) {
        forms.add(Arrays.copyOfRange(encoder.encode(shifted), from, until));
      }
    }
    return forms;
  }

  private static boolean contains(byte[] content, byte[] form) {
    for (int at = 0; at + form.length <= content.length; at++) {
      if (content[at] == form[0]
          && Arrays.equals(content, at, at + form.length, form, 0, form.length)) {
        return true;
      }
    }
    return false;
  }
}
