package tech.tailor.secretmanager.postgresql;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretStoreRewoundException;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.envelope.Envelope;
import tech.tailor.secretmanager.envelope.shared.Budget;
import tech.tailor.secretmanager.envelope.shared.RewindGuard;
import tech.tailor.secretmanager.envelope.shared.SecretRecord;
import tech.tailor.secretmanager.envelope.shared.StoredValue;
import tech.tailor.secretmanager.spi.OpaqueBytes;
import tech.tailor.secretmanager.spi.StoreContent.Secret;
import tech.tailor.secretmanager.spi.StoreContent.Version;

/**
 * Answers questions from one snapshot of the database each, after the head was verified. With a
 * replica, that is asked first, and the primary where the replica is behind what this process has
 * seen. Thread-safe.
 */
final class Reads {

  /** How often the data keys may be replaced while one read is made. */
  private static final int ATTEMPTS = 5;

  private static final long REPLICA_PAUSE_NANOS = Duration.ofSeconds(10).toNanos();

  private static final int VAULT_AT = HeadReader.COLUMN_COUNT + 1;
  private static final int SECRET_AT = VAULT_AT + Records.VAULT_COLUMN_COUNT;
  private static final int CIPHERTEXT_AT = SECRET_AT + Records.SECRET_COLUMN_COUNT;

  private static final String FETCH = "SELECT " + HeadReader.COLUMNS + ", " + Records.VAULT_COLUMNS
      + ", " + Records.SECRET_COLUMNS + ", x.ciphertext" + HeadReader.FROM
      + " LEFT JOIN secretmanager.vault v ON v.store_id = s.store_id AND v.name = ?"
      + " LEFT JOIN secretmanager.secret c ON c.store_id = v.store_id AND c.vault = v.name"
      + " AND %s"
      + " LEFT JOIN secretmanager.secret_version x ON x.store_id = c.store_id"
      + " AND x.secret_id = c.secret_id AND x.version = c.current_version" + HeadReader.WHERE;

  private final Database primary;
  private final @Nullable Database replica;

  /** So that not each read waits for a replica that doesn't answer. */
  private volatile long replicaIsDownUntilNanos = System.nanoTime();

  private final HeadReader heads;
  private final RewindGuard<Head> guard;
  private final String store;

  Reads(
      Database primary,
      @Nullable Database replica,
      HeadReader heads,
      RewindGuard<Head> guard,
      String store) {
    this.primary = primary;
    this.replica = replica;
    this.heads = heads;
    this.guard = guard;
    this.store = store;
  }

  /** The current values of secrets of a vault, in one round trip. */
  PostgresContent fetch(String vault, Set<String> names) {
    return fromEither((database, budget) -> fetch(database, budget, vault, names));
  }

  /** Asks a question over one snapshot. */
  <T> T ask(Function<PostgresContent, T> question) {
    return fromEither((database, budget) -> {
      Head before = guard.seen();
      return database.snapshot(budget, session -> {
        HeadReader.Opened opened = heads.require(session, before);
        return question.apply(content(session, opened));
      });
    });
  }

  private <T> T fromEither(BiFunction<Database, Budget, T> work) {
    Budget budget = primary.budget();
    Database first = replica;
    if (first == null || replicaIsDownUntilNanos - System.nanoTime() > 0) {
      return work.apply(primary, budget);
    }
    Budget half = budget.half();
    long startNanos = System.nanoTime();
    try {
      return work.apply(first, half);
    } catch (SecretStoreRewoundException e) {
      budget.spendSince(startNanos); // the replica is behind, most likely
    } catch (SecretUnavailableException e) {
      budget.spendSince(startNanos);
      replicaIsDownUntilNanos = System.nanoTime() + REPLICA_PAUSE_NANOS;
    }
    return work.apply(primary, budget);
  }

  private PostgresContent content(Session session, HeadReader.Opened opened) {
    return new PostgresContent(
        RecordSource.of(session, opened, store),
        opened.envelope(),
        store,
        Instant.EPOCH); // a question changes nothing
  }

  private PostgresContent fetch(Database database, Budget budget, String vault, Set<String> names) {
    NameCondition condition = new NameCondition(names);
    String sql = FETCH.formatted(condition.on("c.name"));
    HeadReader.Opened opened = null;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      Head before = guard.seen();
      List<@Nullable Object> parameters = new ArrayList<>();
      parameters.add(HeadReader.asked(before));
      parameters.add(vault);
      condition.addTo(parameters);
      parameters.add(heads.workspace());
      Session.Statement statement = new Session.Statement(sql, parameters, false);
      HeadReader.Opened last = opened;
      Optional<PostgresContent> found = database.query(
          budget,
          session -> session.query(statement, rows -> content(rows, before, last, vault, names)));
      if (found.isPresent()) {
        return found.get();
      }
      opened =
          database.snapshot(budget, session -> heads.read(session, null)); // with the head's keys
    }
    throw new SecretUnavailableException(
        "The " + store + " is being given new data keys faster than they can be read; try again");
  }

  /**
   * Empty if the data keys of the head are not known yet.
   *
   * @param opened the head and the keys that were read last; others may have replaced those that
   *     the store remembers
   */
  private Optional<PostgresContent> content(
      ResultSet rows,
      @Nullable Head before,
      HeadReader.@Nullable Opened opened,
      String vault,
      Set<String> names)
      throws SQLException {
    if (!rows.next()) {
      throw heads.missing();
    }
    Head head = Head.of(rows);
    Envelope envelope =
        opened != null && opened.head().isOfSameKeys(head) ? opened.envelope() : heads.known(head);
    if (envelope == null) {
      return Optional.empty();
    }
    heads.requireSeal(head, envelope);
    heads.requireNotRewound(before, head, HeadReader.there(rows));
    Records records = new Records(head.storeId(), envelope, store);
    PostgresContent content = new PostgresContent(
        new RecordSource(null, head.storeId(), records, store), envelope, store, Instant.EPOCH);
    names.forEach(name -> content.keep(SecretRef.of(vault, name), Optional.empty()));
    boolean vaultIsThere = rows.getString(VAULT_AT) != null;
    content.keep(
        vault, vaultIsThere ? Optional.of(records.vault(rows, VAULT_AT)) : Optional.empty());
    do {
      if (rows.getString(SECRET_AT) != null) {
        SecretRecord record = records.secret(rows, SECRET_AT);
        content.keep(record.ref(), Optional.of(with(record, rows.getBytes(CIPHERTEXT_AT))));
      }
    } while (rows.next());
    return Optional.of(content);
  }

  /** The secret with the ciphertext of its current version; without one it reads as damaged. */
  private static SecretRecord with(SecretRecord record, byte @Nullable [] ciphertext) {
    Secret<StoredValue> secret = record.content();
    Version<StoredValue> current = secret == null ? null : secret.current();
    StoredValue value = current == null ? null : current.value();
    if (secret == null || current == null || value == null) {
      return record;
    }
    OpaqueBytes found = OpaqueBytes.adopt(ciphertext == null ? new byte[0] : ciphertext);
    Version<StoredValue> read =
        new Version<>(current.number(), current.createTime(), current.state(), value.with(found));
    return record.with(new Secret<>(
        secret.name(),
        secret.id(),
        secret.createTime(),
        secret.description(),
        secret.labels(),
        List.of(read))); // a fetch reads no other
  }
}
