/** Secrets in the properties of MicroProfile Config, as SmallRye implements it. */
module tech.tailor.secretmanager.smallrye {
  requires tech.tailor.secretmanager.client;
  requires transitive io.smallrye.config;
  requires static org.jspecify;

  exports tech.tailor.secretmanager.smallrye;

  provides io.smallrye.config.SecretKeysHandlerFactory with
      tech.tailor.secretmanager.smallrye.TailorSecretKeys;
}
