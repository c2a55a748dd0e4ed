package tech.tailor.secretmanager.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.Freshness;
import tech.tailor.secretmanager.SecretConflictException;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretStoreRewoundException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.envelope.FileAnchor;
import tech.tailor.secretmanager.envelope.StoreAnchor;

/** A database that is older than what was seen of it: the whole of it was put back. */
class RewindTest {

  @TempDir
  Path directory;

  private TestStore made;

  @BeforeEach
  void makeStore() throws Exception {
    made = TestStore.create(directory);
  }

  @Test
  void rewoundStore_isRefused_untilOneProcessAccepts() throws Exception {
    try (PostgresSecretStore one = made.open();
        PostgresSecretStore other = made.open()) {
      TestStore.put(one, "name", "kept");
      made.database().keepStore();
      TestStore.put(one, "name", "lost");
      assertThat(TestStore.read(other, "name")).isEqualTo("lost");
      made.database().putBackStore();

      SecretStoreRewoundException refused = catchThrowableOfType(
          SecretStoreRewoundException.class, () -> TestStore.read(one, "name"));
      assertThat(refused).hasMessageContaining("acceptRewind(\"" + refused.mark() + "\")");
      assertThatThrownBy(() -> TestStore.put(other, "name", "another"))
          .isInstanceOf(SecretStoreRewoundException.class);
      assertThatThrownBy(other::verify).isInstanceOf(SecretStoreRewoundException.class);

      assertThatThrownBy(() -> one.acceptRewind("1-" + "0".repeat(32)))
          .isInstanceOf(SecretConflictException.class);
      assertThatThrownBy(() -> one.acceptRewind("this one"))
          .isInstanceOf(IllegalArgumentException.class);
      one.acceptRewind(refused.mark());
      assertThat(TestStore.read(one, "name")).isEqualTo("kept");
      assertThat(TestStore.read(other, "name"))
          .as("it learns through the store")
          .isEqualTo("kept");
      assertThat(TestStore.put(other, "name", "new").version()).isEqualTo(2);
      assertThat(one.verify().problems()).isEmpty();
      assertThat(one.history(Long.MAX_VALUE, 2))
          .extracting(change -> change.what())
          .containsExactly("update", "accept-rewind");
    }
  }

  /** The generation alone would forget the fork. */
  @Test
  void forkThatWasOvertaken_isRefused() throws Exception {
    try (PostgresSecretStore witness = made.open()) {
      TestStore.put(witness, "name", "kept");
      made.database().keepStore();
      TestStore.put(witness, "name", "lost");
      made.database().putBackStore();
      try (PostgresSecretStore fresh = made.open()) {
        for (int i = 0; i < 5; i++) {
          TestStore.put(fresh, "name", "of a process that has seen nothing");
        }
      }
      assertThatThrownBy(witness::listVaults)
          .isInstanceOf(SecretStoreRewoundException.class)
          .hasMessageContaining("is not in its past");
    }
  }

  /** Seen by verify alone, as documented: nothing else reads the trail that was in between. */
  @Test
  void forkWithTheIdOfALostCommitInItsTrail_isSeenByVerifyAlone() throws Exception {
    try (PostgresSecretStore witness = made.open()) {
      TestStore.put(witness, "name", "kept");
      made.database().keepStore();
      TestStore.put(witness, "name", "lost");
      made.database()
          .run("CREATE TABLE lost AS SELECT generation, commit_id FROM"
              + " secretmanager.change WHERE generation = 4");
      made.database().putBackStore();
      try (PostgresSecretStore fresh = made.open()) {
        for (int i = 0; i < 5; i++) {
          TestStore.put(fresh, "name", "of a process that has seen nothing");
        }
      }
      made.database()
          .run("UPDATE secretmanager.change c SET commit_id = l.commit_id FROM lost l"
              + " WHERE c.generation = l.generation");
      assertThat(witness.listVaults()).hasSize(1);
      assertThat(witness.verify().problems()).anyMatch(problem -> problem.contains("trail"));
    }
  }

  /** Both pasts have a second data key, and these are two. */
  @Test
  void rewindOfARotation_isRefused_andCanBeAccepted() throws Exception {
    try (PostgresSecretStore witness = made.open();
        PostgresSecretStore fresh = made.open()) {
      TestStore.put(witness, "name", "kept");
      made.database().keepStore();
      witness.rotateDataKey();
      made.database().putBackStore();
      fresh.rotateDataKey();
      SecretStoreRewoundException refused = catchThrowableOfType(
          SecretStoreRewoundException.class, () -> TestStore.read(witness, "name"));
      witness.acceptRewind(refused.mark());
      assertThat(TestStore.read(witness, "name")).isEqualTo("kept");
    }
  }

