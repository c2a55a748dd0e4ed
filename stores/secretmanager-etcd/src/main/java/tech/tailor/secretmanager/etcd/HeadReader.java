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
import tech.tailor.secretmanager.envelope.WrappedKey;
import tech.tailor.secretmanager.envelope.shared.Damage;
import tech.tailor.secretmanager.envelope.shared.Keyring;
import tech.tailor.secretmanager.envelope.shared.RewindGuard;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/**
 * Reads the head of a store with its data keys, in one snapshot with what is asked for, verifies it
 * and refuses one of a store that was rewound. Thread-safe.
 */
final class HeadReader {

  private static final int HEAD = 0;
  private static final int KEYS = 1;
  private static final int LOG = 2;
  private static final int MORE = 3;

  private final Etcd etcd;
  private final Keys keys;
  private final Keyring keyring;
  private final RewindGuard<Head> guard;
  private final EtcdSettings settings;
  private final String store;

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
    gets.add(Etcd.get(keys.dataKeys()));
    gets.add(Etcd.get(log, Etcd.upTo(keys.logs(), Etcd.PAGE)));
    gets.addAll(more);
    TxnResponse answer = etcd.read(budget, gets);
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
        LogTail.upTo(verified.head, entries(found.get(LOG), revision)),
        revision,
        head.get(),
        found.subList(MORE, found.size()));
  }

  private record Verified(Head head, Envelope envelope) {}

  /** Verifies the seal of a head, with the keys beside it. */
  private Verified verified(byte[] content, byte[] wrapped) {
    SealedText sealed;
    Head head; // the keys can't be opened without what it says of itself
    try {
      sealed = SealedText.of(content);
      head = Head.of(sealed.text(), sealed.key());
    } catch (IllegalArgumentException e) {
      throw Damage.of(store, "head");
    }
    OpaqueBytes digest = OpaqueBytes.copyOf(wrapped).sha256();
    if (!head.keysDigest().equals(digest.toHex())) {
      throw Damage.of(store, "list of data keys");
    }
    Envelope envelope = keyring.known(head.storeId(), digest);
    if (envelope == null) {
      envelope = keyring.open(head.storeId(), digest, parse(wrapped), null);
    }
    if (!sealed.isGenuine(envelope, keys.head())) {
      envelope = keyring.open(head.storeId(), digest, parse(wrapped), envelope);
    }
    if (!sealed.isGenuine(envelope, keys.head())) {
      throw Damage.of(store, "head");
    }
    return new Verified(head, envelope);
  }

  private List<WrappedKey> parse(byte[] wrapped) {
    try {
      return KeyList.parse(wrapped);
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
