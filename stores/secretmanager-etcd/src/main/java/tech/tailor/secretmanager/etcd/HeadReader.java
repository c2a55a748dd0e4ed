package tech.tailor.secretmanager.etcd;

import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.op.Op;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.envelope.Envelope;

/**
 * Reads the head of a store with its data keys, in one snapshot with what is asked for, verifies it
 * and holds it against the floor. Thread-safe.
 */
final class HeadReader {

  private static final int HEAD = 0;
  private static final int KEYS = 1;
  private static final int LOG = 2;
  private static final int MORE = 3;

  private final Etcd etcd;
  private final Keys keys;
  private final Keyring keyring;
  private final Floor floor;
  private final String store;

  HeadReader(Etcd etcd, Keys keys, Keyring keyring, Floor floor, String store) {
    this.etcd = etcd;
    this.keys = keys;
    this.keyring = keyring;
    this.floor = floor;
    this.store = store;
  }

  /**
   * A head with its opened keys.
   *
   * @param tail the log after what was asked for
   * @param revision of the whole store, at which the rest can be read
   * @param modRevision when the head was written last
   * @param more the answers to what was asked in addition
   */
  record Opened(
      Head head,
      Envelope envelope,
      LogTail tail,
      long revision,
      long modRevision,
      List<GetResponse> more) {}

  /** Reads the head, and refuses one that is older than the floor. */
  Opened require(Deadline deadline, @Nullable Head since, List<Op> more) {
    Floor.Seen before = floor.seen();
    Opened opened = read(deadline, before, since, more);
    floor.require(before, opened.head, opened.tail);
    floor.raise(opened.head);
    return opened;
  }

  /** Reads the head, and verifies its seal alone. */
  Opened read(Deadline deadline) {
    return read(deadline, floor.seen(), null, List.of());
  }

  /**
   * Reads the head.
   *
   * @param before the log is read after this commit
   * @param since the log is read after this one, too
   */
  private Opened read(
      Deadline deadline, Floor.@Nullable Seen before, @Nullable Head since, List<Op> more) {
    long logged = Math.min(
        before == null ? Long.MAX_VALUE - 1 : before.generation(),
        since == null ? Long.MAX_VALUE - 1 : since.generation());
    String log = keys.log(logged + 1);
    List<Op> gets = new ArrayList<>();
    gets.add(Etcd.get(keys.head()));
    gets.add(Etcd.get(keys.dataKeys()));
    gets.add(Etcd.get(log, Etcd.upTo(keys.logs(), Etcd.PAGE)));
    gets.addAll(more);
    TxnResponse answer = etcd.read(deadline, gets);
    List<GetResponse> found = answer.getGetResponses();
    long revision = answer.getHeader().getRevision();
    Optional<KeyValue> head = found.get(HEAD).getKvs().stream().findFirst();
    Optional<KeyValue> dataKeys = found.get(KEYS).getKvs().stream().findFirst();
    if (head.isEmpty() || dataKeys.isEmpty()) {
      throw missing(head.isPresent() || dataKeys.isPresent());
    }
    byte[] wrapped = dataKeys.get().getValue().getBytes();
    Verified verified = verified(head.get().getValue().getBytes(), wrapped);
    return new Opened(
        verified.head,
        verified.envelope,
        LogTail.upTo(verified.head, entries(deadline, found.get(LOG), revision)),
        revision,
        head.get().getModRevision(),
        found.subList(MORE, found.size()));
  }

  private record Verified(Head head, Envelope envelope) {}

  /** Verifies the seal of a head, with the keys beside it. */
  private Verified verified(byte[] content, byte[] wrapped) {
    String digest = Digests.sha256(wrapped).toHex();
    for (boolean isAfresh : List.of(false, true)) {
      Head claimed = claimed(content);
      if (!claimed.keysDigest().equals(digest)) {
        throw Seals.damaged(store, "list of data keys");
      }
      Envelope envelope = keyring.open(claimed.storeId(), wrapped, isAfresh);
      Seals.Sealed sealed = Seals.open(envelope, keys.head(), content);
      if (sealed != null) {
        return new Verified(Head.of(sealed.text(), sealed.key()), envelope);
      }
    }
    throw Seals.damaged(store, "head");
  }

  /** What a head says of itself: its seal can't be verified without it. */
  private Head claimed(byte[] content) {
    try {
      String whole = Lines.decode(content);
      int seal = whole.lastIndexOf("seal ");
      return Head.of(seal < 0 ? whole : whole.substring(0, seal), 0);
    } catch (IllegalArgumentException e) {
      throw Seals.damaged(store, "head");
    }
  }

  private List<LogEntry> entries(Deadline deadline, GetResponse first, long revision) {
    List<LogEntry> entries = new ArrayList<>();
    GetResponse page = first;
    while (true) {
      String last = "";
      for (KeyValue found : page.getKvs()) {
        last = Etcd.key(found);
        try {
          entries.add(LogEntry.of(Lines.decode(found.getValue().getBytes())));
        } catch (IllegalArgumentException e) {
          entries.clear(); // edited; what comes before it leads to no head
        }
      }
      if (!page.isMore()) {
        return entries;
      }
      page = etcd.read(
          deadline, last + "\0", Etcd.upTo(keys.logs(), Etcd.PAGE).withRevision(revision));
    }
  }

  private SecretStorageException missing(boolean isHalfThere) {
    return new SecretStorageException(
        isHalfThere
            ? "The " + store + " was damaged: its head or its list of data keys was deleted."
                + " Restore it from a backup"
            : "There is no " + store
                + " in this etcd; create it with createIfMissing() on the builder,"
                + " or check the prefix and the client's namespace");
  }
}
