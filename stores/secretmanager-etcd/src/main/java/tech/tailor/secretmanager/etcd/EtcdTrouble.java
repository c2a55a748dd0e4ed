package tech.tailor.secretmanager.etcd;

import io.grpc.Status;
import java.util.List;
import tech.tailor.secretmanager.SecretAccessDeniedException;
import tech.tailor.secretmanager.SecretLimitException;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.SecretTimeoutException;
import tech.tailor.secretmanager.SecretUnavailableException;

/**
 * What a failure of etcd means for a caller. Messages name gRPC's code and not the server's text,
 * and no cause is kept: both are another program's words.
 */
final class EtcdTrouble {

  private static final String FULL = "database space exceeded";

  /** What etcd says with the code for a request that is too large, too. */
  private static final List<String> NO_USER =
      List.of("user name is empty", "authentication failed", "auth store");

  private EtcdTrouble() {}

  /** Whether a transaction that failed in this way surely had no effect. */
  static boolean isRefused(Throwable failure) {
    Status status = Status.fromThrowable(failure);
    return switch (status.getCode()) {
      case INVALID_ARGUMENT,
          PERMISSION_DENIED,
          UNAUTHENTICATED,
          FAILED_PRECONDITION,
          OUT_OF_RANGE,
          UNIMPLEMENTED -> true;
      default -> isFull(status);
    };
  }

  /** Whether the revision that was asked for is no longer kept. */
  static boolean isCompacted(Throwable failure) {
    return Status.fromThrowable(failure).getCode() == Status.Code.OUT_OF_RANGE;
  }

  private static boolean isFull(Status status) {
    String text = status.getDescription();
    return text != null && text.contains(FULL);
  }

  /** The exception for the caller. */
  static SecretManagerException of(Throwable failure, String store) {
    Status status = Status.fromThrowable(failure);
    String what = "The " + store + " ";
    String code = " (" + status.getCode() + ")";
    if (isFull(status)) {
      return new SecretStorageException(what + "is in an etcd whose database is full: nothing was"
          + " changed. Compact and defragment it, raise its quota, and disarm its alarm" + code);
    }
    return switch (status.getCode()) {
      case PERMISSION_DENIED, UNAUTHENTICATED -> denied(what, code);
      case DEADLINE_EXCEEDED -> timeout(store);
      case INVALID_ARGUMENT ->
        isOfNoUser(status)
            ? denied(what, code)
            : new SecretLimitException(
                what + "refused the request, as one that is too large; nothing was"
                    + " changed. Raise --max-txn-ops and --max-request-bytes of etcd to their defaults"
                    + code);
      case RESOURCE_EXHAUSTED ->
        new SecretUnavailableException(what + "has too much to do, or its answer is larger than the"
            + " client's maxInboundMessageSize, which must be 4 MiB or more; try again" + code);
      case OUT_OF_RANGE ->
        new SecretUnavailableException(what + "was compacted while it was read; try again" + code);
      default ->
        new SecretUnavailableException(
            what + "can't be reached or can't answer now; check etcd, its"
                + " endpoints, and whether most of its members are up" + code);
    };
  }

  private static boolean isOfNoUser(Status status) {
    String text = status.getDescription();
    return text != null && NO_USER.stream().anyMatch(text::contains);
  }

  private static SecretAccessDeniedException denied(String what, String code) {
    return new SecretAccessDeniedException(what + "refused this to the user of the client, or the"
        + " client has none; grant its role what docs/etcd.md names, and check the user's name and"
        + " password" + code);
  }

  static SecretTimeoutException timeout(String store) {
    return new SecretTimeoutException("The " + store + " did not answer in time; check etcd, its"
        + " endpoints and its network, or raise timeout on the builder");
  }
}
