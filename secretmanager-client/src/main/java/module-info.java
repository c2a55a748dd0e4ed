/** Reading secrets: the manager with its cache, and the stores behind it. */
module tech.tailor.secretmanager.client {
  requires transitive tech.tailor.secretmanager;
  requires static org.jspecify;
  requires com.fasterxml.jackson.core;
  requires com.github.benmanes.caffeine;
  requires transitive com.google.crypto.tink; // its Aead, for a key in a KMS
  requires transitive okhttp3; // its OkHttpClient.Builder, for headers with secrets
  requires okio;
  requires static com.fasterxml.jackson.dataformat.yaml; // for the configuration of Tailor's CLI
  requires com.google.gson; // Tink needs it, and as an automatic module can't say so itself

  exports tech.tailor.secretmanager.client;
  exports tech.tailor.secretmanager.client.file;
  exports tech.tailor.secretmanager.client.http;
  exports tech.tailor.secretmanager.client.memory;
}
