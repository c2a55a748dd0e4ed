package tech.tailor.secretmanager.testing.junit5;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;
import org.junit.platform.testkit.engine.Events;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.testing.FakeSecretManager;

/** Secrets from files, and from an extension that is registered in code. */
class WithSecretsTest {

  @Test
  void fileBesideTheClass_andAtTheRoot() {
    assertAllPass(FromFiles.class, 6);
  }

  @WithSecrets("greetings.properties")
  static class FromFiles {
    @Test
    void ofTheClass(SecretManager secretManager) {
      assertThat(text(secretManager, "default", "greeting")).isEqualTo("from the file");
      assertThat(text(secretManager, "default", "farewell")).isEqualTo("bye, ü and \t tab");
      assertThat(text(secretManager, "other-vault", "greeting")).isEqualTo("ünïcode");
    }

    @Test
    @WithSecrets("/root-secrets.properties")
    void ofTheMethodToo(SecretManager secretManager) {
      assertThat(text(secretManager, "default", "root-secret")).isEqualTo("from the root");
      assertThat(text(secretManager, "default", "greeting")).isEqualTo("from the file");
    }

    @Test
    @WithSecrets("byte-order-mark.properties")
    void asWindowsSavesIt(SecretManager secretManager) {
      assertThat(text(secretManager, "default", "greeting")).isEqualTo("gr\u00fc\u00df");
    }

    @Test
    @WithSecrets("bytes.properties")
    void bytes(SecretManager secretManager) {
      assertThat(bytesOf(secretManager, "binary")).containsExactly(0, -1, -2, -128);
      assertThat(bytesOf(secretManager, "empty")).isEmpty();
      assertThat(text(secretManager, "default", "plain")).isEqualTo("AP/+gA==");
    }

    @Test
    @WithSecret(vault = "default", name = "greeting", value = "of the method")
    void annotationWins(SecretManager secretManager) {
      assertThat(text(secretManager, "default", "greeting")).isEqualTo("of the method");
    }

    @Nested
    @WithSecrets("/root-secrets.properties")
    @WithSecrets("greetings.properties")
    class Inner {
      @Test
      void several(SecretManager secretManager) {
        assertThat(text(secretManager, "default", "root-secret")).isEqualTo("from the root");
        assertThat(text(secretManager, "default", "greeting")).isEqualTo("from the file");
      }
    }
  }

  @Test
  void badFiles_failTheTest_withTheRule() {
    assertThat(failures(run(BadFiles.class)))
        .containsExactlyInAnyOrder(
            "There is no file \"not-there.properties\" beside " + BadFiles.class.getName()
                + " on the class path; put it into the same package under src/test/resources, or"
                + " begin its name with a slash for the root of the class path",
            "The file \"utf-16.properties\" is not UTF-8, which it must be; an editor saves it as"
                + " that",
            "The file \"latin-1.properties\" is not UTF-8, which it must be; an editor saves it as"
                + " that",
            "The file \"decoded-with-loss.properties\" holds U+FFFD, which stands for what was lost"
                + " when somebody decoded it; write again what stood there",
            "The secret default/greeting is in twice.properties twice; leave one of the two",
            "A line in slashless.properties has no slash before its value; write vault/name ="
                + " value",
            "A line in pasted.properties has no slash before its value; write vault/name = value",
            "A line in pasted-with-slash.properties has no vault/name before its value, of which"
                + " each must match ^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$; write vault/name = value",
            "There is no file \"\" beside " + BadFiles.class.getName()
                + " on the class path; put it into the same package under src/test/resources, or"
                + " begin its name with a slash for the root of the class path",
            "The file \"windows-path.properties\" has a \\u without four hexadecimal digits after"
                + " it; write a backslash as two",
            "The value of default/binary in no-base64.properties must be Base64 (RFC 4648, without"
                + " spaces or line breaks) of at most 131072 bytes",
            "The secret default/greeting is in twice-as-bytes.properties twice; leave one of the"
                + " two",
            "The value of default/greeting in half-a-pair.properties can't be one: "
                + unpairedSurrogate());
  }

