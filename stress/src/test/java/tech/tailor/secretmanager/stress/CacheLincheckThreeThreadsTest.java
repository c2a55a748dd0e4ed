package tech.tailor.secretmanager.stress;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What {@link CacheLincheckTest} says, with three threads; in a class of its own for a process of
 * its own.
 */
@Tag("suite")
class CacheLincheckThreeThreadsTest {

  @Test
  void modelChecking() {
    Checker.modelCheckThreeThreads(CacheLincheckTest.Cache.class, CacheLincheckTest.Never.class);
  }
}
