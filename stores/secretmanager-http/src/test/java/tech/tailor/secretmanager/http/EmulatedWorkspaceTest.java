package tech.tailor.secretmanager.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tech.tailor.secretmanager.SecretAccessDeniedException;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretOutcome;
import tech.tailor.secretmanager.store.SecretDetails;
import tech.tailor.secretmanager.store.SecretInfo;
import tech.tailor.secretmanager.store.SecretStore;
import tech.tailor.secretmanager.store.VaultInfo;
import tech.tailor.secretmanager.testing.emulator.Fault;
import tech.tailor.secretmanager.testing.emulator.SecretManagerEmulator;

/** What the store asks, and how often, over the emulator. */
class EmulatedWorkspaceTest {

  @ParameterizedTest
  @EnumSource
  void workspaceId_mayBeInUpperCase(ReadMode readMode) {
    try (SecretManagerEmulator emulator = SecretManagerEmulator.start();
        HttpSecretStore store = HttpSecretStore.builder()
            .endpoint(emulator.endpoint())
            .workspaceId(emulator.workspaceId().toUpperCase(Locale.ROOT))
            .accessToken(AccessTokenSource.of(emulator.adminToken()))
            .readMode(readMode)
            .build()) {
      emulator.put("default", "greeting", "a made-up greeting");
      store.setVaultLabels("default", Map.of("owner", ""));
      SecretOutcome outcome = store.fetch("default", Set.of("greeting")).get("greeting");

      assertThat(store.vaultLabels("default")).isEqualTo(Map.of("owner", ""));
      assertThat(outcome).isInstanceOf(SecretOutcome.Found.class);
      ((SecretOutcome.Found) outcome).value().close();
    }
  }

  @Test
  void secretsAreDescribed_byThePagesOfTheirVault() {
    try (SecretManagerEmulator emulator = SecretManagerEmulator.start();
        HttpSecretStore store = open(emulator)) {
      List<String> names = IntStream.range(0, 120).mapToObj(i -> "secret-" + i).toList();
      names.forEach(name -> emulator.put("default", name, "made-up"));
      store.setLabels("default", "secret-7", Map.of("team", "orders"));

      assertThat(calls(emulator, () -> {
            Map<String, SecretDetails> described = store.describeSecrets("default", names);

            assertThat(described.keySet()).containsExactlyElementsOf(names);
            assertThat(described.get("secret-7"))
                .isEqualTo(SecretDetails.of(
                    store.describeSecret("default", "secret-7").orElseThrow(),
                    Map.of("team", "orders"),
                    ""));
          }))
          .isEqualTo(Map.of(
              "ListSecretManagerSecrets", 2L, "GetMetadata", 120L, "GetSecretManagerSecret", 1L));
    }
  }

  @Test
  void fewSecretsOfALargeVault_areDescribedOneByOne() {
    try (SecretManagerEmulator emulator = SecretManagerEmulator.start();
        HttpSecretStore store = open(emulator)) {
      // The platform's lists are newest first.
      emulator.put("default", "aaa-1", "made-up");
      emulator.put("default", "aaa-2", "made-up");
      IntStream.range(0, 310).forEach(i -> emulator.put("default", "secret-" + i, "made-up"));

      assertThat(calls(
              emulator,
              () -> assertThat(store
                      .describeSecrets("default", List.of("aaa-2", "no-such-one", "aaa-1", "aaa-2"))
                      .keySet())
                  .containsExactly("aaa-2", "aaa-1")))
          .as("three pages don't have them, and may not be more than there are secrets to find")
          .isEqualTo(Map.of(
              "ListSecretManagerSecrets", 3L, "GetSecretManagerSecret", 3L, "GetMetadata", 2L));
      assertThat(calls(emulator, () -> store.describeSecrets("default", List.of("aaa-2"))))
          .isEqualTo(
              Map.of("GetSecretManagerVault", 1L, "GetSecretManagerSecret", 1L, "GetMetadata", 1L));
    }
  }

  @Test
  void secretsOfAMissingVault_areNotDescribed() {
    try (SecretManagerEmulator emulator = SecretManagerEmulator.start();
        HttpSecretStore store = open(emulator)) {
      assertThatThrownBy(() -> store.describeSecrets("no-such-vault", List.of("aaa", "bbb")))
          .isInstanceOf(SecretNotFoundException.class)
          .hasMessageContaining("\"no-such-vault\"");
    }
  }

  private static HttpSecretStore open(SecretManagerEmulator emulator) {
    return HttpSecretStore.builder()
        .endpoint(emulator.endpoint())
        .workspaceId(emulator.workspaceId())
        .accessToken(AccessTokenSource.of(emulator.adminToken()))
        .build();
  }

  /** How often each method was called meanwhile. */
  private static Map<String, Long> calls(SecretManagerEmulator emulator, Runnable work) {
    emulator.clearRequests();
    work.run();
    return emulator.requests().stream()
        .collect(
            Collectors.groupingBy(request -> request.method().orElse(""), Collectors.counting()));
  }

  @Test
  void storeOfTheEmulator_isThatOfThisModule_andReadsAnyBytes() {
    byte[] bytes = {0, (byte) 0xff, (byte) 0xfe};
    try (SecretManagerEmulator emulator = SecretManagerEmulator.start();
        SecretStore store = emulator.store()) {
      emulator.put("default", "key", "a made-up value").put("default", "key", bytes);
      SecretOutcome outcome = store.fetch("default", Set.of("key")).get("key");

      assertThat(store).isInstanceOf(HttpSecretStore.class);
      try (SecretValue value = ((SecretOutcome.Found) outcome).value()) {
        assertThat(value.<byte[], RuntimeException>withBytes(byte[]::clone)).isEqualTo(bytes);
      }
      emulator.faults().next("ListSecretManagerVaults", 1, Fault.error("permission_denied"));
      assertThatThrownBy(store::listVaults).isInstanceOf(SecretAccessDeniedException.class);
    }
  }

  /** The platform's own lists are newest first, so that names come in another order. */
  @Test
  void lists_areByName_whateverThePlatformsOrder() {
    try (SecretManagerEmulator emulator = SecretManagerEmulator.start();
        SecretStore store = emulator.store()) {
      for (String name : List.of("bbb", "ccc", "aaa")) {
        emulator.put(name, "key", "a made-up value").put("bbb", name, "a made-up value");
      }

      assertThat(store.listVaults())
          .extracting(VaultInfo::name)
          .containsExactly("aaa", "bbb", "ccc");
      assertThat(store.listSecrets("bbb"))
          .extracting(SecretInfo::name)
          .containsExactly("aaa", "bbb", "ccc", "key");
    }
  }
}
