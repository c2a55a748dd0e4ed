/** Secrets at Tailor Platform, or at a server that speaks its protocol. */
module tech.tailor.secretmanager.http {
  requires transitive tech.tailor.secretmanager;
  requires transitive tech.tailor.secretmanager.client;
  requires tech.tailor.secretmanager.envelope;
  requires transitive okhttp3; // its OkHttpClient.Builder, for headers with secrets
  requires okio;
  requires com.fasterxml.jackson.core;
  requires static com.fasterxml.jackson.dataformat.yaml; // for the configuration of Tailor's CLI
  requires static org.jspecify;

  exports tech.tailor.secretmanager.http;

  provides tech.tailor.secretmanager.spi.SecretStoreProvider with
      tech.tailor.secretmanager.http.HttpSecretStoreProvider;
}