  /** What the rule of a value's text says, whichever way the text is given. */
  private static String unpairedSurrogate() {
    try {
      return SecretValue.of("\ud800").toString();
    } catch (IllegalArgumentException e) {
      return e.getMessage();
    }
  }

  static class BadFiles {
    @Test
    @WithSecrets("")
    void unnamed(SecretManager secretManager) {}

    @Test
    @WithSecrets("windows-path.properties")
    void windowsPath(SecretManager secretManager) {}

    @Test
    @WithSecrets("no-base64.properties")
    void noBase64(SecretManager secretManager) {}

    @Test
    @WithSecrets("twice-as-bytes.properties")
    void twiceAsBytes(SecretManager secretManager) {}

    @Test
    @WithSecrets("half-a-pair.properties")
    void halfAPair(SecretManager secretManager) {}

    @Test
    @WithSecrets("not-there.properties")
    void missing(SecretManager secretManager) {}

    @Test
    @WithSecrets("utf-16.properties")
    void ofPowerShell(SecretManager secretManager) {}

    @Test
    @WithSecrets("latin-1.properties")
    void ofAnotherEncoding(SecretManager secretManager) {}

    @Test
    @WithSecrets("decoded-with-loss.properties")
    void decodedWithLoss(SecretManager secretManager) {}

    @Test
    @WithSecrets("twice.properties")
    void twice(SecretManager secretManager) {}

    @Test
    @WithSecrets("slashless.properties")
    void slashless(SecretManager secretManager) {}

    /** A value of several lines, whose lines are not to be quoted. */
    @Test
    @WithSecrets("pasted.properties")
    void pasted(SecretManager secretManager) {}

    @Test
    @WithSecrets("pasted-with-slash.properties")
    void pastedWithSlash(SecretManager secretManager) {}
  }

  @Test
  void registeredExtension_addsUpWithOthers_andWithAnnotations() {
    assertAllPass(Registered.class, 3);
    assertAllPass(RegisteredInASubclass.class, 4);
  }

  @WithSecret(vault = "default", name = "third-name", value = "annotated")
  static class Registered {
    @RegisterExtension
    static final SecretManagerExtension SHARED = SecretManagerExtension.builder()
        .secret("default", "greeting", "shared")
        .secret("default", "third-name", "shared")
        .secretsFrom("/root-secrets.properties")
        .settings(client -> client.maxStale(java.time.Duration.ZERO))
        .build();

    @RegisterExtension
    final SecretManagerExtension own =
        SecretManagerExtension.builder().secret("default", "greeting", "own").build();

    @Test
    void allOfThem(SecretManager secretManager, FakeSecretManager fake) {
      assertThat(secretManager).isSameAs(fake);
      assertThat(text(secretManager, "default", "greeting")).isEqualTo("own");
      assertThat(text(secretManager, "default", "third-name")).isEqualTo("annotated");
      assertThat(text(secretManager, "default", "root-secret")).isEqualTo("from the root");
    }

    @Test
    void settingsOfTheClient(FakeSecretManager fake) {
      assertThat(text(fake, "default", "greeting")).isEqualTo("own");
      fake.backend().failWithUnavailable();
      fake.advance(java.time.Duration.ofMinutes(5));
      org.assertj.core.api.Assertions.assertThatThrownBy(() -> text(fake, "default", "greeting"))
          .isInstanceOf(SecretUnavailableException.class);
    }

    @Nested
    class Inner {
      @Test
      void inherits(SecretManager secretManager) {
        assertThat(text(secretManager, "default", "greeting")).isEqualTo("own");
      }
    }
  }

  static class RegisteredInASubclass extends Registered {
    @RegisterExtension
    final SecretManagerExtension another = SecretManagerExtension.builder()
        .secret("default", "fourth-name", "another")
        .build();

    @Test
    void inheritsToo(SecretManager secretManager) {
      assertThat(text(secretManager, "default", "greeting")).isEqualTo("own");
      assertThat(text(secretManager, "default", "fourth-name")).isEqualTo("another");
    }
  }

  @Test
  void bytes_areGivenByAnnotationsAndByTheExtension() {
    assertAllPass(Bytes.class, 2);
    assertThat(failures(run(BadBytes.class)))
        .containsExactly("The value of default/binary in @WithSecret must be Base64 (RFC 4648,"
            + " without spaces or line breaks) of at most 131072 bytes");
  }

