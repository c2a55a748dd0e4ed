package tech.tailor.secretmanager.postgresql;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;
import tech.tailor.secretmanager.envelope.KeyVariables;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.spi.SecretStoreProvider;
import tech.tailor.secretmanager.store.SecretStore;

/**
 * Opens a {@link PostgresSecretStore} for a JDBC URL of PostgreSQL with the workspace as a
 * parameter, such as {@code jdbc:postgresql://host/db?secretmanager.workspace=orders}. The other
 * parameters are the driver's, which also reads {@code PGPASSFILE}. The variables of the key are
 * those of {@link KeyVariables}; {@code TAILOR_SECRETMANAGER_ACTOR} is the actor of the trail.
 *
 * <p>Such a store keeps at most two connections, of which waiting calls take turns. For load, use
 * {@link PostgresSecretStore#builder} with a pool.
 *
 * <p>Found by the {@link java.util.ServiceLoader}; applications don't call it.
 */
public final class PostgresSecretStoreProvider implements SecretStoreProvider {

  private static final String URL = "TAILOR_SECRETMANAGER_URL";
  private static final String ACTOR = "TAILOR_SECRETMANAGER_ACTOR";
  private static final String SCHEME = "jdbc";
  private static final String PREFIX = "jdbc:postgresql:";
  private static final String WORKSPACE = "secretmanager.workspace=";
  private static final String STORE = "a store in PostgreSQL";
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

  /** For the {@link java.util.ServiceLoader}. */
  public PostgresSecretStoreProvider() {}

  @Override
  public Set<String> schemes() {
    return Set.of(SCHEME);
  }

  @Override
  public SecretStore open(String address, Map<String, String> environment) {
    requireNonNull(environment, "environment");
    Address parsed = Address.parse(requireNonNull(address, "address"));
    return builder(parsed, environment, KeyVariables.read(environment, STORE)).open();
  }

  /**
   * Makes the key file, the tables and the workspace where they are missing; for the tables, the
   * role must be allowed to make them.
   */
  @Override
  public SecretStore create(String address, Map<String, String> environment) {
    requireNonNull(environment, "environment");
    Address parsed = Address.parse(requireNonNull(address, "address"));
    MasterKey key = KeyVariables.create(environment, STORE);
    PostgresSchema.createOrUpgrade(parsed.dataSource());
    return builder(parsed, environment, key).createIfMissing().open();
  }

  private static PostgresSecretStore.Builder builder(
      Address address, Map<String, String> environment, MasterKey key) {
    Optional<MasterKey> previous = KeyVariables.readPrevious(environment);
    TwoConnections connections = new TwoConnections(address.dataSource(), LONGEST_WAIT);
    PostgresSecretStore.Builder builder = PostgresSecretStore.builder(
            connections, address.workspace, key)
        .actor(environment.getOrDefault(ACTOR, ""))
        .closing(connections);
    previous.ifPresent(builder::previousKey);
    return builder;
  }

  /**
   * An address in its parts.
   *
   * @param url for the driver, which may hold a password
   */
  private record Address(String url, String workspace) {

    private static Address parse(String address) {
      int query = address.indexOf('?');
      String workspace = null;
      List<String> others = new ArrayList<>();
      if (query >= 0) {
        for (String parameter : address.substring(query + 1).split("&", -1)) {
          if (parameter.startsWith(WORKSPACE)) {
            workspace = parameter.substring(WORKSPACE.length());
          } else {
            others.add(parameter);
          }
        }
      }
      if (!address.startsWith(PREFIX) || workspace == null || workspace.isEmpty()) {
        throw invalid();
      }
      String base = query < 0 ? address : address.substring(0, query);
      return new Address(
          others.isEmpty() ? base : base + "?" + String.join("&", others), workspace);
    }

    private DataSource dataSource() {
      try {
        return Driver.dataSource(url);
      } catch (NoClassDefFoundError e) {
        throw new IllegalStateException(
            URL + " names " + STORE + ", and its JDBC driver is missing."
                + " Add the dependency org.postgresql:postgresql",
            e);
      }
    }

    private static IllegalArgumentException invalid() {
      return new IllegalArgumentException(URL + " must be a JDBC URL of PostgreSQL with the name of"
          + " the workspace, such as jdbc:postgresql://host/db?secretmanager.workspace=orders");
    }

    /** Without the URL, which may hold a password. */
    @Override
    public String toString() {
      return "Address[" + workspace + "]";
    }
  }

  /** What needs pgjdbc's classes. */
  private static final class Driver {

    private static DataSource dataSource(String url) {
      PGSimpleDataSource dataSource = new PGSimpleDataSource();
      try {
        dataSource.setUrl(url);
      } catch (IllegalArgumentException e) { // its message holds the URL
        throw Address.invalid();
      }
      return dataSource;
    }
  }
}
