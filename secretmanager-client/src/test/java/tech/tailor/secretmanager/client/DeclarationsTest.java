package tech.tailor.secretmanager.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static tech.tailor.secretmanager.SecretDefinition.defineSecret;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.SecretAccessDeniedException;
import tech.tailor.secretmanager.SecretBundle;
import tech.tailor.secretmanager.SecretDefinition;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretShape;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.SecretVerificationException;

class DeclarationsTest {

  private final StubBackend backend =
      new StubBackend().with("one", "value-1").with("two", "value-2");

  private final SecretDefinition definition = defineSecret("default")
      .secret("one", "The first")
      .secret("maybe", secret -> secret.description("Only sometimes").optional())
      .build();

  @Test
  void declaredSecrets_areVerifiedAndReadable() {
    try (SecretManager manager =
        SecretManagers.builder(backend).declaredOnly(definition).build()) {
      assertThat(backend.fetches).containsExactly(Set.of("one"));
      assertThat(manager.<String, RuntimeException>withSecret(
              definition.ref("one"), SecretValue::revealString))
          .isEqualTo("value-1");
      assertThat(manager.getSecret("default", "maybe")).isEmpty();
      assertThat(backend.fetches).hasSize(2);
    }
  }

  @Test
  void undeclaredSecrets_areRefusedUnasked() throws Exception {
    try (SecretManager manager =
        SecretManagers.builder(backend).declaredOnly(definition).build()) {
      assertThatExceptionOfType(SecretAccessDeniedException.class)
          .isThrownBy(() -> manager.getSecret("default", "two"))
          .withMessageContaining("default/two")
          .withMessageContaining("not declared");
      assertThat(manager.getSecretAsync("default", "two"))
          .failsWithin(10, TimeUnit.SECONDS)
          .withThrowableThat()
          .withCauseInstanceOf(SecretAccessDeniedException.class);
      try (SecretBundle bundle = manager.getSecrets("default", List.of("one", "two"))) {
        assertThat(bundle.names()).containsExactly("one");
        assertThat(bundle.failures().get("two")).isInstanceOf(SecretAccessDeniedException.class);
      }
      assertThatExceptionOfType(SecretAccessDeniedException.class)
          .isThrownBy(() -> manager.refresh("default", "two"))
          .withMessageContaining("not declared");
    }
    assertThat(backend.fetches).containsExactly(Set.of("one"));
  }

  @Test
  void everythingWrong_isInOneException_andTheBackendClosed() {
    SecretDefinition more =
        defineSecret("others").secret("down", "Of another vault").build();
    backend.without("one").failing("down", new SecretUnavailableException("no route"));

    assertThatExceptionOfType(SecretVerificationException.class)
        .isThrownBy(
            () -> SecretManagers.builder(backend).declaredOnly(definition, more).build())
        .withMessageContaining("default/one (The first): ")
        .withMessageContaining("others/down (Of another vault): no route")
        .satisfies(e -> assertThat(e.problems())
            .extracting(SecretVerificationException.Problem::ref)
            .containsExactly(SecretRef.of("default", "one"), SecretRef.of("others", "down")));
    assertThat(backend.closed).isTrue();
  }

  @Test
  void valueThatIsNotAsDeclared_isAProblem_alsoOfAnOptionalSecret() {
    SecretDefinition shaped = defineSecret("default")
        .secret("one", secret -> secret.description("The first").shape(SecretShape.json()))
        .secret("two", secret -> secret.optional().shape(SecretShape.uri()))
        .secret("none", secret -> secret.optional().shape(SecretShape.uri()))
        .build();

    assertThatExceptionOfType(SecretVerificationException.class)
        .isThrownBy(() -> SecretManagers.builder(backend).declaredOnly(shaped).build())
        .withMessageContaining("default/one (The first): ")
        .withMessageContaining("it must be JSON; to do: ")
        .withMessageContaining("default/two: ")
        .satisfies(e -> assertThat(e.problems())
            .extracting(SecretVerificationException.Problem::kind)
            .containsOnly(SecretVerificationException.Kind.MALFORMED))
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("value-1"));
  }

  @Test
  void declaredTimeToLive_takesEffect_unlessTheBuilderSaysOtherwise() {
    AtomicLong now = new AtomicLong();
    SecretDefinition timed = defineSecret("default")
        .secret("one", secret -> secret.timeToLive(Duration.ofSeconds(10)))
        .secret("two", secret -> secret.timeToLive(Duration.ofSeconds(10)))
        .build();
    try (SecretManager manager = SecretManagers.builder(backend)
        .timeToLive(SecretRef.of("default", "two"), Duration.ofSeconds(60))
        .refreshAhead(Duration.ZERO)
        .declaredOnly(timed)
        .ticker(now::get)
        .build()) {
      backend.fetches.clear();
      now.addAndGet(Duration.ofSeconds(11).toNanos());
      manager.requireSecret("default", "one").close();
      manager.requireSecret("default", "two").close();
      assertThat(backend.fetches).containsExactly(Set.of("one"));

      now.addAndGet(Duration.ofSeconds(50).toNanos());
      manager.requireSecret("default", "two").close();
      assertThat(backend.fetches).containsExactly(Set.of("one"), Set.of("two"));
    }
  }

  @Test
  void oneVaultInTwoDefinitions_isOneCall() {
    SecretDefinition more = defineSecret("default").secret("two", "The second").build();
    SecretManagers.builder(backend).declaredOnly(definition, more).build().close();

    assertThat(backend.fetches).containsExactly(Set.of("one", "two"));
  }

  @Test
  void errorInTheBackend_isAFailure_whichLeavesItClosed_andAFailingCloseHidesNothing() {
    backend.beforeAnswer = () -> {
      throw new StackOverflowError("of the backend");
    };
    backend.beforeClose = () -> {
      throw new SecretUnavailableException("can't close");
    };

    assertThatExceptionOfType(SecretVerificationException.class)
        .isThrownBy(
            () -> SecretManagers.builder(backend).declaredOnly(definition).build())
        .satisfies(e -> assertThat(e.getSuppressed())
            .extracting(Throwable::getMessage)
            .contains("can't close")
            .noneMatch(message -> message.contains("of the backend")));
    assertThat(backend.closed).isTrue();
  }

  @Test
  void noDefinition_isAMistake() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SecretManagers.builder(backend).declaredOnly());
  }
}
