package tech.tailor.secretmanager.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.SecretAccessDeniedException;
import tech.tailor.secretmanager.SecretDefinition;
import tech.tailor.secretmanager.SecretEncodingException;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretNotFoundException.Missing;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretTemplate;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;

/** {@link SecretTemplate} resolved by a manager. */
class RevealedReferencesTest {

  private final InMemorySecretStore store = InMemorySecretStore.create();
  private final SecretManager secretManager = SecretManagers.open(store);

  @BeforeEach
  void fill() {
    store.createVault("default");
    store.createVault("api-keys");
    store.put("default", "user", "app");
    store.put("default", "password", "made-up");
    store.put("api-keys", "token", "t0ken");
  }

  @AfterEach
  void close() {
    secretManager.close();
  }

  @Test
  void text_isFilled() {
    assertThat(reveal("jdbc:${secret:default/user}:${secret:default/password}@${HOST}"))
        .isEqualTo("jdbc:app:made-up@${HOST}");
    assertThat(reveal("")).isEmpty();
    assertThat(reveal("$$${secret:default/user}$")).isEqualTo("$app$");
    assertThat(reveal("$${secret:default/user}")).isEqualTo("${secret:default/user}");
  }

  @Test
  void eachReveal_readsAnew() {
    SecretTemplate<String> references = SecretTemplate.in("Bearer ${secret:api-keys/token}");
    assertThat(references.reveal(secretManager)).isEqualTo("Bearer t0ken");

    store.put("api-keys", "token", "next");
    secretManager.refresh("api-keys", "token");

    assertThat(references.reveal(secretManager)).isEqualTo("Bearer next");
  }

  @Test
  void aReferenceInAValue_isNotResolved() {
    store.put("api-keys", "token", "${secret:default/password}$${secret:x");

    assertThat(reveal("${secret:api-keys/token}"))
        .isEqualTo("${secret:default/password}$${secret:x");
  }

  @Test
  void map_isFilledAtAnyDepth_andTheRestStaysAsItIs() {
    Map<String, Object> configuration = new LinkedHashMap<>();
    configuration.put("url", "https://host/?user=${secret:default/user}");
    configuration.put("client_secret", Map.of("vault_name", "default", "secret_name", "password"));
    configuration.put(
        "headers",
        List.of(Map.of("vault", "api-keys", "key", "token"), "plain", 7, Set.of("$${secret:")));
    configuration.put("nothing", null);
    configuration.put("typed", SecretRef.of("default", "user"));

    Map<String, Object> filled = SecretTemplate.in(configuration).reveal(secretManager);

    Map<String, Object> expected = new LinkedHashMap<>();
    expected.put("url", "https://host/?user=app");
    expected.put("client_secret", "made-up");
    expected.put("headers", List.of("t0ken", "plain", 7, Set.of("${secret:")));
    expected.put("nothing", null);
    expected.put("typed", "app");
    assertThat(filled).isEqualTo(expected).isUnmodifiable();
    assertThat(new ArrayList<>(filled.keySet())).containsExactlyElementsOf(configuration.keySet());
    assertThat(configuration.get("client_secret")).as("the original").isInstanceOf(Map.class);
  }

  @Test
  void configuration_isCopied() {
    Map<String, Object> configuration = new HashMap<>(Map.of("a", "${secret:default/user}"));
    SecretTemplate<Map<String, Object>> references = SecretTemplate.in(configuration);
    configuration.put("a", "${secret:default/password}");

    assertThat(references.reveal(secretManager)).isEqualTo(Map.of("a", "app"));
  }

  @Test
  void properties_areFilled_withTheirDefaults_andAreTheCallersOwn() {
    Properties defaults = new Properties();
    defaults.setProperty("db.user", "${secret:default/user}");
    defaults.setProperty("db.password", "unused");
    Properties properties = new Properties(defaults);
    properties.setProperty("db.password", "${secret:default/password}");
    properties.put("timeout", 5);

    Properties filled = SecretTemplate.in(properties).reveal(secretManager);

    assertThat(filled)
        .containsOnly(
            Map.entry("db.user", "app"),
            Map.entry("db.password", "made-up"),
            Map.entry("timeout", 5));
    filled.setProperty("db.user", "another");
    assertThat(properties.getProperty("db.user")).isEqualTo("${secret:default/user}");
  }

