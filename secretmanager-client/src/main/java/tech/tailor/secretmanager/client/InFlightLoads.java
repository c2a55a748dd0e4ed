package tech.tailor.secretmanager.client;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.spi.SecretOutcome;

/**
 * The loads that are under way: at most one for each secret. The reader that enters a load runs it,
 * and ends it in every case. A load that is under way for twice as long as a call may take is
 * outdated, since its thread hangs in a call or ended with an error; the next reader's load takes
 * its place. Thread-safe.
 */
final class InFlightLoads {

  private final Duration fetchTimeout;
  private final ConcurrentHashMap<SecretRef, Load> underWay = new ConcurrentHashMap<>();

  /**
   * None yet.
   *
   * @param fetchTimeout how long a call may take
   */
  InFlightLoads(Duration fetchTimeout) {
    this.fetchTimeout = fetchTimeout;
  }

  /** Enters a load of each secret. Those of others that stand there are added to the given ones. */
  Map<SecretRef, Load> enter(Set<SecretRef> refs, Map<SecretRef, Load> others) {
    Map<SecretRef, Load> own = new LinkedHashMap<>();
    try {
      for (SecretRef ref : refs) {
        Load load = new Load();
        own.put(ref, load);
        Load other = enter(ref, load);
        if (other != null) {
          own.remove(ref);
          others.put(ref, other);
        }
      }
      return own;
    } catch (Throwable e) { // else all later readers would wait for a load that nobody runs
      leave(own, Map.of());
      throw e;
    }
  }

  /** Enters a load. Returns another one that stands there, or null. */
  @Nullable
  Load enter(SecretRef ref, Load load) {
    Load other = underWay.putIfAbsent(ref, load);
    if (other == null || !other.isOverdue(fetchTimeout)) {
      return other;
    }
    other.outdate(); // before this one can take its place: what that one brings may be older
    other.complete(Optional.empty()); // its waiters begin again
    return underWay.replace(ref, other, load) ? null : underWay.putIfAbsent(ref, load);
  }

  /** Ends loads with their outcomes, by name. */
  void leave(Map<SecretRef, Load> own, Map<String, SecretOutcome> outcomes) {
    own.forEach(underWay::remove); // all of them first: an error below must leave none behind
    own.forEach((ref, load) -> load.complete(Load.shared(ref, outcomes.get(ref.name()))));
  }

  /** Ends loads without an outcome: those who wait for them begin again. */
  void abandon(Map<SecretRef, Load> own) {
    own.forEach(underWay::remove);
    own.values().forEach(load -> load.complete(Optional.empty()));
  }

  /** Ends one, with its outcome. */
  void leave(SecretRef ref, Load load, @Nullable SecretOutcome outcome) {
    underWay.remove(ref, load);
    load.complete(Load.shared(ref, outcome));
  }

  /** The load of the secret that is under way, or null. */
  @Nullable
  Load of(SecretRef ref) {
    return underWay.get(ref);
  }

  /** The secrets that are being loaded. */
  Set<SecretRef> refs() {
    return underWay.keySet();
  }

  /** What the load of the secret brings, if one is under way, must not be kept. */
  void outdate(SecretRef ref) {
    Load load = underWay.get(ref);
    if (load != null) {
      load.outdate();
    }
  }

  /** The same, and who comes next does not wait for it. */
  void forget(SecretRef ref) {
    Load load = underWay.get(ref);
    if (load != null) {
      load.outdate(); // before another one can take its place
      underWay.remove(ref, load);
    }
  }

  /** Wakes all who wait. */
  void endAll(SecretOutcome.Failed outcome) {
    underWay.values().forEach(load -> load.complete(Optional.of(outcome)));
  }
}
