/**
 * Reading secrets: the manager with its cache, the store in memory, and declarations. The stores
 * that keep secrets are modules of their own; {@code tech.tailor.secretmanager.client} names them.
 */
module tech.tailor.secretmanager.client {
  requires transitive tech.tailor.secretmanager;
  requires com.github.benmanes.caffeine;
  requires static jdk.jfr;
  requires static org.jspecify;

  exports tech.tailor.secretmanager.client;
  exports tech.tailor.secretmanager.client.declare;
  exports tech.tailor.secretmanager.client.headers;
  exports tech.tailor.secretmanager.client.memory;
  exports tech.tailor.secretmanager.client.tls;

  uses tech.tailor.secretmanager.spi.SecretStoreProvider;
}
