/** Secrets in PostgreSQL. */
module tech.tailor.secretmanager.postgresql {
  requires transitive tech.tailor.secretmanager;
  requires transitive tech.tailor.secretmanager.envelope;
  requires transitive tech.tailor.secretmanager.client;
  requires transitive java.sql;
  requires static java.naming; // which the driver's data sources show
  requires static org.postgresql.jdbc;
  requires static org.jspecify;

  exports tech.tailor.secretmanager.postgresql;

  provides tech.tailor.secretmanager.spi.SecretStoreProvider with
      tech.tailor.secretmanager.postgresql.PostgresSecretStoreProvider;
}
