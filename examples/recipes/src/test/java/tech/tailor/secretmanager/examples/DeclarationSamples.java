package tech.tailor.secretmanager.examples;

import static tech.tailor.secretmanager.SecretDefinition.defineSecret;

import java.time.Duration;
import java.util.Optional;
import tech.tailor.secretmanager.SecretDefinition;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretShape;
import tech.tailor.secretmanager.SecretSource;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.declare.SecretPlan;
import tech.tailor.secretmanager.client.declare.VerificationReport;
import tech.tailor.secretmanager.store.SecretStore;

/** The samples that declare secrets; {@link SamplesTest} looks for them here. */
final class DeclarationSamples {

  static final SecretDefinition SECRETS = defineSecret("orders")
      .secret(
          "db-password",
          secret -> secret
              .description("Password of the orders database")
              .source(SecretSource.environment(
                  "ORDERS_DB_PASSWORD")) // or file, textFile, secret, random, prompt, a lambda
              .valueVersion(2) // raise it to have the value sent again
              .label("team", "orders")
              .timeToLive(Duration.ofMinutes(1)) // in a cache that knows the declaration
              .shape(SecretShape.length(20, 64))) // or pattern, json, uri, pem, a check of yours
      .build();

  private DeclarationSamples() {}

  static SecretDefinition withoutRemarks() {
    return defineSecret("orders")
        .secret(
            "db-password",
            secret -> secret
                .description("Password of the orders database")
                .source(SecretSource.environment("ORDERS_DB_PASSWORD"))
                .valueVersion(2)
                .label("team", "orders")
                .timeToLive(Duration.ofMinutes(1))
                .shape(SecretShape.length(20, 64)))
        .build();
  }

  static void apply(SecretStore store) {
    SecretPlan plan =
        SecretPlan.builder(store, "orders-service").declare(SECRETS).plan();
    System.out.println(
        plan); // what would be created, updated, deleted, left, and why; toJson() for machines
    plan.apply().requireComplete(); // reads the sources, and not before
  }

  static void applyWithoutRemarks(SecretStore store) {
    SecretPlan plan =
        SecretPlan.builder(store, "orders-service").declare(SECRETS).plan();
    System.out.println(plan);
    plan.apply().requireComplete();
  }

  static void report(SecretManager secretManager) {
    VerificationReport report = VerificationReport.of(secretManager, SECRETS);
    System.out.println(report);
  }

  interface HardwareModule {
    byte[] export(String name);
  }

  static SecretSource source(HardwareModule module) {
    SecretSource fromTheHardware =
        ref -> Optional.of(SecretValue.copyOf(module.export(ref.name())));
    return fromTheHardware;
  }
}
