package tech.tailor.secretmanager.postgresql;

import java.time.Duration;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.envelope.StoreAnchor;

/**
 * The settings of a store, made once by its builder.
 *
 * @param locksHead true, but for a test of what happens otherwise
 * @param catchesUp false in a test alone: a watch tells what the last commit changed, not what it
 *     missed
 */
record PostgresSettings(
    DataSource dataSource,
    @Nullable DataSource replica,
    @Nullable DataSource listener,
    String workspace,
    List<MasterKey> keys,
    String actor,
    @Nullable StoreAnchor anchor,
    Duration timeout,
    Duration lockTimeout,
    Duration pollEvery,
    int versionsKept,
    boolean locksHead,
    boolean catchesUp) {

  /** Names the store in messages. */
  String describe() {
    return "workspace \"" + workspace + "\"";
  }
}
