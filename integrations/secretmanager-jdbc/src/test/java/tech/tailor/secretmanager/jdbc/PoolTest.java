package tech.tailor.secretmanager.jdbc;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.lang.management.ManagementFactory;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import javax.management.JMException;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.management.RuntimeErrorException;
import javax.management.RuntimeMBeanException;
import javax.management.StandardMBean;
import javax.management.openmbean.CompositeData;
import javax.management.openmbean.TabularData;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;

/** HikariCP over a real database, without a user or a password in the pool. */
class PoolTest {

  private static final String URL = "jdbc:h2:mem:pool";
  private static final String CANARY = "canary-of-24-characters!";

  @Test
  void rotatedLogin_isUsedByTheNextConnection() throws SQLException {
    InMemorySecretStore store = InMemorySecretStore.create();
    store.createVault("orders");
    store.put("orders", "db-user", "app");
    store.put("orders", "db-password", "first-canary");
    try (Connection admin = DriverManager.getConnection(URL, "sa", "");
        Statement statement = admin.createStatement();
        SecretManager manager = SecretManagers.open(store)) {
      statement.execute("create user app password 'first-canary'");
      SecretDataSource logins = SecretDataSource.builder(manager)
          .url(URL)
          .property("LOCK_TIMEOUT", "4711")
          .user(SecretRef.parse("orders/db-user"))
          .password(SecretRef.parse("orders/db-password"))
          .build();
      HikariConfig config = new HikariConfig();
      config.setDataSource(logins);
      config.setMaximumPoolSize(3);
      try (HikariDataSource pool = new HikariDataSource(config);
          Connection open = pool.getConnection()) {
        assertThat(answer(open, "select current_user")).isEqualTo("APP");
        assertThat(answer(open, "select lock_timeout()")).isEqualTo("4711");
        statement.execute("create user app2 password 'second-canary'");
        statement.execute("drop user app");
        store.put("orders", "db-user", "app2");
        store.put("orders", "db-password", "second-canary");
        pool.getHikariPoolMXBean().softEvictConnections();

        try (Connection next = pool.getConnection();
            Connection another = pool.getConnection()) {
          assertThat(answer(next, "select current_user")).isEqualTo("APP2");
          assertThat(answer(another, "select current_user")).isEqualTo("APP2");
        }
      } finally {
        statement.execute("shutdown");
      }
    }
  }

  /** Looks for the passwords of two logins, also in the MBeans of the pool itself. */
  @Test
  void attributesOfMBeans_showNoPassword() throws Exception {
    InMemorySecretStore store = InMemorySecretStore.create();
    store.createVault("orders");
    store.put("orders", "db-password", CANARY);
    try (Connection admin = DriverManager.getConnection(URL, "sa", "");
        Statement statement = admin.createStatement();
        SecretManager manager = SecretManagers.open(store)) {
      statement.execute("create user app password '" + CANARY + "'");
      HikariConfig config = new HikariConfig();
      config.setPoolName("orders");
      config.setRegisterMbeans(true);
      config.setCatalog("shown");
      config.setDataSource(SecretDataSource.builder(manager)
          .url(URL)
          .user("app")
          .password(SecretRef.parse("orders/db-password"))
          .build());
      try (HikariDataSource pool = new HikariDataSource(config);
          Connection first = pool.getConnection()) {
        assertThat(answer(first, "select current_user")).isEqualTo("APP");
        statement.execute("alter user app set password 'next-" + CANARY + "'");
        store.put("orders", "db-password", "next-" + CANARY);
        pool.getHikariPoolMXBean().softEvictConnections();
        try (Connection next = pool.getConnection()) {
          assertThat(answer(next, "select current_user")).isEqualTo("APP");
          assertThat(attributesOfMBeans())
              .contains("com.zaxxer.hikari:type=Pool (orders) ActiveConnections=2\n")
              .contains("com.zaxxer.hikari:type=PoolConfig (orders) Catalog=shown\n")
              .doesNotContain(CANARY);
        }
      } finally {
        statement.execute("shutdown");
      }
    }
  }

  @Test
  void control_aPasswordThatAnMBeanShows_isFound() throws Exception {
    MBeanServer server = ManagementFactory.getPlatformMBeanServer();
    for (Object shown : new Object[] {
      CANARY, CANARY.getBytes(US_ASCII), new String[][] {{CANARY}}, Map.of("password", CANARY)
    }) {
      ObjectName name = new ObjectName("tests:type=Shown");
      Shown bean = () -> shown;
      server.registerMBean(new StandardMBean(bean, Shown.class), name);
      try {
        assertThat(attributesOfMBeans()).contains(CANARY);
      } finally {
        server.unregisterMBean(name);
      }
      assertThat(attributesOfMBeans()).doesNotContain(CANARY);
    }
  }

  /** What an MBean may show. */
  public interface Shown {
    Object getValue();
  }

  private static String attributesOfMBeans() throws JMException {
    MBeanServer server = ManagementFactory.getPlatformMBeanServer();
    StringBuilder text = new StringBuilder();
    for (ObjectName name : server.queryNames(null, null)) {
      for (MBeanAttributeInfo attribute : server.getMBeanInfo(name).getAttributes()) {
        if (attribute.isReadable()) {
          text.append(name).append(' ').append(attribute.getName()).append('=');
          try {
            text.append(text(server.getAttribute(name, attribute.getName())));
          } catch (RuntimeMBeanException | RuntimeErrorException e) {
            text.append(e); // such as one that this JVM does not have
          }
          text.append('\n');
        }
      }
    }
    return text.toString();
  }

  private static String text(Object value) {
    if (value instanceof byte[] bytes) {
      return new String(bytes, ISO_8859_1);
    } else if (value instanceof CompositeData data) {
      return text(data.values());
    } else if (value instanceof TabularData data) {
      return text(data.values());
    } else if (value instanceof Map<?, ?> map) {
      return text(map.entrySet());
    } else if (value instanceof Map.Entry<?, ?> entry) {
      return text(entry.getKey()) + '=' + text(entry.getValue());
    } else if (value instanceof Collection<?> all) {
      return all.stream().map(PoolTest::text).toList().toString();
    } else if (value instanceof Object[] all) {
      return text(Arrays.asList(all));
    }
    return String.valueOf(value);
  }

  private static String answer(Connection connection, String query) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(query)) {
      result.next();
      return result.getString(1);
    }
  }
}
