package tech.tailor.secretmanager.etcd;

import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.op.Op;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.envelope.Envelope;
import tech.tailor.secretmanager.envelope.WrappedKey;
import tech.tailor.secretmanager.envelope.shared.Budget;
import tech.tailor.secretmanager.envelope.shared.Damage;
import tech.tailor.secretmanager.envelope.shared.Keyring;
import tech.tailor.secretmanager.envelope.shared.RewindGuard;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/**
 * Reads the head of a store, and its data keys where they are not known yet, in one snapshot with
 * what is asked for. It verifies the head and refuses one of a store that was rewound. Thread-safe.
 */
final class HeadReader {

  private static final int HEAD = 0;
  private static final int LOG = 1;
  private static final int MORE = 2;

  private final Etcd etcd;
  private final Keys keys;
  private final Keyring keyring;
  private final RewindGuard<Head> guard;
  private final EtcdSettings settings;
  private final String store;

  /** The head that was verified last: most reads find the same one. */
  private volatile @Nullable Verified last;

  HeadReader(
      Etcd etcd, Keys keys, Keyring keyring, RewindGuard<Head> guard, EtcdSettings settings) {
    this.etcd = etcd;
    this.keys = keys;
    this.keyring = keyring;
    this.guard = guard;
    this.settings = settings;
    this.store = settings.describe();
  }

  /**
   * A head with its opened keys.
   *
   * @param tail the log after what was asked for
   * @param revision of the whole store, at which the rest can be read
   * @param stored the head as it stands in etcd
   * @param more the answers to what was asked in addition
   */
  record Opened(
      Head head,
      Envelope envelope,
      LogTail tail,
      long revision,
      KeyValue stored,
      List<GetResponse> more) {}

  /** Reads the head, and refuses one of a store that was rewound. */
  Opened require(Budget budget, @Nullable Head since, List<Op> more) {
    Head before = guard.seen();
    Opened opened = read(budget, before, since, more);
    guard.require(before, opened.head, seen -> isInPast(opened, seen));
    return opened;
  }

  /** Whether the log leads back to a commit; one that it no longer keeps can't be told. */
  private boolean isInPast(Opened opened, Head seen) {
    Head head = opened.head;
    return head.generation() - seen.generation() >= settings.control().logKept()
        || opened.tail.after(head, seen.log()).isPresent();
  }

  /** Reads the head, and verifies its seal alone. */
  Opened read(Budget budget) {
    return read(budget, guard.seen(), null, List.of());
  }

  /**
   * Reads the head.
   *
   * @param before the log is read after this commit
   * @param since the log is read after this one, too
   */
  private Opened read(Budget budget, @Nullable Head before, @Nullable Head since, List<Op> more) {
    long logged = Math.min(
        before == null ? Long.MAX_VALUE - 1 : before.generation(),
        since == null ? Long.MAX_VALUE - 1 : since.generation());
    String log = keys.log(logged + 1);
    List<Op> gets = new ArrayList<>();
    gets.add(Etcd.get(keys.head()));
    gets.add(Etcd.get(log, Etcd.upTo(keys.logs(), Etcd.PAGE)));
    gets.addAll(more);
    if (last != null) {
      TxnResponse answer = etcd.read(budget, gets);
      KeyValue head = first(answer, HEAD);
      Verified verified = head == null ? null : verified(content(head), null);
      if (head != null && verified != null) {
        return opened(verified, head, answer, gets.size());
      }
    }
    gets.add(Etcd.get(keys.dataKeys()));
    TxnResponse answer = etcd.read(budget, gets);
    KeyValue head = first(answer, HEAD);
    KeyValue dataKeys = first(answer, gets.size() - 1);
    if (head == null || dataKeys == null) {
      throw missing(head != null || dataKeys != null);
    }
    Verified verified = verified(content(head), content(dataKeys));
    if (verified == null) {
      throw Damage.of(store, "head");
    }
    return opened(verified, head, answer, gets.size() - 1);
  }

  private static @Nullable KeyValue first(TxnResponse answer, int get) {
    List<KeyValue> found = answer.getGetResponses().get(get).getKvs();
    return found.isEmpty() ? null : found.get(0);
  }

  private static OpaqueBytes content(KeyValue found) {
    return OpaqueBytes.adopt(found.getValue().getBytes());
  }

  private Opened opened(Verified verified, KeyValue head, TxnResponse answer, int end) {
    List<GetResponse> found = answer.getGetResponses();
    long revision = answer.getHeader().getRevision();
    return new Opened(
        verified.head,
        verified.envelope,
        LogTail.upTo(verified.head, entries(found.get(LOG), revision)),
        revision,
        head,
        found.subList(MORE, end));
  }

  private record Verified(OpaqueBytes content, Head head, Envelope envelope) {}

  /**
   * Verifies the seal of a head.
   *
   * @param wrapped the data keys beside it; null if the known ones are to do
   * @return null if it is not of these keys
   */
  private @Nullable Verified verified(OpaqueBytes content, @Nullable OpaqueBytes wrapped) {
    Verified before = last;
    if (wrapped == null && before != null && content.equals(before.content)) {
      return before;
    }
    SealedText sealed;
    Head head; // the keys can't be opened without what it says of itself
    OpaqueBytes digest;
    try {
      sealed = SealedText.of(content.toArray());
      head = Head.of(sealed.text(), sealed.key());
      digest = OpaqueBytes.adopt(HexFormat.of().parseHex(head.keysDigest()));
    } catch (IllegalArgumentException e) {
      throw Head.isOfNewerFormat(content.toArray())
          ? new SecretStorageException("The " + store
              + " is of a format that a newer version of this library wrote; update the library")
          : Damage.of(store, "head");
    }
    Envelope envelope = keyring.known(head.storeId(), digest);
    if (wrapped != null) {
      if (!digest.equals(wrapped.sha256())) {
        throw Damage.of(store, "list of data keys");
      }
      if (envelope == null) {
        envelope = keyring.open(head.storeId(), digest, parse(wrapped), null);
      }
      if (!sealed.isGenuine(envelope, keys.head())) {
        envelope = keyring.open(head.storeId(), digest, parse(wrapped), envelope);
      }
    }
    if (envelope == null || !sealed.isGenuine(envelope, keys.head())) {
      return null;
    }
    Verified verified = new Verified(content, head, envelope);
    last = verified;
    return verified;
  }

  private List<WrappedKey> parse(OpaqueBytes wrapped) {
    try {
      return KeyList.parse(wrapped.toArray());
    } catch (IllegalArgumentException e) {
      throw Damage.of(store, "list of data keys");
    }
  }

  /**
   * The entries of the log from a first page on. Each further page has a timeout of its own: a
   * process that was idle for long would otherwise never have the time for all that it missed.
   */
  private List<LogEntry> entries(GetResponse first, long revision) {
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
          Budget.of(settings.timeout()),
          last + "\0",
          Etcd.upTo(keys.logs(), Etcd.PAGE).withRevision(revision));
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
