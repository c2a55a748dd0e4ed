package tech.tailor.secretmanager.etcd;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.envelope.Envelope;
import tech.tailor.secretmanager.envelope.StoreAnchor;
import tech.tailor.secretmanager.envelope.shared.Budget;
import tech.tailor.secretmanager.envelope.shared.ContentSum;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/** Makes an empty store: its head, its first data key, and the first entry of its log. */
final class Creation {

  private static final int ID_SIZE_BYTES = 16;

  private Creation() {}

  /**
   * Makes the store where nothing of one is there; a store that is there is only read. Of several
   * processes one makes it.
   *
   * @param remembered what an anchor remembers of a store that was there
   */
  static void createIfMissing(
      Etcd etcd,
      Keys keys,
      EtcdSettings settings,
      Optional<StoreAnchor.Mark> remembered,
      Budget budget) {
    boolean isThere = etcd
        .read(budget, List.of(Etcd.get(keys.head()), Etcd.get(keys.dataKeys())))
        .getGetResponses()
        .stream()
        .anyMatch(found -> !found.getKvs().isEmpty());
    if (isThere) {
      return;
    }
    if (remembered.isPresent()) {
      throw new SecretStorageException(
          "There is no " + settings.describe() + " in this etcd, and its"
              + " anchor remembers one of generation " + remembered.get().generation()
              + "; bring it back from a backup, or, if a new store is intended, open it without the"
              + " anchor or with a new one");
    }
    create(etcd, keys, settings, budget);
  }

  private static void create(Etcd etcd, Keys keys, EtcdSettings settings, Budget budget) {
    OpaqueBytes storeId = OpaqueBytes.random(ID_SIZE_BYTES);
    Envelope envelope = Envelope.create(KeyList.LABEL, storeId, settings.keys().get(0));
    LogEntry entry = new LogEntry(
        1,
        OpaqueBytes.random(ID_SIZE_BYTES),
        LogEntry.START,
        Instant.now().toEpochMilli(),
        List.of(new LogEntry.Change(LogEntry.Kind.STORE, "created")));
    byte[] dataKeys = KeyList.content(envelope);
    Head head = new Head(
        storeId,
        entry.generation(),
        entry.commitId(),
        0,
        envelope.sealingKey(),
        OpaqueBytes.copyOf(dataKeys).sha256().toHex(),
        ContentSum.ZERO.encrypt(envelope, storeId, entry.generation()),
        entry.digest());
    String sealed = SealedText.seal(envelope, keys.head(), head.text()).whole();
    try {
      etcd.write(
          budget,
          budget.leftNanos() / 2, // the rest is for the question what became of it
          List.of(Etcd.isMissing(keys.head()), Etcd.isMissing(keys.dataKeys())),
          List.of(
              Etcd.put(keys.head(), sealed.getBytes(UTF_8)),
              Etcd.put(keys.dataKeys(), dataKeys),
              Etcd.put(keys.log(entry.generation()), entry.text().getBytes(UTF_8))),
          List.of());
    } catch (Etcd.InDoubtException e) {
      // What reads the head next tells whether there is a store; whose it is does not matter.
      if (e.getCause() instanceof SecretManagerException trouble
          && Thread.currentThread().isInterrupted()) {
        throw trouble;
      }
    }
  }
}
