package tech.tailor.secretmanager.etcd;

import io.etcd.jetcd.Client;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.envelope.StoreAnchor;

/**
 * The settings of a store, made once by its builder.
 *
 * @param prefix of all keys; ends with a slash
 * @param control what a test leaves out, to see that it is needed
 */
record EtcdSettings(
    Client client,
    String prefix,
    List<MasterKey> keys,
    @Nullable StoreAnchor anchor,
    Duration timeout,
    Duration lookEvery,
    int versionsKept,
    Control control) {

  /**
   * What tests change.
   *
   * @param comparesHead false: a commit is written whatever others wrote meanwhile
   * @param catchesUp false: a watch tells what the last commit changed, not what it missed
   * @param logKept how many entries the log keeps
   * @param afterRotationStep runs after each commit of a rotation
   */
  record Control(
      boolean comparesHead, boolean catchesUp, long logKept, Runnable afterRotationStep) {

    static final Control NONE = new Control(true, true, 10_000, () -> {});
  }

  /** Names the store in messages. */
  String describe() {
    return "store at the etcd prefix \"" + prefix + "\"";
  }
}
