package tech.tailor.secretmanager.integration.published;

import java.sql.SQLException;
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

  /** Gives the user a new password, from when on the old one is rejected; the store comes last. */
  void changePassword() throws SQLException {
    rotations++;
    database.execute("alter role " + user + " password '" + password() + "'");
    store.accept(user, password());
  }

  /** Changes to the other user, and takes the login from the first once nobody has it. */
  void changeUser() throws SQLException, InterruptedException {
    String old = user;
    user = user.equals("app_a") ? "app_b" : "app_a";
    rotations++;
    String before = now();
    database.execute("alter role " + user + " password '" + password() + "'");
    store.accept(user, password());
    awaitNewSessions(before);
    database.execute("alter role " + old + " password null");
  }

  /** The database's clock, for {@link #awaitNewSessions}. */
  String now() throws SQLException {
    return database.answer("select clock_timestamp()");
  }

  /** Waits until the application has sessions of the current user, and none from before. */
  void awaitNewSessions(String after) throws SQLException, InterruptedException {
    String isNew = "(usename = '" + user + "' and backend_start > '" + after + "')";
    while (database.answer(SESSIONS + " and " + isNew).equals("0")
        || !database.answer(SESSIONS + " and not " + isNew).equals("0")) {
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
