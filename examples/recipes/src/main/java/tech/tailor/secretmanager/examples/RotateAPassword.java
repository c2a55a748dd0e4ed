package tech.tailor.secretmanager.examples;

import java.util.function.Predicate;
import tech.tailor.secretmanager.SecretFunction;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;

/**
 * What if the cached password is the old one? The login says that it was rejected; the manager asks
 * the store, and tries again with the new one. Also shows what the cache counts.
 */
public final class RotateAPassword {

  private RotateAPassword() {}

  public static void main(String[] args) throws WrongPassword {
    InMemorySecretStore store = InMemorySecretStore.create();
    store.createVault("default");
    store.put("default", "db-password", "correct horse");
    Database database = new Database("correct horse");

    try (SecretManager secretManager = SecretManagers.open(store)) {
      System.out.println(connect(secretManager, database));
      store.put("default", "db-password", "battery staple");
      database.password = "battery staple";
      System.out.println(connect(secretManager, database));
      System.out.println(secretManager.cacheStats().loads() + " calls to the store");
    }
  }

  private static String connect(SecretManager secretManager, Database database)
      throws WrongPassword {
    SecretFunction<SecretValue, String, WrongPassword> login = database::login;
    Predicate<Exception> isRejected = e -> e instanceof WrongPassword;
    return secretManager.withSecret("default", "db-password", login, isRejected);
  }

  /** Stands for a database: it knows one password. */
  private static final class Database {

    private String password;

    private Database(String password) {
      this.password = password;
    }

    String login(SecretValue candidate) throws WrongPassword {
      if (!candidate.matches(password)) {
        throw new WrongPassword();
      }
      return "logged in with version " + candidate.version();
    }
  }

  /** What the database says to a wrong password. */
  public static final class WrongPassword extends Exception {
    private static final long serialVersionUID = 1L;
  }
}
