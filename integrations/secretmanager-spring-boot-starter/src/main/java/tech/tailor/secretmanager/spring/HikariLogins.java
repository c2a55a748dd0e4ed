package tech.tailor.secretmanager.spring;

import static java.lang.System.Logger.Level.DEBUG;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.Environment;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.jdbc.SecretDataSource;

/** The logins from secrets, for a pool of HikariCP's that has opened no connection yet. */
final class HikariLogins {

  private static final System.Logger LOGGER = System.getLogger(HikariLogins.class.getName());
  private static final long LATER_MILLIS = 1_000;

  private final Environment environment;
  private final DatasourceProperties secrets;
  private final SecretManager manager;
  private final SecretChanges changes;

  HikariLogins(
      Environment environment,
      DatasourceProperties secrets,
      SecretManager manager,
      SecretChanges changes) {
    this.environment = environment;
    this.secrets = secrets;
    this.manager = manager;
    this.changes = changes;
  }

  static boolean isPool(DataSource bean) {
    return bean instanceof HikariDataSource;
  }

  void putUnder(DataSource bean) {
    HikariDataSource pool = (HikariDataSource) bean;
    String url = pool.getJdbcUrl();
    if (url == null || pool.getDataSource() != null || pool.getDataSourceClassName() != null) {
      throw new SecretReferenceException("secretmanager.datasource needs a pool that has a"
          + " spring.datasource.url, and no data source of its own");
    }
    refuse("password");
    SecretDataSource.Builder builder = SecretDataSource.builder(manager);
    setLogin(builder, pool.getUsername());
    try {
      builder.url(url);
      pool.getDataSourceProperties()
          .forEach((name, setting) -> builder.property(name.toString(), setting.toString()));
      CurrentLogins logins = new CurrentLogins(builder.build());
      pool.setDataSource(logins);
      replaceConnectionsOnChange(pool, logins);
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw new SecretReferenceException(
          "The pool of spring.datasource can't log in by secretmanager.datasource: "
              + e.getMessage(),
          e);
    }
    pool.setUsername(null);
    pool.setPassword(null);
  }

  private void setLogin(SecretDataSource.Builder builder, @Nullable String userName) {
    SecretRef login = secrets.loginSecret();
    if (login != null) {
      if (secrets.user() != null || secrets.password() != null) {
        throw new SecretReferenceException("Set secretmanager.datasource.login, or"
            + " secretmanager.datasource.user and .password, but not both");
      }
      refuse("username");
      builder.login(login, secrets.userMember(), secrets.passwordMember());
      return;
    }
    SecretRef user = secrets.userSecret();
    SecretRef password = secrets.passwordSecret();
    if (password == null) {
      throw new SecretReferenceException(
          "secretmanager.datasource.user is set, and secretmanager.datasource.password is missing");
    }
    builder.password(password);
    if (user != null) {
      refuse("username");
      builder.user(user);
    } else if (userName != null) {
      builder.user(userName);
    } else {
      throw new SecretReferenceException("The database's user is missing: set"
          + " secretmanager.datasource.user, or spring.datasource.username if it is no secret");
    }
  }

  /** The pool itself can't tell: Spring Boot sets them for some databases in memory. */
  private void refuse(String property) {
    for (String prefix : List.of("spring.datasource.", "spring.datasource.hikari.")) {
      if (environment.containsProperty(prefix + property)) {
        throw new SecretReferenceException("The property " + prefix + property
            + " is set, and secretmanager.datasource names a secret for it; take one away");
      }
    }
  }

  /**
   * Connections that are open with an earlier login are closed when they come back to the pool, or
   * at once if nobody uses them.
   */
  private void replaceConnectionsOnChange(HikariDataSource pool, CurrentLogins logins) {
    List<SecretRef> refs = secrets.secrets();
    AtomicReference<SecretChanges.Subscription> subscription = new AtomicReference<>();
    subscription.set(changes.subscribe(changed -> {
      if (pool.isClosed()) { // such as one of the refresh scope, which another has replaced
        Optional.ofNullable(subscription.get()).ifPresent(SecretChanges.Subscription::end);
      } else if (refs.contains(changed)) {
        logins.secretChanged();
        evict(pool);
        evictLater(pool);
      }
    }));
  }

  /**
   * Once more, for a connection that had logged in and was not in the pool yet. On a thread of its
   * own: a queue of the JDK would keep the application's classes.
   */
  private static void evictLater(HikariDataSource pool) {
    Thread thread = SecretSupport.newDaemonThread("secretmanager-spring-logins", () -> {
      try {
        Thread.sleep(LATER_MILLIS);
        evict(pool);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    });
    try {
      thread.start();
    } catch (OutOfMemoryError e) { // how Java says that the system gives no thread
      LOGGER.log(DEBUG, "No thread could be started to close connections once more");
    }
  }

  private static void evict(HikariDataSource pool) {
    HikariPoolMXBean connections = pool.getHikariPoolMXBean();
    if (connections != null && !pool.isClosed()) {
      connections.softEvictConnections();
    }
  }
}
