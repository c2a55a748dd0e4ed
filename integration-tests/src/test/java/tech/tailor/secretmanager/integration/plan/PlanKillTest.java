package tech.tailor.secretmanager.integration.plan;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretDefinition;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.declare.SecretPlan;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.file.FileSecretStore;
import tech.tailor.secretmanager.spi.SecretOutcome;

/** A process that applies a plan to a file and is killed; the next one does the rest. */
@Tag("suite")
class PlanKillTest {

  private static final int SECRETS = 40;
  private static final int KILLED = 137;

  @TempDir
  private Path directory;

  @Test
  void killedProcess_isFollowedByOneThatDoesTheRest() throws Exception {
    int kills = Boolean.getBoolean("deep") ? 200 : 5;
    long seed = System.nanoTime();
    Random random = new Random(seed);
    MasterKey key = MasterKey.createFile(directory.resolve("key"));
    FileSecretStore.create(directory.resolve("store"), key).close();
    int halfDone = 0;
    for (int kill = 1; kill <= kills; kill++) {
      killAfter(1 + random.nextInt(SECRETS - 1), kill);
      try (FileSecretStore store = FileSecretStore.open(directory.resolve("store"), key)) {
        int applied = applied(store, kill);
        if (applied > 0 && applied < SECRETS) {
          halfDone++;
        }
        SecretPlan rest = plan(store, kill, () -> {});
        assertThat(rest.steps().stream()
                .filter(step -> step.name().isPresent())
                .filter(step -> step.action() != SecretPlan.Action.LEAVE))
            .as("what was done is not done again")
            .hasSize(SECRETS - applied);
        rest.apply().requireComplete();
        assertThat(applied(store, kill)).isEqualTo(SECRETS);
        assertThat(plan(store, kill, () -> {}).isEmpty()).isTrue();
      }
    }
    System.out.println("plans, processes killed: " + kills + ", seed " + seed + ", " + halfDone
        + " of them with a part of the plan applied");
    assertThat(halfDone).isPositive();
  }

  /**
   * Kills the process after {@code reads} sources were read: {@code reads - 1} secrets are written
   * by then.
   */
  private void killAfter(int reads, int version) throws Exception {
    Process process = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            Applier.class.getName(),
            directory.toString(),
            String.valueOf(version))
        .redirectErrorStream(true)
        .start();
    try {
      BufferedReader output = process.inputReader(US_ASCII);
      for (int line = 0; line < reads; line++) {
        assertThat(output.readLine()).isEqualTo("reading");
      }
      process.toHandle().destroyForcibly();
      assertThat(process.waitFor()).isIn(KILLED, 0); // 0 if it was done before the signal came
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  /** Counts the secrets that have the value of the version. A label that lies does not count. */
  private static int applied(FileSecretStore store, int version) {
    int applied = 0;
    for (int i = 0; i < SECRETS; i++) {
      String name = "secret-" + i;
      if (store.fetch("killed", Set.of(name)).get(name) instanceof SecretOutcome.Found found) {
        try (SecretValue value = found.value()) {
          boolean isThere = value.matches(name + " v" + version);
          boolean isSaid = ("v" + version)
              .equals(store.labels("killed", name).get(SecretPlan.VALUE_VERSION_LABEL));
          assertThat(isSaid).as("the label of %s", name).isEqualTo(isThere);
          applied += isThere ? 1 : 0;
        }
      }
    }
    return applied;
  }

  private static SecretPlan plan(FileSecretStore store, int version, Runnable atRead) {
    SecretDefinition.Builder definition = SecretDefinition.defineSecret("killed");
    for (int i = 0; i < SECRETS; i++) {
      definition.secret(
          "secret-" + i,
          secret -> secret.valueVersion(version).source(ref -> {
            atRead.run();
            return Optional.of(SecretValue.of(ref.name() + " v" + version));
          }));
    }
    return SecretPlan.builder(store, "kill-test").declare(definition.build()).plan();
  }

  /** The process. */
  static final class Applier {

    private Applier() {}

    public static void main(String[] args) {
      Path directory = Path.of(args[0]);
      MasterKey key = MasterKey.fromFile(directory.resolve("key"));
      try (FileSecretStore store = FileSecretStore.open(directory.resolve("store"), key)) {
        plan(store, Integer.parseInt(args[1]), () -> System.out.println("reading"))
            .apply()
            .requireComplete();
      }
    }
  }
}
