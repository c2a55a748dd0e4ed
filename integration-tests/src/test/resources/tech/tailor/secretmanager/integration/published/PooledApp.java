package app;

import com.zaxxer.hikari.HikariDataSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** A web application whose requests ask its database, and which knows nothing of secrets. */
@SpringBootApplication
@RestController
public class PooledApp {

  private final JdbcTemplate database;
  private final HikariDataSource pool;
  private final Environment environment;

  PooledApp(JdbcTemplate database, HikariDataSource pool, Environment environment) {
    this.database = database;
    this.pool = pool;
    this.environment = environment;
  }

  public static void main(String[] args) {
    SpringApplication.run(PooledApp.class, args);
  }

  @EventListener(ApplicationReadyEvent.class)
  void ready() {
    System.out.println("LISTENS ON " + environment.getProperty("local.server.port"));
  }

  @GetMapping("/user")
  String user() {
    return database.queryForObject("select current_user", String.class);
  }

  /** For the control alone, whose pool would keep its connections. */
  @GetMapping("/evict")
  String evict() {
    pool.getHikariPoolMXBean().softEvictConnections();
    return "";
  }
}
