package tech.tailor.secretmanager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
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
  @ValueSource(strings = {"${secret:zone-09/a9z}", "${secret:0az/90-key}", "${secret:a0z/zz-9}"})
  void namesWithEachKindOfCharacter_areFound(String text) {
    assertThat(SecretTemplate.whole(text)).isPresent();
  }

  @Test
  void textThatBeginsWithAnOpeningWithoutDollar_isLookedAtToItsEnd() {
    assertThat(SecretTemplate.in("{secret:a} ${secret:api-keys/token}").refs())
        .containsExactly(TOKEN);
    assertThat(SecretTemplate.escape("{secret:a} ${secret:api-keys/token}"))
        .isEqualTo("{secret:a} $${secret:api-keys/token}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{secret@api-keys/token}",
        "$${secret@api-keys/token}",
        "${secret;api-keys/token}",
        "${SECRET@api-keys/token}",
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
        "${secret@                     | not closed    | ${secret@…",
        "${secret@token}               | no \"/\"      | ${secret@token}",
        "${secret@api_keys/token}      | [a-z0-9]      | ${secret@api_keys/token}",
        "${secret@api-keys/token:-x}   | at index 40   | ${secret@…",
        "${secret@a/${secret:b}}       | at index 28   | ${secret@…",
        "${secret:                     | not closed    | ${secret:…",
        "${secret:api-keys/token       | not closed    | ${secret:…",
        "${secret:}                    | no \"/\"      | ${secret:}",
        "${secret:token}               | no \"/\"      | ${secret:token}",
        "${secret:/token}              | [a-z0-9]      | ${secret:/token}",
        "${secret:api-keys/}           | [a-z0-9]      | ${secret:api-keys/}",
        "${secret:api-keys/a/b}        | [a-z0-9]      | ${secret:api-keys/a/b}",
        "${secret:API/token}           | [a-z0-9]      | ${secret:API/token}",
        "${secret:AZ_09-az/token}      | [a-z0-9]      | ${secret:AZ_09-az/token}",
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
        .withMessageContaining("A reference is ${secret@VAULT/NAME}")
        .withMessageContaining("write $" + quoted.substring(0, "${secret:".length()))
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
  void malformedReference_isShownUpToTheLengthOfTheLongestNames() {
    String longest = "A".repeat(63) + "/" + "b".repeat(63);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> SecretTemplate.in("x".repeat(500) + "${secret:" + longest + "}"))
        .withMessageContaining("\"${secret:" + longest + "}\" at index 500");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SecretTemplate.in("${secret:" + longest + "b}"))
        .withMessageContaining("\"${secret:…\" at index 0");
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
  void spellingWithAnAt_isTheSameReference() {
    SecretManager secretManager = holding(Map.of(TOKEN, "t0ken", OTHER, "made-up"));
    String text = "a ${secret@api-keys/token} b ${secret:default/other} $${secret@ $${secret:";
    Properties properties = new Properties();
    properties.setProperty("token", "${secret@api-keys/token}");

    assertThat(SecretTemplate.in(text).refs()).containsExactly(TOKEN, OTHER);
    assertThat(SecretTemplate.in(text).reveal(secretManager))
        .isEqualTo("a t0ken b made-up ${secret@ ${secret:");
    assertThat(SecretTemplate.in(Map.of("list", List.of("${secret@api-keys/token}")))
            .refs())
        .containsExactly(TOKEN);
    assertThat(SecretTemplate.in(properties).reveal(secretManager))
        .isEqualTo(Map.of("token", "t0ken"));
    assertThat(SecretTemplate.whole("${secret@api-keys/token}")).contains(TOKEN);
    assertThat(SecretTemplate.in(SecretTemplate.escape("$${secret@a/b}")).reveal(secretManager))
        .isEqualTo("$${secret@a/b}");
  }

  @Test
  void textWithAReference_aPartOfWhichWasLost_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            SecretTemplate.in(Map.of("url", "db://p\ufffd:${secret@api-keys/token}@host/hunter2")))
        .withMessageContaining("at url holds U+FFFD")
        .withMessageContaining("LANG=C.UTF-8")
        .withMessageNotContaining("hunter2");
    assertThat(SecretTemplate.in("p\ufffd").refs())
        .as("text without a reference is left alone")
        .isEmpty();
    assertThat(SecretTemplate.in("p\u00e4 ${secret@api-keys/token}").refs()).containsExactly(TOKEN);
  }

  @ParameterizedTest
  @CsvSource({
    "vault, key",
    "vault_name, secret_name",
    "vault_name, secret_key",
    "vaultName, secretKey"
  })
  void objects_ofEachForm_areReferences_andSoIsARef(String vault, String name) {
    Map<String, String> object = Map.of(vault, "api-keys", name, "token");
    Map<String, Object> configuration = Map.of("nested", List.of(object), "typed", OTHER);

    assertThat(SecretTemplate.in(configuration).refs()).containsExactlyInAnyOrder(TOKEN, OTHER);
    assertThat(SecretTemplate.whole(object)).contains(TOKEN);
    assertThat(SecretTemplate.in(configuration)
            .reveal(holding(Map.of(TOKEN, "t0ken", OTHER, "made-up"))))
        .isEqualTo(Map.of("nested", List.of("t0ken"), "typed", "made-up"));
  }

  @ParameterizedTest
  @CsvSource({
    "vault, secret_name",
    "vault, secretKey",
    "vault_name, key",
    "vault_name, secretKey",
    "vaultName, key",
    "vaultName, secret_name",
    "vaultName, secretName"
  })
  void objectWithMembersOfTwoForms_isRefused(String vault, String name) {
    Map<String, String> object = Map.of(vault, "api-keys", name, "hunter2");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> SecretTemplate.in(Map.of("mixed", object)))
        .withMessageStartingWith("Invalid reference at mixed: ")
        .withMessageContaining("\"" + vault + "\" and \"" + name + "\" don't go together")
        .withMessageContaining("vaultName and secretKey")
        .withMessageNotContaining("hunter2");
    assertThatIllegalArgumentException().isThrownBy(() -> SecretTemplate.whole(object));
  }

  @ParameterizedTest
  @MethodSource("objectsThatNobodyWouldResolve")
  void objectThatHoldsAReference_isRefused_ratherThanPassedOn(Object object) {
    Properties properties = new Properties();
    properties.put("object", object);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> SecretTemplate.in(Map.of("list", List.of(object))))
        .withMessageContaining("\"list[0]\"")
        .withMessageNotContaining("hunter2");
    assertThatIllegalArgumentException().isThrownBy(() -> SecretTemplate.in(properties));
    assertThatIllegalArgumentException().isThrownBy(() -> SecretTemplate.whole(object));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SecretTemplate.whole(Map.of("vault", object, "key", "token")));
  }

  static Stream<Object> objectsThatNobodyWouldResolve() {
    record Database(String url) {}
    record Reference(String vaultName, String secretKey) {}
    String reference = "hunter2 ${secret@api-keys/token}";
    return Stream.of(
        new Database(reference),
        new Database("${secret:api-keys/token}"),
        new Database("$${secret:api-keys/token}"),
        new Database("{\"vaultName\": \"api-keys\", \"secretKey\" : \"token\"}"),
        new Reference("api-keys", "token"),
        new Database("Setting(vault_name=api-keys, secret_name=token)"),
        new AtomicReference<>(reference),
        reference.toCharArray(),
        Arguments.of((Object) new Object[] {reference}),
        Optional.of(TOKEN),
        Stream.of(reference),
        List.of(reference).iterator(),
        Map.entry("x", reference),
        (Iterable<String>) () -> List.of(reference).iterator(),
        SecretTemplate.in(reference));
  }

  @Test
  void objectsWithoutReference_stayAsTheyAre() {
    record Drawer(String vault, String key) {}
    Object withoutText = new Object() {
      @Override
      public String toString() {
        throw new IllegalStateException();
      }
    };
    List<Object> objects = List.of(
        7,
        1.5,
        true,
        'c',
        Freshness.fresh(),
        Instant.EPOCH,
        Path.of("a", "b"),
        URI.create("a:b"),
        new byte[] {1},
        "x".toCharArray(),
        UUID.randomUUID(),
        new Drawer("api-keys", "token"),
        withoutText);

    assertThat(SecretTemplate.in(Map.of("objects", objects)).reveal(holding(Map.of())))
        .isEqualTo(Map.of("objects", objects));
    objects.forEach(object -> assertThat(SecretTemplate.whole(object)).isEmpty());
  }

  @Test
  void objectsThatOnlyLookAlike_areNone() {
    List<Map<String, ?>> others = List.of(
        Map.of("vault", "api-keys"),
        Map.of("vault", "api-keys", "key", 7),
        Map.of("vault", "api-keys", "name", "token"),
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
  void configuration_asDeepAndAsLargeAsAllowed_isTaken() {
    Object maps = "${secret:api-keys/token}";
    Object lists = maps;
    for (int depth = 1; depth < 64; depth++) {
      maps = Map.of("deeper", maps);
      lists = List.of(lists);
    }
    for (Object deep : List.of(maps, lists)) {
      assertThat(SecretTemplate.in(Map.of("deep", deep)).refs()).containsExactly(TOKEN);
      for (Object tooDeep : List.of(List.of(deep), Map.of("deeper", deep))) {
        assertThatIllegalArgumentException()
            .isThrownBy(() -> SecretTemplate.in(Map.of("deep", tooDeep)))
            .withMessageContaining("deeper than 64 levels");
      }
    }
    Map<String, ?> large = Map.of("large", Collections.nCopies(99_999, "x")); // and the list
    assertThat(SecretTemplate.in(large).refs()).isEmpty();
    Map<String, ?> tooLarge = Map.of("large", Collections.nCopies(100_000, "x"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SecretTemplate.in(tooLarge))
        .withMessageContaining("larger than 100000 values");
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
    "$${secret@$$${secret:,         $$$${secret@$$$$$${secret:",
    "${secret@a/b},                 $${secret@a/b}",
    "${secret{secret@,              ${secret{secret@",
  })
  void escape_doublesTheDollarsThatCount(String literal, String escaped) {
    assertThat(SecretTemplate.escape(literal)).isEqualTo(escaped);
    assertThat(SecretTemplate.in(escaped).refs()).isEmpty();
  }

  @Test
  void reveal_fillsEachForm() {
    SecretManager secretManager = holding(Map.of(TOKEN, "t0ken", OTHER, "made-up"));
    Properties defaults = new Properties();
    defaults.setProperty("token", "${secret:api-keys/token}");
    Properties properties = new Properties(defaults);
    properties.put("other", "${secret:default/other}");
    properties.put(7, 8);
    Map<String, ?> map = Map.of(
        "list", List.of("a ${secret:api-keys/token} b ${secret:default/other}", 7, TOKEN),
        "set", Set.of(Map.of("vault", "default", "key", "other")));

    assertThat(SecretTemplate.in("a ${secret:api-keys/token} b ${secret:default/other}, c")
            .reveal(secretManager))
        .isEqualTo("a t0ken b made-up, c");
    assertThat(SecretTemplate.in(map).reveal(secretManager))
        .isEqualTo(
            Map.of("list", List.of("a t0ken b made-up", 7, "t0ken"), "set", Set.of("made-up")));
    assertThat(SecretTemplate.in(properties).reveal(secretManager))
        .isEqualTo(Map.of("token", "t0ken", "other", "made-up", 7, 8));
  }

  @Test
  void reveal_ofWhatIsNoText_namesTheSecret() {
    byte[] noText = {(byte) 0xff};
    SecretManager secretManager = answering((vault, names) -> SecretBundle.of(
        vault, names, Map.of(names.get(0), SecretValue.copyOf(noText)), Map.of(), true));

    assertThatExceptionOfType(SecretEncodingException.class)
        .isThrownBy(() -> SecretTemplate.in("${secret:default/other}").reveal(secretManager))
        .withMessageStartingWith("The secret default/other is not UTF-8 text");
  }

  /** A manager that answers {@code getSecrets} alone. */
  private static SecretManager answering(BiFunction<String, List<String>, SecretBundle> answer) {
    return (SecretManager) Proxy.newProxyInstance(
        SecretManager.class.getClassLoader(),
        new Class<?>[] {SecretManager.class},
        (proxy, method, arguments) -> {
          assertThat(method.getName()).isEqualTo("getSecrets");
          Collection<?> names = (Collection<?>) arguments[1];
          return answer.apply(
              (String) arguments[0], names.stream().map(String.class::cast).toList());
        });
  }

  private static SecretManager holding(Map<SecretRef, String> texts) {
    return answering((vault, names) -> SecretBundle.of(
        vault,
        names,
        names.stream()
            .collect(Collectors.toMap(
                name -> name, name -> SecretValue.of(texts.get(SecretRef.of(vault, name))))),
        Map.of(),
        true));
  }

  @Test
  void refs_cannotBeChanged() {
    Set<SecretRef> refs = SecretTemplate.in("${secret:api-keys/token}").refs();

    assertThat(refs).isUnmodifiable();
  }
}