  @WithSecret(vault = "default", name = "annotated", value = "AP/+gA==", base64 = true)
  static class Bytes {
    @RegisterExtension
    static final SecretManagerExtension SECRETS = SecretManagerExtension.builder()
        .secret("default", "registered", new byte[] {3, -3})
        .build();

    @Test
    void inTheFake(SecretManager secretManager) {
      assertThat(bytesOf(secretManager, "annotated")).containsExactly(0, -1, -2, -128);
      assertThat(bytesOf(secretManager, "registered")).containsExactly(3, -3);
    }

    @Test
    @WithSecret(vault = "default", name = "annotated", value = "text")
    void nearestWins(SecretManager secretManager) {
      assertThat(text(secretManager, "default", "annotated")).isEqualTo("text");
    }
  }

  static class BadBytes {
    @Test
    @WithSecret(vault = "default", name = "binary", value = "no base64!", base64 = true)
    void unreachable(SecretManager secretManager) {}
  }

  @Test
  void oneInstanceForAllTests_hasAFakeForEach() {
    assertAllPass(PerClass.class, 4);
  }

  @TestInstance(TestInstance.Lifecycle.PER_CLASS)
  @WithSecret(vault = "default", name = "greeting", value = "hello")
  static class PerClass {
    @RegisterExtension
    final SecretManagerExtension registered =
        SecretManagerExtension.builder().secret("default", "farewell", "bye").build();

    private final List<FakeSecretManager> given = new ArrayList<>();

    @ParameterizedTest
    @ValueSource(strings = {"one", "two", "three"})
    void parameterised(String argument, FakeSecretManager fake) {
      assertUntouched(fake);
    }

    @Test
    void plain(FakeSecretManager fake) {
      assertUntouched(fake);
    }

    private void assertUntouched(FakeSecretManager fake) {
      assertThat(given).doesNotContain(fake);
      given.add(fake);
      assertThat(text(fake, "default", "greeting")).isEqualTo("hello");
      assertThat(text(fake, "default", "farewell")).isEqualTo("bye");
      assertThat(fake.reads()).hasSize(2);
      fake.put("default", "greeting", "changed");
    }
  }

  @Test
  void displayNames_showNoValue() {
    Events tests = run(ValuesAsArguments.class);
    tests.assertStatistics(stats -> stats.succeeded(2));
    assertThat(tests.started().stream().map(event -> event.getTestDescriptor().getDisplayName()))
        .containsExactly("[1] SecretValue[redacted]", "[2] default/greeting");
  }

  static class ValuesAsArguments {
    static List<Object> arguments() {
      return List.of(
          SecretValue.of("made up and not shown"),
          tech.tailor.secretmanager.SecretRef.of("default", "greeting"));
    }

    @ParameterizedTest(name = "[{index}] {0}")
    @MethodSource("arguments")
    void takes(Object argument) {
      assertThat(argument).isNotNull();
    }
  }

  private static Events run(Class<?> type) {
    return EngineTestKit.engine("junit-jupiter")
        .selectors(selectClass(type))
        .execute()
        .testEvents();
  }

  private static void assertAllPass(Class<?> type, int tests) {
    Events events = run(type);
    assertThat(failures(events)).isEmpty();
    events.assertStatistics(stats -> stats.started(tests).succeeded(tests));
  }

  private static List<String> failures(Events tests) {
    List<String> messages = new ArrayList<>();
    for (Event event : tests.failed().list()) {
      Throwable thrown =
          event.getRequiredPayload(TestExecutionResult.class).getThrowable().orElseThrow();
      messages.add(
          thrown instanceof ParameterResolutionException && thrown.getCause() != null
              ? thrown.getCause().getMessage()
              : thrown.getMessage());
    }
    return messages;
  }

  private static byte[] bytesOf(SecretManager secretManager, String name) {
    return secretManager.withSecret("default", name, value -> value.withBytes(byte[]::clone));
  }

  private static String text(SecretManager secretManager, String vault, String name) {
    return secretManager.withSecret(vault, name, SecretValue::revealString);
  }
}
