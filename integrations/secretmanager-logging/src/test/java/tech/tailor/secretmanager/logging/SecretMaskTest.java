package tech.tailor.secretmanager.logging;

import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URLEncoder;
import java.nio.charset.Charset;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;

class SecretMaskTest {

  private static final SecretRef REF = SecretRef.of("orders", "password");
  private static final String VALUE = "p\"a\\s s/w'örd\t&=42";

  private final SecretMask mask = SecretMask.create();

  private void add(String text) {
    add(REF, text);
  }

  private void add(SecretRef ref, String text) {
    try (SecretValue value = SecretValue.of(text)) {
      mask.add(ref, value);
    }
  }

  @Test
  void value_isHidden_andNothingElse() {
    add(VALUE);
    assertThat(mask.mask("before " + VALUE + " " + VALUE + VALUE + "after"))
        .isEqualTo("before *** ***after");
    String other = "before " + VALUE.substring(1) + "after";
    assertThat(mask.mask(other)).isSameAs(other);
    assertThat(mask.mask("")).isEmpty();
    assertThat(mask.mask(VALUE)).isEqualTo("***");
  }

  @Test
  void value_isHidden_inTheFormsThatProgramsWrite() {
    add(VALUE);
    byte[] bytes = VALUE.getBytes(UTF_8);
    for (String form : List.of(
        "{\"message\":\"p\\\"a\\\\s s/w'örd\\t&=42\"}",
        "{\"message\":\"p\\\"a\\\\s s\\/w'örd\\t&=42\"}",
        "{\"message\":\"p\\\"a\\\\s s/w'\\u00f6rd\\t&=42\"}",
        "{\"message\":\"p\\\"a\\\\s s\\/w'\\u00f6rd\\t&=42\"}",
        "{\"message\":\"p\\\"a\\\\s s/w'\\u00F6rd\\t&=42\"}",
        "{\"message\":\"p\\\"a\\\\s s/w\\u0027örd\\t\\u0026\\u003d42\"}",
        "?password=" + URLEncoder.encode(VALUE, UTF_8) + "&x",
        URLEncoder.encode(VALUE, UTF_8).replace("+", "%20"),
        URLEncoder.encode(VALUE, UTF_8)
            .replace("+", "%20")
            .replaceAll("%([0-9A-F])F", "%$1f")
            .replaceAll("%5C", "%5c")
            .replaceAll("%2F", "%2f")
            .replaceAll("%C3%B6", "%c3%b6")
            .replaceAll("%3D", "%3d"),
        "echo 'p\"a\\s s/w'\\''örd\t&=42'",
        "0x" + HexFormat.of().formatHex(bytes),
        HexFormat.of().withUpperCase().formatHex(bytes))) {
      assertThat(mask.mask(form)).as(form).contains("***").doesNotContain("42").hasSizeLessThan(30);
    }
    for (String before : List.of("", "a", "ab", "user:")) {
      byte[] all = (before + VALUE + "!").getBytes(UTF_8);
      String encoded = Base64.getEncoder().encodeToString(all);
      assertThat(mask.mask(encoded)).as(before).contains("***").hasSizeLessThan(20);
      assertThat(mask.mask(Base64.getUrlEncoder().encodeToString(all)))
          .as(before)
          .contains("***")
          .hasSizeLessThan(20);
    }
  }

  @Test
  void charactersThatJsonEscapes_areThoseOfAnyPlane() {
    add("pass\uD83D\uDE00word\u20AC");
    assertThat(mask.mask("{\"a\":\"pass\\ud83d\\ude00word\\u20ac\"}")).isEqualTo("{\"a\":\"***\"}");
  }

  /** As docs/logging.md says; a form that is found one day is named there. */
  @Test
  void otherForms_areShown() {
    add("made-up-value");
    byte[] bytes = "made-up-value".getBytes(UTF_8);
    StringBuilder escaped = new StringBuilder();
    for (byte each : bytes) {
      escaped.append(String.format("\\u%04x", each));
    }
    for (String form : List.of(
        Arrays.toString(bytes),
        Arrays.toString("made-up-value".toCharArray()),
        HexFormat.ofDelimiter(":").formatHex(bytes),
        escaped.toString(),
        new StringBuilder("made-up-value").reverse().toString())) {
      assertThat(mask.mask(form)).isEqualTo(form);
    }
  }

  @Test
  void linesOfAValue_areHidden_andNotWhatEveryKeyHas() {
    add(
        "-----BEGIN PRIVATE KEY-----\n  MIIBVgIBADAN \r\nab\nBgkqhkiG9w0B\n-----END PRIVATE KEY-----\n");
    assertThat(mask.mask("-----BEGIN PRIVATE KEY-----")).isEqualTo("-----BEGIN PRIVATE KEY-----");
    assertThat(mask.mask("x MIIBVgIBADAN ab BgkqhkiG9w0B")).isEqualTo("x *** ab ***");
  }

