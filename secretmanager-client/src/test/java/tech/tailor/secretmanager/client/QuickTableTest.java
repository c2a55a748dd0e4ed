package tech.tailor.secretmanager.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.CachedSecret.Answer;

class QuickTableTest {

  private final Set<CachedSecret> held = new HashSet<>();
  private final QuickTable table = new QuickTable();

  @ParameterizedTest
  @CsvSource({
    "1, secret-%d, 1",
    "1, secret-%d, 17",
    "2, secret-%d, 1_000",
    "2, secret-%d, 10_000",
    "10, key-%02d, 1_000",
    "20, key-%02d, 2_000",
    "100, key-%02d, 10_000",
    "1_000, key-%d-x, 8_000"
  })
  void findsWhatEntered_howeverMuchItIs(String vaultCount, String names, String secretCount) {
    int vaults = Integer.parseInt(vaultCount.replace("_", ""));
    int count = Integer.parseInt(secretCount.replace("_", ""));
    List<CachedSecret> secrets = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      secrets.add(
          entered(String.format("tenant-%02d", i % vaults), String.format(names, i / vaults)));
    }

    long found = secrets.stream().filter(secret -> find(secret) == secret).count();

    System.out.printf("quick table: %,d of %,d found, %d vaults%n", found, count, vaults);
    assertThat(found).isGreaterThanOrEqualTo((long) (0.999 * count));
    assertThat(table.find("default", "no-such-secret")).isNull();
    assertThat(table.find("no-such-vault", "secret-1")).isNull();
  }

  @Test
  void namesOfOneHash_areToldApart_andThoseWithoutRoomAreNotFound() {
    List<CachedSecret> secrets = IntStream.range(0, 16)
        .mapToObj(i -> entered("default", nameOfOneHash(i)))
        .toList();

    assertThat(secrets)
        .extracting(secret -> secret.ref().name().hashCode())
        .containsOnly(nameOfOneHash(0).hashCode());
    assertThat(secrets.subList(0, 8))
        .allSatisfy(secret -> assertThat(find(secret)).isSameAs(secret));
    assertThat(secrets.subList(8, 16))
        .allSatisfy(secret -> assertThat(find(secret)).isNull());

    table.leave(secrets.get(3));
    table.enter(secrets.get(12), held::contains);

    assertThat(find(secrets.get(3))).isNull();
    assertThat(find(secrets.get(7))).as("behind a slot that was emptied").isNotNull();
    assertThat(find(secrets.get(12))).as("in its place").isNotNull();
  }

  @Test
  void anotherValueOfAName_takesItsPlace_andIsNotTakenAwayWithIt() {
    CachedSecret older = entered("default", "api-key");
    CachedSecret newer = entered("default", "api-key");
    assertThat(find(older)).isSameAs(newer);

    table.leave(older);

    assertThat(find(newer)).isSameAs(newer);
  }

  @Test
  void whatIsPushedOnOverTheEnd_isNotLostWhenTheTableGrows() {
    List<CachedSecret> secrets = new ArrayList<>();
    for (int i = 0; secrets.size() < 9; i++) {
      String name = "secret-" + i;
      int slot = QuickTable.ownSlot("default", name, 64);
      boolean lastOfBoth = slot == 63 && QuickTable.ownSlot("default", name, 128) == 126;
      boolean firstOfBoth = slot == 0 && QuickTable.ownSlot("default", name, 128) == 0;
      if (secrets.size() < 8 ? lastOfBoth : firstOfBoth) {
        secrets.add(entered("default", name));
      }
    }

    for (int i = 0; table.slots() == 64; i++) {
      entered("another", "secret-" + i);
    }

    assertThat(secrets).allSatisfy(secret -> assertThat(find(secret)).isSameAs(secret));
  }

  @Test
  void whoEntersAgain_makesNoTableGrow() {
    for (int i = 0; i < 16; i++) {
      CachedSecret secret = entered("default", "secret-" + i);
      table.enter(secret, held::contains);
    }

    assertThat(table.slots()).isEqualTo(64);
  }

  @Test
  void whatIsReplaced_isWiped_sinceNobodyWillFindItHere() {
    CachedSecret older = entered("default", "api-key");
    held.remove(older);
    entered("default", "api-key");

    assertThat(older.copy()).isNull();
  }

  @Test
  void whatIsNotHeld_doesNotEnter_andIsWipedWhenItIsSweptOut() {
    CachedSecret kept = entered("default", "kept");
    CachedSecret gone = entered("default", "gone");
    CachedSecret late = secret("default", "late");
    table.enter(late, held::contains);
    assertThat(find(late)).isNull();
    held.remove(gone);

    table.sweep("default", "kept", held::contains);
    table.sweep("default", "gone", held::contains);
    table.sweep("default", "no-such-secret", held::contains);

    assertThat(find(gone)).isNull();
    assertThat(gone.copy()).as("wiped").isNull();
    assertThat(find(kept)).isSameAs(kept);

    held.clear();
    table.sweepAll(held::contains);

    assertThat(find(kept)).isNull();
    assertThat(kept.copy()).as("wiped").isNull();
  }

  @Test
  void aPlaceThatWasLeft_isUsedAgain() {
    for (int i = 0; i < 100_000; i++) {
      CachedSecret secret = entered("default", "secret-" + i);
      assertThat(find(secret)).isSameAs(secret);
      table.leave(secret);
      held.clear();
    }

    assertThat(table.slots()).isEqualTo(64);
  }

  @Test
  void threadsThatEnterAndLeaveAtOnce_loseNothingOfEachOther() throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    List<List<CachedSecret>> secretsOfThreads = new ArrayList<>();
    for (int vault = 0; vault < 4; vault++) {
      List<CachedSecret> secrets = new ArrayList<>();
      for (int i = 0; i < 500; i++) {
        secrets.add(secret("vault-" + vault, "secret-" + i));
      }
      secretsOfThreads.add(secrets);
      threads.add(new Thread(() -> {
        for (int round = 0; round < 400; round++) {
          secrets.forEach(table::leave);
          secrets.forEach(secret -> table.enter(secret, any -> true));
        }
      }));
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }

    assertThat(secretsOfThreads.stream().flatMap(List::stream))
        .allSatisfy(secret -> assertThat(find(secret)).isSameAs(secret));
    assertThat(table.slots()).as("slots for four times 2,000").isEqualTo(8_192);
    secretsOfThreads.forEach(secrets -> secrets.forEach(table::leave));
    assertThat(secretsOfThreads.stream().flatMap(List::stream))
        .allSatisfy(secret -> assertThat(find(secret)).isNull());
  }

  private CachedSecret find(CachedSecret secret) {
    return table.find(secret.ref().vault(), secret.ref().name());
  }

  private CachedSecret entered(String vault, String name) {
    CachedSecret secret = secret(vault, name);
    held.add(secret);
    table.enter(secret, held::contains);
    return secret;
  }

  private static CachedSecret secret(String vault, String name) {
    SecretRef ref = SecretRef.of(vault, name);
    try (SecretValue value = SecretValue.of("made-up-value")) {
      return CachedSecret.of(
          ref,
          value,
          new Answer(1, 0),
          Lifetime.of(ref, new CacheFixture().settings()),
          other -> {
            throw new AssertionError("Nothing is lent here");
          },
          () -> 0);
    }
  }

  /** Two letters, four times: either pair has the same hash, wherever it stands. */
  private static String nameOfOneHash(int number) {
    StringBuilder name = new StringBuilder();
    for (int bit = 0; bit < 4; bit++) {
      name.append((number >> bit & 1) == 0 ? "an" : "c0");
    }
    return name.toString();
  }
}
