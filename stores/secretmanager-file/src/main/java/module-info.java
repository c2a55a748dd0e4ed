/** Secrets in one encrypted file. */
module tech.tailor.secretmanager.file {
  requires transitive tech.tailor.secretmanager;
  requires transitive tech.tailor.secretmanager.envelope;
  requires transitive tech.tailor.secretmanager.client;
  requires static org.jspecify;

  exports tech.tailor.secretmanager.file;

  provides tech.tailor.secretmanager.spi.SecretStoreProvider with
      tech.tailor.secretmanager.file.FileSecretStoreProvider;
}