  /** Before, it went on under the old key for ever, or said that it was done. */
  @Test
  void rewindThatIsAcceptedDuringARotation_isAConflict() throws Exception {
    try (PostgresSecretStore store = made.open()) {
      TestStore.put(store, "name", "kept");
    }
    made.database().keepStore();
    AtomicInteger commits = new AtomicInteger();
    StoreAnchor afterTheKeyWasAdded = new StoreAnchor() {
      @Override
      public Optional<Mark> read() {
        return Optional.empty();
      }

      @Override
      public void advance(Mark mark) {
        if (commits.incrementAndGet() == 1) {
          putBackAndAccept();
        }
        assertThat(commits.get())
            .as("commits of a rotation that comes to its end")
            .isLessThan(20);
      }
    };
    try (PostgresSecretStore rotating =
        made.builder().anchor(afterTheKeyWasAdded).open()) {
      assertThatThrownBy(rotating::rotateDataKey)
          .isExactlyInstanceOf(SecretConflictException.class)
          .hasMessageContaining("Call rotateDataKey again");
      assertThat(TestStore.read(rotating, "name")).isEqualTo("kept");
      rotating.rotateDataKey();
      assertThat(TestStore.read(rotating, "name")).isEqualTo("kept");
      assertThat(rotating.verify().problems()).isEmpty();
    }
    assertThat(made.database().ask("SELECT count(*) FROM secretmanager.secret WHERE key_id < 2"))
        .isEqualTo("0");
  }

  private void putBackAndAccept() {
    try {
      made.database().putBackStore();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    try (PostgresSecretStore operator = made.open()) {
      operator.acceptRewind(operator.verify().mark());
    }
  }

  /** Not noticed, as documented: nothing tells a process that has seen nothing. */
  @Test
  void freshProcessWithoutAnchor_doesNotNotice() throws Exception {
    try (PostgresSecretStore store = made.open()) {
      TestStore.put(store, "name", "kept");
      made.database().keepStore();
      TestStore.put(store, "name", "lost");
    }
    made.database().putBackStore();
    try (PostgresSecretStore fresh = made.open()) {
      assertThat(TestStore.read(fresh, "name")).isEqualTo("kept");
      assertThat(fresh.verify().isVerified()).isTrue();
    }
  }

  @Test
  void freshProcessWithAnchor_notices_andCanAccept() throws Exception {
    FileAnchor anchor = FileAnchor.create(directory.resolve("anchor"));
    try (PostgresSecretStore store = made.builder().anchor(anchor).open()) {
      TestStore.put(store, "name", "kept");
      made.database().keepStore();
      TestStore.put(store, "name", "lost");
    }
    made.database().putBackStore();
    try (PostgresSecretStore fresh = made.builder().anchor(anchor).open()) {
      SecretStoreRewoundException refused =
          catchThrowableOfType(SecretStoreRewoundException.class, fresh::listVaults);
      assertThat(refused).hasMessageContaining("its anchor remembers");
      fresh.acceptRewind(refused.mark());
      assertThat(TestStore.read(fresh, "name")).isEqualTo("kept");
    }
    try (PostgresSecretStore next = made.builder().anchor(anchor).open()) {
      assertThat(TestStore.read(next, "name")).isEqualTo("kept");
    }
  }

  @Test
  void cache_keepsWhatItHolds_staleAndMarked() throws Exception {
    try (PostgresSecretStore writer = made.open();
        SecretManager manager = SecretManagers.builder(
                made.builder().pollEvery(Duration.ofHours(1)).open())
            .timeToLive(Duration.ofMillis(1))
            .build()) {
      TestStore.put(writer, "name", "kept");
      made.database().keepStore();
      TestStore.put(writer, "name", "newer");
      assertThat(manager.withSecret(TestStore.VAULT, "name", SecretValue::revealString))
          .isEqualTo("newer");
      made.database().putBackStore();
      boolean isStale = false;
      while (!isStale) { // refreshed in the background, or by the reader
        try (SecretValue value = manager.requireSecret(TestStore.VAULT, "name")) {
          assertThat(value.revealString()).isEqualTo("newer");
          isStale = value.freshness() instanceof Freshness.Stale;
        }
      }
    }
  }
}
