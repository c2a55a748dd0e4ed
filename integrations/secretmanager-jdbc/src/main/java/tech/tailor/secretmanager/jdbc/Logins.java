package tech.tailor.secretmanager.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Predicate;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;

/** Where user and password come from. Each attempt takes both from one answer of the backend. */
interface Logins {

  /**
   * Logs in, and once more with each newer user and password while they are rejected.
   *
   * @param isRejected whether an exception says that they were not accepted
   */
  Connection connect(
      SecretManager manager, Connector connector, Predicate<? super Exception> isRejected)
      throws SQLException;

  /** The user's name is no secret. */
  record FixedUser(String user, SecretRef password) implements Logins {

    @Override
    public Connection connect(
        SecretManager manager, Connector connector, Predicate<? super Exception> isRejected)
        throws SQLException {
      return manager.withSecret(
          password, value -> connector.connect(user, value.revealString()), isRejected);
    }

    @Override
    public String toString() {
      return "password=" + password;
    }
  }

  /** Two secrets of one vault. */
  record TwoSecrets(SecretRef user, SecretRef password) implements Logins {

    @Override
    public Connection connect(
        SecretManager manager, Connector connector, Predicate<? super Exception> isRejected)
        throws SQLException {
      return manager.withSecretsTogether(
          password.vault(),
          List.of(user.name(), password.name()),
          secrets -> connector.connect(
              secrets.require(user.name()).revealString(),
              secrets.require(password.name()).revealString()),
          isRejected);
    }

    @Override
    public String toString() {
      return "user=" + user + ", password=" + password;
    }
  }

  /** Two fields of one secret in JSON. */
  record JsonSecret(SecretRef login, String userField, String passwordField) implements Logins {

    @Override
    public Connection connect(
        SecretManager manager, Connector connector, Predicate<? super Exception> isRejected)
        throws SQLException {
      Connector once = new UnlessRejected(connector, isRejected);
      return manager.withSecret(
          login,
          value -> once.connect(text(value, userField), text(value, passwordField)),
          isRejected);
    }

    private static String text(SecretValue value, String field) {
      return value.withJsonField(field, SecretValue::revealString);
    }

    @Override
    public String toString() {
      return "login=" + login;
    }
  }
}
