package tech.tailor.secretmanager.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.SecretHandle;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;

/** A handle that is kept gives the value that is current when it is asked. */
class SecretHandleTest {

  private final StubBackend backend = new StubBackend().with("db-password", "value-1");
  private final SecretManager manager = SecretManagers.open(backend);
  private final SecretHandle handle = manager.handle("default", "db-password");

  @Test
  void givesTheCurrentValue_afterEachRotation() {
    for (int rotation = 1; rotation <= 3; rotation++) {
      backend.with("db-password", "value-" + rotation);
      manager.refresh(handle.ref());

      try (SecretValue value = handle.read()) {
        assertThat(value.revealString()).isEqualTo("value-" + rotation);
      }
      assertThat(handle.<String, RuntimeException>with(SecretValue::revealString))
          .isEqualTo("value-" + rotation);
    }
    assertThat(handle.ref()).isEqualTo(SecretRef.of("default", "db-password"));
  }

  @Test
  void givesTheNextValue_whereTheCurrentOneIsRejected() {
    manager.requireSecret(handle.ref()).close();
    backend.with("db-password", "value-2");

    String accepted = handle.<String, IllegalArgumentException>with(
        value -> {
          if (value.matches("value-1")) {
            throw new IllegalArgumentException("rejected");
          }
          return value.revealString();
        },
        e -> e instanceof IllegalArgumentException);

    assertThat(accepted).isEqualTo("value-2");
  }

  @Test
  void givesNothing_onceItsManagerIsClosed() {
    handle.read().close();
    manager.close();

    assertThatIllegalStateException().isThrownBy(handle::read);
    assertThatIllegalStateException().isThrownBy(() -> handle.with(SecretValue::revealString));
  }
}