  @Test
  void eachVault_isAskedOnce_withAllItsNames() {
    StubBackend backend = new StubBackend().with("one", "1").with("two", "2").with("three", "3");
    try (SecretManager manager = SecretManagers.open(backend)) {
      String filled = SecretTemplate.in("${secret:aaa/one}${secret:bbb/two}${secret:aaa/three}"
              + "${secret:aaa/one}${secret:bbb/two}")
          .reveal(manager);

      assertThat(filled).isEqualTo("12312");
      assertThat(backend.fetches).containsExactly(Set.of("one", "three"), Set.of("two"));
    }
  }

  @Test
  void textWithoutReferences_asksNothing() {
    StubBackend backend = new StubBackend();
    try (SecretManager manager = SecretManagers.open(backend)) {
      assertThat(SecretTemplate.in("plain").reveal(manager)).isEqualTo("plain");
      assertThat(backend.calls()).isZero();
    }
  }

  @Test
  void missingSecret_isNamed_andSoIsWhatOfItIsMissing() {
    assertThatExceptionOfType(SecretNotFoundException.class)
        .isThrownBy(() -> reveal("${secret:default/user}${secret:default/nothing}"))
        .withMessageContaining("default/nothing")
        .satisfies(e -> assertThat(e.missing()).isEqualTo(Missing.SECRET));
    assertThatExceptionOfType(SecretNotFoundException.class)
        .isThrownBy(() -> reveal("${secret:no-vault/user}"))
        .satisfies(e -> assertThat(e.missing()).isEqualTo(Missing.VAULT));
  }

  @Test
  void oneFailure_failsTheWhole_thoughOthersHaveValues() {
    StubBackend backend = new StubBackend()
        .with("one", "1")
        .failing("two", new SecretUnavailableException("aaa/two can't be reached"));
    try (SecretManager manager = SecretManagers.open(backend)) {
      assertThatExceptionOfType(SecretUnavailableException.class)
          .isThrownBy(
              () -> SecretTemplate.in("${secret:aaa/one}${secret:aaa/two}").reveal(manager))
          .withMessage("aaa/two can't be reached");
    }
  }

  @Test
  void undeclaredSecret_isRefused() {
    SecretDefinition declared =
        SecretDefinition.defineSecret("default").secret("user", "Who logs in").build();
    try (SecretManager manager =
        SecretManagers.builder(store).keepBackendOpen().declaredOnly(declared).build()) {
      assertThatExceptionOfType(SecretAccessDeniedException.class)
          .isThrownBy(() -> SecretTemplate.in("${secret:default/user}${secret:default/password}")
              .reveal(manager))
          .withMessageContaining("default/password");
    }
  }

  @Test
  void valueThatIsNoText_isNamed() {
    try (SecretValue binary = SecretValue.copyOf(new byte[] {(byte) 0xff})) {
      store.createSecret("default", "binary", binary);
    }

    assertThatExceptionOfType(SecretEncodingException.class)
        .isThrownBy(() -> reveal("${secret:default/binary}"))
        .withMessageContaining("default/binary");
  }

  @Test
  void staleValue_standsInDuringAnOutage() {
    AtomicLong now = new AtomicLong();
    StubBackend backend = new StubBackend().with("one", "1");
    try (SecretManager manager =
        SecretManagers.builder(backend).ticker(now::get).build()) {
      SecretTemplate<String> references = SecretTemplate.in("${secret:aaa/one}");
      assertThat(references.reveal(manager)).isEqualTo("1");
      backend.failing("one", new SecretUnavailableException("down"));
      now.addAndGet(600_000_000_000L);

      assertThat(references.reveal(manager)).isEqualTo("1");
    }
  }

  @Test
  void closedManager_isAMistake() {
    secretManager.close();

    assertThatIllegalStateException().isThrownBy(() -> reveal("${secret:default/user}"));
  }

  @Test
  void setOfReferencesToOneValue_hasItOnce() {
    Set<Object> set = new LinkedHashSet<>(Arrays.asList("${secret:default/user}", "app"));

    assertThat(SecretTemplate.in(Map.of("set", set)).reveal(secretManager))
        .isEqualTo(Map.of("set", Set.of("app")));
  }

  private String reveal(String text) {
    return SecretTemplate.in(text).reveal(secretManager);
  }
}
