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
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.envelope.shared.Budget;

/**
 * The calls to etcd, within the budget of the call they are made for, with the library's
 * exceptions. Thread-safe; it waits on the calling thread.
 */
final class Etcd {

  /** How many records one answer holds: of the largest ones, less than gRPC's 4 MiB. */
  static final int PAGE = 100;

  /** How many ciphertexts, with their records, one answer holds for the same reason. */
  static final int VALUES_PAGE = 24;

  /** How many calls etcd may owe an answer whose callers have given up. */
  private static final int MOST_ABANDONED = 256;

  private static final TxnOption REPEATABLE =
      TxnOption.builder().withAutoRetry().build();

  private final Client client;
  private final String store;

  /** jetcd keeps what it can't send, and sends it when etcd is back; a call can't be taken back. */
  private final AtomicInteger abandoned = new AtomicInteger();

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

  /** Holds while there is no such key. */
  static Cmp isMissing(String key) {
    return new Cmp(bytes(key), Cmp.Op.EQUAL, CmpTarget.modRevision(0));
  }

  /**
   * Hold while a key is as it was read. Its value is compared, too: an etcd that was restored from
   * a snapshot counts its revisions from there, and gives the same ones to other writes.
   */
  static List<Cmp> isStill(KeyValue read) {
    return List.of(
        new Cmp(read.getKey(), Cmp.Op.EQUAL, CmpTarget.modRevision(read.getModRevision())),
        new Cmp(read.getKey(), Cmp.Op.EQUAL, CmpTarget.value(read.getValue())));
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
  TxnResponse read(Budget budget, List<Op> gets) {
    return await(
        budget,
        () -> client.getKVClient().txn(REPEATABLE).Then(gets.toArray(new Op[0])).commit());
  }

  /** Reads at one revision, in one call. */
  GetResponse read(Budget budget, String from, GetOption.Builder option) {
    GetOption built = option.build();
    return await(budget, () -> client.getKVClient().get(bytes(from), built));
  }

  /**
   * Writes if the comparison holds, and otherwise reads.
   *
   * @param longestNanos how much of the budget it may take
   * @throws InDoubtException if it may have taken effect, or may still do so
   */
  TxnResponse write(
      Budget budget, long longestNanos, List<Cmp> comparisons, List<Op> puts, List<Op> otherwise)
      throws InDoubtException {
    requireMayCall(budget);
    boolean isSent = false;
    long startNanos = System.nanoTime();
    try {
      Txn txn = client.getKVClient().txn(TxnOption.DEFAULT);
      CompletableFuture<TxnResponse> answer = txn.If(comparisons.toArray(new Cmp[0]))
          .Then(puts.toArray(new Op[0]))
          .Else(otherwise.toArray(new Op[0]))
          .commit();
      isSent = true;
      return answer(answer, Math.min(longestNanos, budget.leftNanos()));
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
    } finally {
      budget.spendSince(startNanos);
    }
  }

  private <T> T await(Budget budget, Supplier<CompletableFuture<T>> call) {
    requireMayCall(budget);
    long startNanos = System.nanoTime();
    try {
      return answer(call.get(), budget.leftNanos());
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
    } finally {
      budget.spendSince(startNanos);
    }
  }

  /** What can't be waited for isn't sent. */
  private void requireMayCall(Budget budget) {
    if (budget.isSpent()) {
      throw EtcdTrouble.timeout(store);
    }
    if (abandoned.get() >= MOST_ABANDONED) {
      throw new SecretUnavailableException("etcd owes the answers to " + MOST_ABANDONED
          + " calls for the " + store + ", so this one was not sent; check etcd, its endpoints, and"
          + " whether most of its members are up. Calls are sent again when it has answered");
    }
  }

  private <T> T answer(CompletableFuture<T> coming, long longestNanos)
      throws ExecutionException, InterruptedException, TimeoutException {
    try {
      return coming.get(longestNanos, NANOSECONDS);
    } catch (InterruptedException | TimeoutException e) {
      abandoned.incrementAndGet();
      CompletableFuture<T> unused =
          coming.whenComplete((answer, failure) -> abandoned.decrementAndGet());
      throw e;
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

  /** The value of the first key of an answer. */
  static Optional<byte[]> value(GetResponse answer) {
    return answer.getKvs().stream().findFirst().map(found -> found.getValue().getBytes());
  }

  static String key(KeyValue found) {
    return text(found.getKey());
  }
}
