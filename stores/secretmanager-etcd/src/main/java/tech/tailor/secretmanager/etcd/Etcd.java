package tech.tailor.secretmanager.etcd;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.NANOSECONDS;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.Txn;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import io.etcd.jetcd.options.TxnOption;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretUnavailableException;

/**
 * The calls to etcd, each within a deadline, with the library's exceptions. Thread-safe; it waits
 * on the calling thread.
 */
final class Etcd {

  /** How many records one answer holds: of the largest ones, less than gRPC's 4 MiB. */
  static final int PAGE = 100;

  /** How many ciphertexts, with their records, one answer holds for the same reason. */
  static final int VALUES_PAGE = 24;

  private static final TxnOption REPEATABLE =
      TxnOption.builder().withAutoRetry().build();

  private final Client client;
  private final String store;

  Etcd(Client client, String store) {
    this.client = client;
    this.store = store;
  }

  /** A transaction that was sent, and whose end is not known. */
  static final class InDoubtException extends Exception {

    private static final long serialVersionUID = 1L;

    InDoubtException(SecretManagerException cause) {
      super("Whether the transaction took effect is not known", cause);
    }
  }

  /** A read of a revision that etcd no longer keeps. */
  static final class CompactedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    CompactedException() {
      super("The revision was compacted");
    }
  }

  static ByteSequence bytes(String text) {
    return ByteSequence.from(text, UTF_8);
  }

  static Op get(String key) {
    return Op.get(bytes(key), GetOption.DEFAULT);
  }

  static Op get(String from, GetOption.Builder option) {
    return Op.get(bytes(from), option.build());
  }

  static Op put(String key, byte[] value) {
    return Op.put(bytes(key), ByteSequence.from(value), PutOption.DEFAULT);
  }

  /** Holds while the key was last written at this revision; 0 for a key that is not there. */
  static Cmp isAt(String key, long modRevision) {
    return new Cmp(bytes(key), Cmp.Op.EQUAL, CmpTarget.modRevision(modRevision));
  }

  /** Everything that begins with a prefix, from a key on, in ascending order. */
  static GetOption.Builder upTo(String prefix, int limit) {
    return GetOption.builder().withRange(end(prefix)).withLimit(limit);
  }

  /** The first key after all that begin with a prefix, which ends with a slash. */
  static ByteSequence end(String prefix) {
    return bytes(prefix.substring(0, prefix.length() - 1) + (char) ('/' + 1));
  }

  /** Reads, in one snapshot. */
  TxnResponse read(Deadline deadline, List<Op> gets) {
    return await(
        deadline,
        () -> client.getKVClient().txn(REPEATABLE).Then(gets.toArray(new Op[0])).commit());
  }

  /** Reads at one revision, in one call. */
  GetResponse read(Deadline deadline, String from, GetOption.Builder option) {
    GetOption built = option.build();
    return await(deadline, () -> client.getKVClient().get(bytes(from), built));
  }

  /**
   * Writes if the comparison holds, and otherwise reads.
   *
   * @throws InDoubtException if it may have taken effect, or may still do so
   */
  TxnResponse write(Deadline deadline, List<Cmp> comparisons, List<Op> puts, List<Op> otherwise)
      throws InDoubtException {
    boolean isSent = false;
    try {
      Txn txn = client.getKVClient().txn(TxnOption.DEFAULT);
      CompletableFuture<TxnResponse> answer = txn.If(comparisons.toArray(new Cmp[0]))
          .Then(puts.toArray(new Op[0]))
          .Else(otherwise.toArray(new Op[0]))
          .commit();
      isSent = true;
      return answer.get(deadline.remainingNanos(), NANOSECONDS);
    } catch (ExecutionException e) {
      Throwable cause = cause(e);
      SecretManagerException trouble = EtcdTrouble.of(cause, store);
      if (EtcdTrouble.isRefused(cause)) {
        throw trouble;
      }
      throw new InDoubtException(trouble);
    } catch (TimeoutException e) {
      throw new InDoubtException(EtcdTrouble.timeout(store));
    } catch (InterruptedException e) {
      throw new InDoubtException(interrupted());
    } catch (RuntimeException e) { // a client that was closed
      SecretManagerException trouble = EtcdTrouble.of(e, store);
      if (!isSent) {
        throw trouble;
      }
      throw new InDoubtException(trouble);
    }
  }

  private <T> T await(Deadline deadline, Supplier<CompletableFuture<T>> call) {
    try {
      return call.get().get(deadline.remainingNanos(), NANOSECONDS);
    } catch (ExecutionException e) {
      Throwable cause = cause(e);
      if (EtcdTrouble.isCompacted(cause)) {
        throw new CompactedException();
      }
      throw EtcdTrouble.of(cause, store);
    } catch (TimeoutException e) {
      throw EtcdTrouble.timeout(store);
    } catch (InterruptedException e) {
      throw interrupted();
    } catch (RuntimeException e) { // a client that was closed
      throw EtcdTrouble.of(e, store);
    }
  }

  private static Throwable cause(ExecutionException e) {
    Throwable cause = e.getCause();
    return cause == null ? e : cause;
  }

  private SecretUnavailableException interrupted() {
    Thread.currentThread().interrupt();
    return new SecretUnavailableException(
        "The thread was interrupted while it waited for the " + store);
  }

  static String text(ByteSequence bytes) {
    return bytes.toString(UTF_8);
  }

  static String key(KeyValue found) {
    return text(found.getKey());
  }
}
