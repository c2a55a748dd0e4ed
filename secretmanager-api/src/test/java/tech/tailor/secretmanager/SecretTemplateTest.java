package tech.tailor.secretmanager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SecretTemplateTest {

  private static final SecretRef TOKEN = SecretRef.of("api-keys", "token");
  private static final SecretRef OTHER = SecretRef.of("default", "other");

  @Test
  void referencesInText_areFoundOnceEach_inOrder() {
    SecretTemplate<String> references = SecretTemplate.in(
        "a ${secret:api-keys/token} b ${secret:default/other}" + "${secret:api-keys/token}${HOME}");

    assertThat(references.refs()).containsExactly(TOKEN, OTHER);
    assertThat(references).hasToString("SecretTemplate[api-keys/token, default/other]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Bearer",
        "${HOME}",
        "$${HOME}",
        "{secret:api-keys/token}",
        "$${secret:api-keys/token}",
        "$$$${secret:api-keys/token}",
        "$${secret:",
        "${SECRET:api-keys/token}",
        "${ secret:api-keys/token}",
        "${secret",
        "${"
      })
  void textWithoutReference_hasNone(String text) {
    assertThat(SecretTemplate.in(text).refs()).isEmpty();
    assertThat(SecretTemplate.whole(text)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "${secret:                     | not closed    | ${secret:…",
        "${secret:api-keys/token       | not closed    | ${secret:…",
        "${secret:}                    | no \"/\"      | ${secret:}",
        "${secret:token}               | no \"/\"      | ${secret:token}",
        "${secret:/token}              | [a-z0-9]      | ${secret:/token}",
        "${secret:api-keys/}           | [a-z0-9]      | ${secret:api-keys/}",
        "${secret:api-keys/a/b}        | [a-z0-9]      | ${secret:api-keys/a/b}",
        "${secret:API/token}           | [a-z0-9]      | ${secret:API/token}",
        "${secret:api_keys/token}      | [a-z0-9]      | ${secret:api_keys/token}",
        "${secret:api-keys/token:-x}   | at index 40   | ${secret:…",
        "${secret:api-keys/ token}     | at index 35   | ${secret:…",
        "${secret:${secret:a/b}}       | at index 26   | ${secret:…",
      })
  void malformedReference_isRefused_withItsPlaceAndTheRule(
      String text, String rule, String quoted) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SecretTemplate.in("password=hunter2 " + text))
        .withMessageContaining("\"" + quoted + "\" at index 17: ")
        .withMessageContaining(rule)
        .withMessageContaining("A reference is ${secret:VAULT/NAME}")
        .withMessageContaining("write $${secret:")
        .withMessageNotContaining("hunter2")
        .withNoCause();
  }

  @Test
  void whatFollowsAReferenceThatIsNotClosed_isNotShown() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SecretTemplate.in("${secret:db/user:hunter2@host}"))
        .withMessageNotContaining("hunter2");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SecretTemplate.in("${secret:db/user-hunter2"))
        .withMessageNotContaining("hunter2");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SecretTemplate.in("${secret:" + "a".repeat(10_000) + "}"))
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(500));
  }

  @Test
  void placeInAMap_isNamed_withoutWhatCouldForgeALine() {
    Map<String, Object> servers = Map.of(
        "servers", List.of("fine", Map.of("pass\nword", "x${secret:nothing}", "port", 5432)));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> SecretTemplate.in(servers))
        .withMessageContaining("\"${secret:nothing}\" at index 1 of servers[1].pass?word: ");
  }

  @Test
  void objects_ofBothForms_areReferences_andSoIsARef() {
    Map<String, Object> configuration = Map.of(
        "client_secret", Map.of("vault_name", "default", "secret_name", "other"),
        "headers", Map.of("Authorization", Map.of("vault", "api-keys", "key", "token")),
        "typed", OTHER);

    assertThat(SecretTemplate.in(configuration).refs()).containsExactlyInAnyOrder(TOKEN, OTHER);
  }

  @Test
  void objectsThatOnlyLookAlike_areNone() {
    List<Map<String, ?>> others = List.of(
        Map.of("vault", "api-keys"),
        Map.of("vault", "api-keys", "key", 7),
        Map.of("vault", "api-keys", "secret_name", "token"),
        Map.of("vault", "api-keys", "key", "token", "kind", "jewels"));

    assertThat(SecretTemplate.in(Map.of("others", others)).refs()).isEmpty();
    others.forEach(other -> assertThat(SecretTemplate.whole(other)).isEmpty());
  }

  @Test
  void malformedObject_isRefused_withoutWhatItHolds() {
    Map<String, ?> signing = Map.of("signing", Map.of("vault", "acme", "key", "MIIE hunter2"));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> SecretTemplate.in(signing))
        .withMessageStartingWith("Invalid reference at signing: \"vault\" and \"key\" must match")
        .withMessageNotContaining("hunter2")
        .withNoCause();
  }

  @Test
  void keysAreNotLookedAt_whateverTheyAre() {
    Map<Object, Object> odd = new HashMap<>();
    odd.put(null, "${secret:api-keys/token}");
    odd.put(7, List.of());
    odd.put("${secret:", null);

    assertThat(SecretTemplate.in(Map.of("odd", odd)).refs()).containsExactly(TOKEN);
  }

  @Test
  void mapThatIsItselfAReference_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SecretTemplate.in(Map.of("vault", "api-keys", "key", "token")))
        .withMessageContaining("SecretTemplate.whole");
  }

  @Test
  void array_isRefused_ratherThanLeftUnresolved() {
    Map<String, ?> arrays = Map.of("urls", new String[] {"${secret:api-keys/token}"});

    assertThatIllegalArgumentException()
        .isThrownBy(() -> SecretTemplate.in(arrays))
        .withMessageContaining("an array at \"urls\"")
        .withMessageContaining("use a List");
  }

  @Test
  void configurationThatHoldsItself_isRefused() {
    List<Object> list = new ArrayList<>();
    list.add(list);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> SecretTemplate.in(Map.of("list", list)))
        .withMessageContaining("does it hold itself?");
  }

  @Test
  void configurationThatGrowsByHoldingTheSameTwice_isRefused() {
    List<Object> doubled = List.of();
    for (int i = 0; i < 50; i++) {
      doubled = List.of(doubled, doubled);
    }
    Map<String, ?> bomb = Map.of("bomb", doubled);

    assertThatIllegalArgumentException().isThrownBy(() -> SecretTemplate.in(bomb));
  }

  @Test
  void propertiesAndTheirDefaults_areLookedAt() {
    Properties defaults = new Properties();
    defaults.setProperty("token", "${secret:api-keys/token}");
    Properties properties = new Properties(defaults);
    properties.setProperty("other", "${secret:default/other}");

    assertThat(SecretTemplate.in(properties).refs()).containsExactlyInAnyOrder(TOKEN, OTHER);
    properties.setProperty("bad", "${secret:");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SecretTemplate.in(properties))
        .withMessageContaining("at index 0 of bad");
  }

  @Test
  void whole_takesEachForm_andNothingAround() {
    assertThat(SecretTemplate.whole("${secret:api-keys/token}")).contains(TOKEN);
    assertThat(SecretTemplate.whole(Map.of("vault", "api-keys", "key", "token")))
        .contains(TOKEN);
    assertThat(SecretTemplate.whole(
            Map.of("vault_name", "default", "secret_name", new StringBuilder("other"))))
        .contains(OTHER);
    assertThat(SecretTemplate.whole(TOKEN)).contains(TOKEN);
    assertThat(SecretTemplate.whole("Bearer ${secret:api-keys/token}")).isEmpty();
    assertThat(SecretTemplate.whole("${secret:api-keys/token}${secret:api-keys/token}"))
        .isEmpty();
    assertThat(SecretTemplate.whole(7)).isEmpty();
    assertThatIllegalArgumentException().isThrownBy(() -> SecretTemplate.whole("${secret:"));
  }

  @ParameterizedTest
  @CsvSource({
    "plain $ ${HOME},               plain $ ${HOME}",
    "{secret:,                      {secret:",
    "${secret:a/b},                 $${secret:a/b}",
    "$${secret:$$${secret:,         $$$${secret:$$$$$${secret:",
  })
  void escape_doublesTheDollarsThatCount(String literal, String escaped) {
    assertThat(SecretTemplate.escape(literal)).isEqualTo(escaped);
    assertThat(SecretTemplate.in(escaped).refs()).isEmpty();
  }

  @Test
  void refs_cannotBeChanged() {
    Set<SecretRef> refs = SecretTemplate.in("${secret:api-keys/token}").refs();

    assertThat(refs).isUnmodifiable();
  }
}
