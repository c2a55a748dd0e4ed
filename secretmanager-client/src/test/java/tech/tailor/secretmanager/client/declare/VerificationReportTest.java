package tech.tailor.secretmanager.client.declare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static tech.tailor.secretmanager.SecretDefinition.defineSecret;

import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.SecretAccessDeniedException;
import tech.tailor.secretmanager.SecretDefinition;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretPreconditionException;
import tech.tailor.secretmanager.SecretShape;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretVerificationException;
import tech.tailor.secretmanager.SecretVerificationException.Kind;
import tech.tailor.secretmanager.SecretVerificationException.Problem;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.client.StubBackend;

class VerificationReportTest {

  private final StubBackend backend = new StubBackend()
      .with("fine", "{}")
      .with("malformed", "made-up")
      .with("optional-malformed", "made-up")
      .failing("denied", new SecretAccessDeniedException("You may not read it"))
      .failing("unreachable", new SecretUnavailableException("no route"))
      .failing("unusable", new SecretPreconditionException("It is disabled"))
      .failing("optional-denied", new SecretAccessDeniedException("You may not read it"));

  private final SecretDefinition definition = defineSecret("default")
      .secret("fine", secret -> secret.shape(SecretShape.json()))
      .secret("missing", "The missing one")
      .secret("denied", "The denied one")
      .secret(
          "malformed",
          secret -> secret
              .description("The wrong one")
              .shape(SecretShape.json())
              .shape(SecretShape.uri()))
      .secret("unreachable", "The far one")
      .secret("unusable", "The disabled one")
      .secret("optional-missing", secret -> secret.optional().shape(SecretShape.json()))
      .secret("optional-denied", secret -> secret.optional().shape(SecretShape.json()))
      .secret("optional-malformed", secret -> secret.optional().shape(SecretShape.json()))
      .build();

  @Test
  void everythingWrong_isInOneReport() {
    try (SecretManager manager = SecretManagers.open(backend)) {
      VerificationReport report = VerificationReport.of(manager, definition);

      assertThat(report.isVerified()).isFalse();
      assertThat(report.declared()).isEqualTo(9);
      assertThat(report.problems())
          .extracting(Problem::kind)
          .containsExactly(
              Kind.MISSING,
              Kind.DENIED,
              Kind.MALFORMED,
              Kind.UNREACHABLE,
              Kind.UNUSABLE,
              Kind.MALFORMED);
      assertThat(report.toString())
          .startsWith("6 of 9 declared secrets can't be used:\n")
          .contains("\n  default/malformed (The wrong one): malformed\n    The value of the secret"
              + " default/malformed is not as declared: it must be JSON, and it must be an absolute"
              + " URI\n    To do: store a value that is as declared, or change the declaration\n")
          .doesNotContain("made-up");
      assertThat(report.toJson())
          .startsWith("{\"verified\":false,\"declared\":9,\"problems\":[{\"vault\":\"default\","
              + "\"name\":\"missing\",\"description\":\"The missing one\",\"problem\":\"missing\","
              + "\"message\":\"There is no secret default/missing")
          .contains("\"problem\":\"unreachable\",\"message\":\"no route\",\"remedy\":\"check")
          .doesNotContain("made-up");
      assertThatExceptionOfType(SecretVerificationException.class)
          .isThrownBy(report::requireVerified)
          .satisfies(e -> assertThat(e.problems()).isEqualTo(report.problems()));
    }
  }

  @Test
  void allFail_andEachIsInTheReport() {
    SecretDefinition failing =
        defineSecret("default").secret("denied", "1").secret("unreachable", "2").build();
    try (SecretManager manager = SecretManagers.open(backend)) {
      assertThat(VerificationReport.of(manager, failing).problems())
          .extracting(Problem::kind)
          .containsExactly(Kind.DENIED, Kind.UNREACHABLE);
    }
  }

  @Test
  void nothingWrong_isSaid() {
    SecretDefinition fine = defineSecret("default").secret("fine", "It").build();
    SecretDefinition optional =
        defineSecret("default").secret("nowhere", secret -> secret.optional()).build();
    try (SecretManager manager = SecretManagers.open(backend)) {
      VerificationReport report = VerificationReport.of(manager, fine, optional);

      report.requireVerified();
      assertThat(report.isVerified()).isTrue();
      assertThat(report).hasToString("2 declared secrets: no problem");
      assertThat(report.toJson()).isEqualTo("{\"verified\":true,\"declared\":2,\"problems\":[]}");
      assertThat(backend.fetches).hasSize(1);
    }
  }

  @Test
  void undeclaredInTheManager_isDenied() {
    SecretDefinition fine = defineSecret("default").secret("fine", "It").build();
    try (SecretManager manager =
        SecretManagers.builder(backend).declaredOnly(fine).build()) {
      assertThat(VerificationReport.of(manager, definition).problems())
          .extracting(Problem::kind)
          .containsOnly(Kind.DENIED);
    }
  }

  @Test
  void badUse_isRefused() {
    SecretManager manager = SecretManagers.open(backend);
    assertThatIllegalArgumentException().isThrownBy(() -> VerificationReport.of(manager));
    manager.close();
    assertThatIllegalStateException().isThrownBy(() -> VerificationReport.of(manager, definition));
  }
}
