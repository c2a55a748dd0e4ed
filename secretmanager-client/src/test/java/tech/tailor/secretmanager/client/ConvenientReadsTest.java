package tech.tailor.secretmanager.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tech.tailor.secretmanager.Rejection;
import tech.tailor.secretmanager.SecretBundle;
import tech.tailor.secretmanager.SecretConsumer;
import tech.tailor.secretmanager.SecretEncodingException;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretNotFoundException.Missing;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;

/** Uses without a result, reads of what may be missing, several secrets together, JSON. */
class ConvenientReadsTest {

  private static final SecretRef PASSWORD = SecretRef.parse("orders/db-password");

  private final InMemorySecretStore store = InMemorySecretStore.create();
  private final SecretManager manager =
      SecretManagers.builder(store).rejectionTimeout(Duration.ZERO).build();
  private final List<String> logins = new ArrayList<>();

  ConvenientReadsTest() {
    store.createVault("orders");
    store.put("orders", "db-user", "app");
    store.put("orders", "db-password", "old");
  }

  @AfterEach
  void close() {
    manager.close();
  }

  @Test
  void useSecret_lendsWithoutAResult_andWipes() throws IOException {
    SecretValue[] kept = new SecretValue[1];
    manager.useSecret(PASSWORD, value -> {
      kept[0] = value;
      logins.add(value.revealString());
    });
    manager.useSecret("orders", "db-user", value -> logins.add(value.revealString()));
    manager.handle(PASSWORD).use(value -> logins.add(value.revealString()));

    assertThat(logins).containsExactly("old", "app", "old");
    assertThatThrownBy(() -> kept[0].revealString()).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> manager.useSecret(PASSWORD, value -> {
          throw new IOException("of the use");
        }))
        .isInstanceOf(IOException.class)
        .hasMessage("of the use");
    assertThatThrownBy(() -> manager.useSecret("orders", "no-such", value -> {}))
        .isInstanceOf(SecretNotFoundException.class);
  }

  @ParameterizedTest
  @EnumSource
  void useThatIsRejected_isRepeatedWithTheNewValue(Form form) throws SQLException {
    manager.useSecret(PASSWORD, value -> {});
    store.put("orders", "db-password", "new");

    SecretConsumer<SecretValue, SQLException> use = value -> login(value.revealString(), "new");
    Predicate<Exception> isRejected =
        Rejection.when(SQLException.class, e -> "28P01".equals(e.getSQLState()));
    switch (form) {
      case BY_REF -> manager.useSecret(PASSWORD, use, isRejected);
      case BY_NAMES -> manager.useSecret("orders", "db-password", use, isRejected);
      case BY_HANDLE -> manager.handle(PASSWORD).use(use, isRejected);
    }

    assertThat(logins).containsExactly("old", "new");
  }

  /** How a use without a result can be called. */
  private enum Form {
    BY_REF,
    BY_NAMES,
    BY_HANDLE
  }

  @Test
  void rejection_isOfItsTypeAlone() {
    assertThatThrownBy(() -> manager.useSecret(
            PASSWORD,
            value -> {
              logins.add(value.revealString());
              throw new IllegalStateException("another fault");
            },
            Rejection.when(SQLException.class, e -> true)))
        .isInstanceOf(IllegalStateException.class);
    assertThat(logins).containsExactly("old");
  }

  @Test
  void withSecretIfPresent_isEmptyForWhatIsMissing() {
    assertThat(manager.withSecretIfPresent(PASSWORD, SecretValue::revealString)).contains("old");
    assertThat(manager.withSecretIfPresent("orders", "no-such", SecretValue::revealString))
        .isEmpty();
    assertThat(manager.withSecretIfPresent("no-such", "no-such", SecretValue::revealString))
        .isEmpty();
    assertThat(manager.<String, RuntimeException>withSecretIfPresent(PASSWORD, value -> null))
        .isEmpty();
  }

  @Test
  void withSecretIfPresent_passesOnWhatTheUseThrows() {
    assertThatThrownBy(() -> manager.withSecretIfPresent(PASSWORD, value -> {
          throw SecretNotFoundException.vault("of the use");
        }))
        .isInstanceOf(SecretNotFoundException.class)
        .hasMessageContaining("of the use");
  }

  @Test
  void exists_tellsMissingFromUnreadable() {
    assertThat(manager.exists(PASSWORD)).isTrue();
    assertThat(manager.exists("orders", "no-such")).isFalse();
    assertThat(manager.exists("no-such", "db-password")).isFalse();
    StubBackend down =
        new StubBackend().failing("api-key", new SecretUnavailableException("no route"));
    try (SecretManager unreachable = SecretManagers.open(down)) {
      assertThatThrownBy(() -> unreachable.exists("orders", "api-key"))
          .isInstanceOf(SecretUnavailableException.class);
    }
  }

  @Test
  void bundle_requiresWhatMustExist() {
    try (SecretBundle pair =
        manager.getSecretsTogether("orders", List.of("db-user", "db-password", "no-such"))) {
      assertThat(pair.require("db-user").revealString()).isEqualTo("app");
      assertThatThrownBy(() -> pair.require("no-such"))
          .isInstanceOfSatisfying(SecretNotFoundException.class, e -> {
            assertThat(e.missing()).isEqualTo(Missing.SECRET);
            assertThat(e).hasMessageContaining("orders/no-such");
          });
      assertThatThrownBy(() -> pair.require("not-asked"))
          .isInstanceOf(IllegalArgumentException.class);
    }
    try (SecretBundle none = manager.getSecrets("nowhere", List.of("db-user"))) {
      assertThatThrownBy(() -> none.require("db-user"))
          .isInstanceOfSatisfying(
              SecretNotFoundException.class, e -> assertThat(e.missing()).isEqualTo(Missing.VAULT));
    }
  }

  @Test
  void pairThatIsRejected_isReadAgainTogether() throws SQLException {
    assertThat(loginWithPair("app:old")).isEqualTo("logged in");
    store.inOneCommit(changes -> {
      try (SecretValue user = SecretValue.of("app2");
          SecretValue password = SecretValue.of("new")) {
        changes.updateSecret("orders", "db-user", user);
        changes.updateSecret("orders", "db-password", password);
      }
    });

    assertThat(loginWithPair("app2:new")).isEqualTo("logged in");
    assertThat(logins).containsExactly("app:old", "app:old", "app2:new");
  }

  @Test
  void pairOfWhichOnePartIsNew_isAnother() throws SQLException {
    loginWithPair("app:old");
    store.put("orders", "db-password", "new");

    assertThat(loginWithPair("app:new")).isEqualTo("logged in");
    assertThat(logins).containsExactly("app:old", "app:old", "app:new");
  }

  @Test
  void pairThatStaysTheSame_isTriedOnce() {
    assertThatThrownBy(() -> loginWithPair("never")).isInstanceOf(SQLException.class);
    assertThat(logins).containsExactly("app:old");
  }

  @Test
  void pairOfWhichOneIsMissing_isNotUsed() {
    assertThatThrownBy(() -> manager.withSecretsTogether(
            "orders", List.of("db-user", "no-such"), pair -> logins.add("used"), e -> true))
        .isInstanceOf(SecretNotFoundException.class);
    assertThatThrownBy(() ->
            manager.withSecretsTogether("orders", List.of(), pair -> logins.add("used"), e -> true))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(logins).isEmpty();
  }

  @Test
  void jsonField_isLentWithoutTheWhole() {
    store.put(
        "orders",
        "db-login",
        "{\"user\": \"app\", \"password\":\"p\\u00e4ss \\\"w\\\" \\ud83d\\ude00\","
            + " \"port\": 5432, \"inner\": {\"user\": \"x\"}, \"none\": null}");
    assertThat(field("user")).isEqualTo("app");
    assertThat(field("password")).isEqualTo("p\u00e4ss \"w\" \ud83d\ude00");
    assertThat(field("port")).isEqualTo("5432");
    assertThat(field("inner")).isEqualTo("{\"user\": \"x\"}");
    assertThat(field("none")).isEqualTo("null");
    assertThatThrownBy(() -> field("no-such"))
        .isInstanceOf(SecretEncodingException.class)
        .hasMessageContaining("without a member \"no-such\"");
    SecretValue[] kept = new SecretValue[1];
    manager.useSecret(
        "orders", "db-login", value -> value.withJsonField("user", part -> kept[0] = part));
    assertThatThrownBy(() -> kept[0].revealString()).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void jsonField_ofWhatIsNoObject_isRefused_withoutBeingShown() {
    for (String text : new String[] {
      "canary",
      "[\"canary\"]",
      "\"canary\"",
      "{\"user\":\"canary\"",
      "{\"user\":\"canary\"} canary",
      "{\"user\":\"canary\",\"user\":\"canary\"}",
      "{\"user\":\"\\ud800 canary\"}",
      ""
    }) {
      store.put("orders", "db-login", text);
      manager.invalidateAll();
      assertThatThrownBy(() -> field("user"))
          .as(text)
          .isInstanceOf(SecretEncodingException.class)
          .hasMessageNotContaining("canary");
    }
  }

  private String field(String name) {
    return manager.withSecret(
        "orders", "db-login", value -> value.withJsonField(name, SecretValue::revealString));
  }

  private String loginWithPair(String accepted) throws SQLException {
    return manager.withSecretsTogether(
        "orders",
        List.of("db-user", "db-password"),
        pair -> {
          login(
              pair.require("db-user").revealString() + ":"
                  + pair.require("db-password").revealString(),
              accepted);
          return "logged in";
        },
        Rejection.when(SQLException.class, e -> "28P01".equals(e.getSQLState())));
  }

  private void login(String credentials, String accepted) throws SQLException {
    logins.add(credentials);
    if (!credentials.equals(accepted)) {
      throw new SQLException("rejected", "28P01");
    }
  }
}
