package tech.tailor.secretmanager.postgresql;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.envelope.Envelope;
import tech.tailor.secretmanager.envelope.shared.ContentSum;
import tech.tailor.secretmanager.envelope.shared.SecretRecord;
import tech.tailor.secretmanager.envelope.shared.StoredValue;
import tech.tailor.secretmanager.envelope.shared.VaultRecord;
import tech.tailor.secretmanager.spi.OpaqueBytes;
import tech.tailor.secretmanager.spi.StoreContent.Secret;
import tech.tailor.secretmanager.spi.StoreContent.Version;
import tech.tailor.secretmanager.store.StoreVerification;

/**
 * Holds everything that a workspace has against its head: each record against its seal and against
 * the last change of the trail that concerns it, all of them against the sum, each ciphertext
 * against the digest in its record, the trail against its digest. For one call.
 */
final class Verification {

  private static final int PAGE = 1_000;
  private static final int MAX_PROBLEMS = 100;

  private static final String SECRETS = "SELECT " + Records.SECRET_COLUMNS
      + " FROM secretmanager.secret c WHERE c.store_id = ? AND (c.vault, c.name) > (?, ?)"
      + " ORDER BY c.vault, c.name LIMIT " + PAGE;
  private static final String CIPHERTEXTS =
      "SELECT x.secret_id, x.version, x.ciphertext FROM secretmanager.secret_version x"
          + " WHERE x.store_id = ? AND (x.secret_id, x.version) > (?, ?)"
          + " ORDER BY x.secret_id, x.version LIMIT 100";
  private static final String CHANGES = "SELECT " + Trail.COLUMNS
      + " FROM secretmanager.change h WHERE h.store_id = ? AND (h.generation, h.seq) > (?, ?)"
      + " ORDER BY h.generation, h.seq LIMIT " + PAGE;

  private final Session session;
  private final String store;
  private final Head head;
  private final Envelope envelope;
  private final Records records;

  private final List<String> problems = new ArrayList<>();
  private final Map<SecretRef, Trail.Entry> lastChanges = new HashMap<>();
  private final Map<Place, OpaqueBytes> ciphertexts = new HashMap<>();
  private ContentSum sum = ContentSum.ZERO;
  private int vaults;
  private int secrets;
  private long versions;
  private long commits;

  private record Place(OpaqueBytes secretId, long version) {}

  Verification(Session session, HeadReader.Opened opened, String store) {
    this.session = session;
    this.store = store;
    this.head = opened.head();
    this.envelope = opened.envelope();
    this.records = new Records(head.storeId(), envelope, store);
  }

  StoreVerification run() throws SQLException {
    trail();
    vaults();
    secrets();
    ciphertexts();
    if (problems.isEmpty()
        && !Objects.equals(
            sum,
            ContentSum.decrypt(
                envelope, head.key(), head.storeId(), head.generation(), head.sum()))) {
      problem("the records are not those of the last commit: one was deleted, added, or put back as"
          + " it once was");
    }
    dataKeys();
    return StoreVerification.of(head.mark(), vaults, secrets, versions, commits, problems);
  }

  private void problem(String problem) {
    if (problems.size() < MAX_PROBLEMS) {
      problems.add(problem);
    } else if (problems.size() == MAX_PROBLEMS) {
      problems.add("and more");
    }
  }

  /** A store that is open already knows them, and reads them no more. */
  private void dataKeys() throws SQLException {
    try {
      KeyRows.read(session, head, store);
    } catch (SecretIntegrityException e) {
      problem(
          "the list of data keys is not what the last commit left; the workspace can't be opened"
              + " again");
    }
  }

  private void trail() throws SQLException {
    TrailDigest digest = new TrailDigest(TrailDigest.START);
    Trail.Entry last = null;
    List<Trail.Entry> page;
    do {
      page = changes(last);
      for (Trail.Entry entry : page) {
        if (last == null || !last.commit().id().equals(entry.commit().id())) {
          digest.afterCommit();
          commits++;
        }
        digest.add(entry.text(), entry.seal());
        String vault = entry.change().vault();
        String name = entry.change().name();
        if (vault != null && name != null) {
          lastChanges.put(SecretRef.of(vault, name), entry);
        }
        last = entry;
      }
    } while (page.size() == PAGE);
    if (!digest.afterCommit().equals(head.trail())) {
      problem("the trail of changes is not what the last commit left: changes were edited, deleted"
          + " or added");
    }
  }

