package tech.tailor.secretmanager.client;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import tech.tailor.secretmanager.spi.SecretOutcome;

/**
 * One call to the backend: completes with an outcome for each name, or exceptionally if the call
 * could not be made. The caller that takes the outcomes owns the values in them.
 */
class BackendCall extends CompletableFuture<Map<String, SecretOutcome>> {

  /**
   * Abandons the call: an answer that comes later is wiped, and a call that has not begun is not
   * made.
   *
   * @return false if the answer is there already
   */
  boolean giveUp() {
    return cancel(false);
  }
}
