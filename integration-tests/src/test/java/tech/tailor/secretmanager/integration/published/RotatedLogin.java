package tech.tailor.secretmanager.integration.published;

import java.sql.SQLException;
import java.time.Duration;
import java.util.function.BiConsumer;

/**
 * The login of an application to a database, rotated in the database and in the secret store. Each
 * rotation is proven by the sessions that the database shows: new ones, and no old ones.
 */
final class RotatedLogin {

  /** The name that the application's sessions have. */
  static final String APPLICATION = "rotated";

  private static final String SESSIONS =
      "select count(*) from pg_stat_activity where application_name = '" + APPLICATION + "'";

  private final Postgres database;
  private final BiConsumer<String, String> store;
  private String user = "app_a";
  private int rotations;

  /**
   * Makes the first login.
   *
   * @param store puts a user and a password into the secret store, both at once
   */
  RotatedLogin(Postgres database, BiConsumer<String, String> store) throws SQLException {
    this.database = database;
    this.store = store;
    for (String each : new String[] {"app_a", "app_b"}) {
      database.execute("drop role if exists " + each);
      database.execute("create role " + each + " login");
    }
    database.execute("alter role " + user + " password '" + password() + "'");
    store.accept(user, password());
  }

  private String password() {
    return "canary-" + rotations;
  }

  /**
   * Gives the user a new password, from when on the old one is rejected; the store comes last.
   * Returns how many sessions the application has made since, and it has no other.
   */
  int changePassword() throws SQLException, InterruptedException {
    String before = now();
    setNewPassword();
    return awaitNewSessions(before);
  }

  /** The same, for an application that may not be able to log in again. */
  void setNewPassword() throws SQLException {
    rotations++;
    database.execute("alter role " + user + " password '" + password() + "'");
    store.accept(user, password());
  }

  /**
   * Changes to the other user, and takes the password of the first one away after a time. Returns
   * how many sessions the application has made since, and it has no other.
   */
  int changeUser(Duration revokedAfter) throws SQLException, InterruptedException {
    String old = user;
    String before = now();
    user = user.equals("app_a") ? "app_b" : "app_a";
    setNewPassword();
    Thread.sleep(revokedAfter.toMillis());
    database.execute("alter role " + old + " password null");
    return awaitNewSessions(before);
  }

  private String now() throws SQLException {
    return database.answer("select clock_timestamp()");
  }

  /** Waits until the application has sessions of the current user, and none from before. */
  private int awaitNewSessions(String after) throws SQLException, InterruptedException {
    String isNew = "(usename = '" + user + "' and backend_start > '" + after + "')";
    while (true) {
      int made = Integer.parseInt(database.answer(SESSIONS + " and " + isNew));
      if (made > 0 && database.answer(SESSIONS + " and not " + isNew).equals("0")) {
        return made;
      }
      Thread.sleep(20);
    }
  }

  /** Waits until the application has no session, as one that can't log in any more. */
  void awaitNoSessions() throws SQLException, InterruptedException {
    while (!database.answer(SESSIONS).equals("0")) {
      Thread.sleep(20);
    }
  }
}