  private List<Trail.Entry> changes(Trail.@Nullable Entry after) throws SQLException {
    return session.query(
        Session.Statement.of(
            CHANGES,
            head.storeId(),
            after == null ? 0 : after.commit().generation(),
            after == null ? -1 : after.seq()),
        rows -> {
          List<Trail.Entry> found = new ArrayList<>();
          while (rows.next()) {
            found.add(Trail.entry(head.storeId(), rows));
          }
          return found;
        });
  }

  private void vaults() throws SQLException {
    session.query(
        Session.Statement.of(
            "SELECT " + Records.VAULT_COLUMNS + " FROM secretmanager.vault v WHERE v.store_id = ?",
            head.storeId()),
        rows -> {
          while (rows.next()) {
            vaults++;
            VaultRecord record = records.vault(rows, 1);
            if (record.content() == null) {
              problem("the record of the vault \"" + record.name() + "\" is not under its seal");
            } else {
              sum = sum.plus(envelope, record);
            }
          }
          return true;
        });
  }

  private void secrets() throws SQLException {
    String[] after = {"", ""};
    int found;
    do {
      found =
          session.query(Session.Statement.of(SECRETS, head.storeId(), after[0], after[1]), rows -> {
            int read = 0;
            while (rows.next()) {
              read++;
              after[0] = rows.getString(1);
              after[1] = rows.getString(2);
              secret(rows);
            }
            return read;
          });
      secrets += found;
    } while (found == PAGE);
    lastChanges.forEach((ref, entry) -> {
      if (!entry.change().what().equals(Change.DELETE)) {
        problem("the secret " + ref + " is missing, though its last change at generation "
            + entry.commit().generation() + " was no deletion");
      }
    });
  }

  private void secret(ResultSet row) throws SQLException {
    SecretRecord record;
    try {
      record = records.secret(row, 1);
    } catch (SecretIntegrityException e) {
      problem("there is a record of a secret with an impossible name");
      return;
    }
    SecretRef ref = record.ref();
    long generation = row.getLong(5);
    Trail.Entry last = lastChanges.remove(ref);
    Secret<StoredValue> secret = record.content();
    if (secret == null) {
      problem("the record of the secret " + ref + " is not under its seal");
      return;
    }
    sum = sum.plus(envelope, record);
    for (Version<StoredValue> version : secret.versions()) {
      StoredValue value = version.value();
      if (value != null) {
        ciphertexts.put(new Place(secret.id(), version.number()), value.sha256());
      }
    }
    if (last == null || last.commit().generation() > generation) {
      problem("the secret " + ref + " is as it was at generation " + generation
          + (last == null
              ? ", and the trail does not know it"
              : ", though it was changed at generation " + last.commit().generation()));
    } else if (last.change().what().equals(Change.DELETE)) {
      problem("the secret " + ref + " is there, though it was deleted at generation "
          + last.commit().generation());
    }
  }

  private void ciphertexts() throws SQLException {
    Place[] after = {new Place(OpaqueBytes.adopt(new byte[0]), 0)};
    int found;
    do {
      found = session.query(
          Session.Statement.of(
              CIPHERTEXTS, head.storeId(), after[0].secretId(), after[0].version()),
          rows -> {
            int read = 0;
            while (rows.next()) {
              read++;
              after[0] = new Place(OpaqueBytes.adopt(rows.getBytes(1)), rows.getLong(2));
              OpaqueBytes expected = ciphertexts.remove(after[0]);
              if (!Objects.equals(OpaqueBytes.adopt(rows.getBytes(3)).sha256(), expected)) {
                problem(
                    "the ciphertext of version " + after[0].version() + " of the secret with id "
                        + after[0].secretId().toHex() + " is not the one of its record");
              }
            }
            return read;
          });
      versions += found;
    } while (found == 100);
    ciphertexts
        .keySet()
        .forEach(place -> problem("the ciphertext of version " + place.version()
            + " of the secret with id " + place.secretId().toHex() + " is missing"));
  }
}