  @Test
  void shortValue_isShown_andSaid() {
    try (JulRecords records = JulRecords.of(KnownValues.class)) {
      add("12345");
      add("12345");
      assertThat(mask.mask("12345")).isEqualTo("12345");
      assertThat(records.messages())
          .containsExactly(
              "The secret orders/password is not masked in logs: its value, or each line"
                  + " of it, is shorter than 6 bytes");
    }
    add("123456");
    assertThat(mask.mask("123456")).isEqualTo("***");
  }

  @Test
  void passwordInAJsonObject_isHiddenByItself_andWhatIsNamed() {
    String login =
        " {\"username\":\"app-user\",\"password\":\"log\\u0069n-1\",\"token\":\"token-1\"}";
    add(login);
    assertThat(mask.mask("app-user login-1 token-1 " + login))
        .isEqualTo("app-user *** token-1 ***");
    try (SecretMask other = SecretMask.create("token", "absent");
        SecretValue value = SecretValue.of(login)) {
      other.add(REF, value);
      assertThat(other.mask("app-user login-1 token-1")).isEqualTo("app-user *** ***");
    }
  }

  @Test
  void rotatedValue_staysHidden_forThreeRotations() {
    for (int i = 1; i <= 4; i++) {
      add("value-" + i);
    }
    add("value-2"); // again
    assertThat(mask.mask("value-1 value-2 value-3 value-4")).isEqualTo("*** *** *** ***");
    add("value-5");
    assertThat(mask.mask("value-1 value-2 value-3 value-4 value-5"))
        .isEqualTo("value-1 *** *** *** ***");
  }

  @Test
  void valueOfTwoSecrets_isForgotten_whenItIsNeithers() {
    add(REF, "value-0");
    SecretRef other = SecretRef.of("orders", "other");
    for (int i = 0; i <= 4; i++) {
      add(other, "value-" + i);
    }
    assertThat(mask.mask("value-0 value-1")).isEqualTo("*** ***");
    for (int i = 1; i <= 4; i++) {
      add(REF, "other-" + i);
    }
    assertThat(mask.mask("value-0 value-1")).isEqualTo("value-0 ***");
  }

  @Test
  void closed_everythingIsForgotten() {
    add(VALUE);
    assertThat(mask).hasToString("SecretMask[1 secrets]");
    mask.close();
    mask.close();
    assertThat(mask).hasToString("SecretMask[0 secrets]");
    assertThat(mask.mask(VALUE)).isEqualTo(VALUE);
    add(VALUE);
    assertThat(mask.mask(VALUE)).isEqualTo(VALUE);
  }

  @Test
  void closedValue_isRefused() {
    SecretValue value = SecretValue.of(VALUE);
    value.close();
    assertThatThrownBy(() -> mask.add(REF, value)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void valuesOfAManager_areHidden_fromTheFirstReadOn() {
    InMemorySecretStore store = InMemorySecretStore.create();
    store.createVault("orders");
    store.put("orders", "password", "first-value");
    try (SecretManager manager = SecretManagers.open(mask.watching(store))) {
      assertThat(mask.mask("first-value")).isEqualTo("first-value");
      manager.withSecret(REF, value -> {
        assertThat(mask.mask(value.revealString())).isEqualTo("***");
        return true;
      });
      store.put("orders", "password", "second-value");
      manager.refresh(REF);
      assertThat(mask.mask("first-value second-value")).isEqualTo("*** ***");
      assertThat(manager.getSecret("orders", "nowhere")).isEmpty();
    }
    assertThat(mask.mask("second-value")).as("after the manager").isEqualTo("***");
    assertThatThrownBy(() -> store.listVaults()).isInstanceOf(IllegalStateException.class);
  }

  /** Documented: an event is searched for itself. */
  @Test
  void valueCutOverTwoEvents_isNotFound() {
    add("abcdefgh");
    assertThat(mask.mask("abcd") + mask.mask("efgh")).isEqualTo("abcdefgh");
  }

  @Test
  void textThatCantBeMasked_isWithheld() {
    add(VALUE);
    String withheld = new Masks(mask).mask((String) null);
    assertThat(withheld)
        .isEqualTo("*** (a log event is withheld: it could not be masked,"
            + " java.lang.NullPointerException)" + System.lineSeparator());
    assertThat(new String(new Masks(mask).mask(null, UTF_8), UTF_8)).isEqualTo(withheld);
  }

  @Test
  void otherCharsets_areSearchedAsText() {
    add(VALUE);
    for (Charset charset : List.of(UTF_16, Charset.forName("ISO-8859-1"), UTF_8)) {
      byte[] masked = new Masks(mask).mask(("<" + VALUE + ">").getBytes(charset), charset);
      assertThat(new String(masked, charset)).isEqualTo("<***>");
    }
  }
}
