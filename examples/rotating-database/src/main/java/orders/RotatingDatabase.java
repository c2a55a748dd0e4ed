package orders;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.Statement;
import java.sql.Timestamp;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.ConfigurableApplicationContext;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.file.FileSecretStore;

/**
 * A Spring Boot service that takes orders while the password of its database is rotated. It prints
 * what happens, and ends by itself.
 */
@SpringBootApplication
public class RotatingDatabase {

  private static final int PASSWORDS = 4;
  private static final String LOGINS = """
      local all postgres trust
      host all postgres 127.0.0.1/32 trust
      host all postgres ::1/128 trust
      host all all 127.0.0.1/32 scram-sha-256
      host all all ::1/128 scram-sha-256
      """;

  public static void main(String[] args) throws Exception {
    Logger.getLogger("").setLevel(Level.WARNING); // the server's start is not of interest
    Path directory = Files.createTempDirectory("rotating-database");
    Path key = directory.resolve("master.key");
    try (EmbeddedPostgres server = EmbeddedPostgres.start();
        FileSecretStore store =
            FileSecretStore.create(directory.resolve("secrets"), MasterKey.createFile(key))) {
      prepare(server);
      store.createVault("orders");
      try (SecretValue user = SecretValue.of("orders_app")) {
        store.put("orders", "db-user", user);
      }
      Rotation rotation = new Rotation(server.getPostgresDatabase(), store);
      rotation.rotate();
      try (ConfigurableApplicationContext service = SpringApplication.run(
          RotatingDatabase.class,
          "--store=" + directory.resolve("secrets"),
          "--key=" + key,
          "--database=jdbc:postgresql://localhost:" + server.getPort() + "/postgres")) {
        work(service.getBean(Orders.class), rotation);
      }
    }
  }

  /** Takes orders all the time, and rotates the password when the pool uses the newest one. */
  private static void work(Orders orders, Rotation rotation) throws Exception {
    Timestamp rotated = new Timestamp(0);
    for (int password = 1; ; password++) {
      while (rotation.loginsAfter(rotated) == 0) {
        orders.take("a book");
      }
      System.out.println("Orders are taken; the pool has logged in with password " + password);
      if (password == PASSWORDS) {
        return;
      }
      rotated = rotation.rotate();
    }
  }

  /** A server that asks for passwords, and a role that may take orders. */
  private static void prepare(EmbeddedPostgres server) throws Exception {
    DataSource owner = server.getPostgresDatabase();
    try (Connection connection = owner.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE orders (id bigserial PRIMARY KEY, what text NOT NULL)");
      statement.execute("CREATE ROLE orders_app LOGIN");
      statement.execute("GRANT INSERT, SELECT ON orders TO orders_app");
      statement.execute("GRANT USAGE ON SEQUENCE orders_id_seq TO orders_app");
      try (var file = statement.executeQuery("SHOW hba_file")) {
        file.next();
        Files.writeString(Path.of(file.getString(1)), LOGINS, StandardOpenOption.TRUNCATE_EXISTING);
      }
      statement.execute("SELECT pg_reload_conf()");
    }
  }
}
