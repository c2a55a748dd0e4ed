package tech.tailor.secretmanager.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.jdbc.DataSourceProperties;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.cloud.context.scope.refresh.RefreshScope;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.file.FileSecretStore;

/**
 * Applications whose only connection pool is the one that Spring Boot makes of their properties.
 */
@ExtendWith(OutputCaptureExtension.class)
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class PoolLoginsTest {

  private static final String URL = "jdbc:h2:mem:starter";

  @TempDir
  private Path directory;

  private Path key;
  private FileSecretStore store;
  private Connection admin;

  @BeforeEach
  void makeStoreAndDatabase() throws SQLException {
    key = directory.resolve("master.key");
    store = FileSecretStore.create(directory.resolve("store"), MasterKey.createFile(key));
    store.createVault("orders");
    put("user", "APP");
    put("password", "first-canary");
    put("login", "{\"username\":\"APP\",\"password\":\"first-canary\",\"u\":\"APP\"}");
    admin = DriverManager.getConnection(URL, "sa", "");
    execute("create user app password 'first-canary' admin");
  }

  @AfterEach
  void close() throws SQLException {
    execute("shutdown");
    admin.close();
    store.close();
  }

  private void put(String name, String text) {
    try (SecretValue value = SecretValue.of(text)) {
      store.put("orders", name, value);
    }
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = admin.createStatement()) {
      statement.execute(sql);
    }
  }

  @Test
  void pool_logsInBySecrets_howeverTheyAreNamed() throws SQLException {
    for (List<String> properties : List.of(
        List.of(
            "--secretmanager.datasource.user=orders/user",
            "--secretmanager.datasource.password=orders/password"),
        List.of(
            "--secretmanager.datasource.user=${secret@orders/user}",
            "--app.db=${secret@orders/password}",
            "--secretmanager.datasource.password=${app.db}"),
        List.of(
            "--spring.datasource.username=APP",
            "--secretmanager.datasource.password=${app.vault:orders}/password"),
        List.of("--secretmanager.datasource.login=orders/login"),
        List.of(
            "--secretmanager.datasource.login=orders/login",
            "--secretmanager.datasource.user-member=u"))) {
      try (ConfigurableApplicationContext context = run(Plain.class, properties)) {
        HikariDataSource pool = context.getBean(HikariDataSource.class);
        assertThat(user(pool)).isEqualTo("APP");
        assertThat(pool.getUsername()).isNull();
        assertThat(pool.getPassword()).isNull();
      }
    }
  }

  @Test
  void settingsOfThePool_stay() throws SQLException {
    try (ConfigurableApplicationContext context = run(
        Plain.class,
        List.of(
            "--secretmanager.datasource.login=orders/login",
            "--spring.datasource.hikari.maximum-pool-size=3",
            "--spring.datasource.hikari.data-source-properties.LOCK_TIMEOUT=4711"))) {
      HikariDataSource pool = context.getBean(HikariDataSource.class);
      assertThat(pool.getMaximumPoolSize()).isEqualTo(3);
      assertThat(answer(pool, "select lock_timeout()")).isEqualTo("4711");
    }
  }

  @Test
  void changedSecret_replacesTheConnections() throws Exception {
    try (ConfigurableApplicationContext context =
        run(Plain.class, List.of("--secretmanager.datasource.login=orders/login"))) {
      HikariDataSource pool = context.getBean(HikariDataSource.class);
      String before = answer(pool, "select session_id()");
      assertThat(answer(pool, "select session_id()"))
          .as("the connection is kept")
          .isEqualTo(before);

      execute("create user app2 password 'second-canary'");
      put("login", "{\"username\":\"APP2\",\"password\":\"second-canary\"}");
      while (!user(pool).equals("APP2")) {
        Thread.sleep(10);
      }
      execute("drop user app");
      assertThat(user(pool)).isEqualTo("APP2");
    }
  }

  @Test
  void poolOfTheRefreshScope_logsInBySecrets_andIsForgottenWhenItIsReplaced() throws Exception {
    try (ConfigurableApplicationContext context =
        run(Scoped.class, List.of("--secretmanager.datasource.login=orders/login"))) {
      DataSource pool = context.getBean(DataSource.class);
      RefreshScope scope = context.getBean(RefreshScope.class);
      for (int i = 0; i < 3; i++) {
        assertThat(user(pool)).isEqualTo("APP");
        scope.refreshAll();
      }
      SecretChanges changes = context.getBean(SecretChanges.class);
      assertThat(changes).hasToString("SecretChanges[4 subscribers]");
      changes.onChanged(SecretRef.of("orders", "other"));
      assertThat(changes).as("of closed pools").hasToString("SecretChanges[1 subscribers]");
      assertThat(user(pool)).isEqualTo("APP");
      assertThat(changes).as("of the open pool").hasToString("SecretChanges[2 subscribers]");
    }
  }

  @Test
  void rejectedLogin_isRepeated_alsoWithABackendOfTheApplication() throws SQLException {
    try (ConfigurableApplicationContext context = run(
        WithBackend.class,
        List.of(
            "--spring.datasource.username=APP",
            "--secretmanager.datasource.password=orders/password"))) {
      HikariDataSource pool = context.getBean(HikariDataSource.class);
      assertThat(user(pool)).isEqualTo("APP");
      execute("alter user app set password 'second-canary'");
      context.getBean(InMemorySecretStore.class).put("orders", "password", "second-canary");
      pool.getHikariPoolMXBean().softEvictConnections();

      assertThat(user(pool)).isEqualTo("APP");
    }
  }

  @Test
  void settingsThatContradict_failTheStart_andSayWhatToDo(CapturedOutput output) {
    String password = "--secretmanager.datasource.password=orders/password";
    assertRefused(
        Plain.class,
        "secretmanager.datasource.password is missing",
        "--secretmanager.datasource.user=orders/user");
    assertRefused(
        Plain.class,
        "spring.datasource.password is set, and",
        password,
        "--spring.datasource.password=x");
    assertRefused(
        Plain.class,
        "spring.datasource.hikari.username is set, and",
        password,
        "--secretmanager.datasource.user=orders/user",
        "--spring.datasource.hikari.username=x");
    assertRefused(
        Plain.class, "but not both", password, "--secretmanager.datasource.login=orders/login");
    assertRefused(
        Plain.class,
        "The URL holds a user or a password",
        password,
        "--spring.datasource.username=x",
        "--spring.datasource.url=" + URL + ";USER=sa");
    assertRefused(
        Plain.class,
        "are in different vaults",
        password,
        "--secretmanager.datasource.user=other/user");
    assertRefused(
        Plain.class,
        "password must name a secret, as vault/name",
        "--spring.datasource.username=x",
        "--secretmanager.datasource.password=plain-canary");
    assertRefused(WithoutPool.class, "put a SecretDataSource under it yourself", password);
    assertRefused(Nothing.class, "there is no bean \"dataSource\"", password);
    assertThat(output).doesNotContain("canary");
  }

  @Test
  void secretThatIsMissing_isNamed(CapturedOutput output) {
    assertThat(catchThrowable(() -> run(
                FirstUse.class,
                List.of(
                    "--spring.datasource.username=APP",
                    "--secretmanager.datasource.password=orders/nowhere"))
            .close()))
        .isNotNull();
    assertThat(output).contains("There is no secret orders/nowhere").doesNotContain("canary");
  }

  private void assertRefused(Class<?> application, String message, String... properties) {
    assertThat(catchThrowable(() -> run(application, List.of(properties)).close()))
        .hasStackTraceContaining(message);
  }

  private ConfigurableApplicationContext run(Class<?> application, List<String> properties) {
    List<String> arguments = new ArrayList<>(properties);
    if (properties.stream().noneMatch(each -> each.startsWith("--spring.datasource.url"))) {
      Collections.addAll(arguments, "--spring.datasource.url=" + URL);
    }
    return new SpringApplicationBuilder(application)
        .web(WebApplicationType.NONE)
        .properties(
            "secretmanager.url=file:" + directory.resolve("store"), "secretmanager.key-file=" + key)
        .run(arguments.toArray(String[]::new));
  }

  private static String user(DataSource pool) throws SQLException {
    return answer(pool, "select current_user");
  }

  private static String answer(DataSource pool, String query) throws SQLException {
    try (Connection connection = pool.getConnection();
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(query)) {
      result.next();
      return result.getString(1);
    }
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Plain {}

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration(
      excludeName = "org.springframework.boot.autoconfigure.jdbc.DataSourceAutoConfiguration")
  static class Nothing {}

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class WithoutPool {

    @Bean
    DataSource dataSource() {
      return new DriverManagerDataSource(URL);
    }
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Scoped {

    @Bean
    @org.springframework.cloud.context.config.annotation.RefreshScope
    HikariDataSource dataSource(DataSourceProperties properties) {
      return properties
          .initializeDataSourceBuilder()
          .type(HikariDataSource.class)
          .build();
    }
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class FirstUse {

    @Bean
    String user(DataSource pool) throws SQLException {
      return PoolLoginsTest.user(pool);
    }
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class WithBackend {

    @Bean
    InMemorySecretStore store() {
      InMemorySecretStore store = InMemorySecretStore.create();
      store.createVault("orders");
      store.put("orders", "password", "first-canary");
      return store;
    }
  }
}
