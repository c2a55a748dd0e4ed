package tech.tailor.secretmanager.http;

/**
 * How many repeats are left: ten to begin with, then a tenth of the calls that succeed, never more
 * than ten in hand. So a server that fails altogether is asked ten times more than it would be
 * anyway, and not a multiple.
 */
final class RetryBudget {

  private static final int REPEAT = 10;
  private static final int SUCCESS = 1;
  private static final int FULL = 10 * REPEAT;

  private int tokens = FULL;

  synchronized void succeeded() {
    tokens = Math.min(FULL, tokens + SUCCESS);
  }

  synchronized boolean take() {
    if (tokens < REPEAT) {
      return false;
    }
    tokens -= REPEAT;
    return true;
  }
}
