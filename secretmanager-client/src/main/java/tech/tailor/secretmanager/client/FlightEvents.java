package tech.tailor.secretmanager.client;

import java.time.Duration;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;
import tech.tailor.secretmanager.EvictionCause;
import tech.tailor.secretmanager.LoadEvent;
import tech.tailor.secretmanager.SecretMetadata;
import tech.tailor.secretmanager.SecretRef;

/**
 * Events for the JDK Flight Recorder: names, versions and times, never values. Does nothing where
 * the runtime has no module {@code jdk.jfr}. Thread-safe.
 */
// The recorder reads the fields of the events, each of which is set before it is committed.
@SuppressWarnings({"UnusedVariable", "NullAway.Init"})
final class FlightEvents {

  private static final boolean AVAILABLE =
      ModuleLayer.boot().findModule("jdk.jfr").isPresent();

  private FlightEvents() {}

  /**
   * Returns whether there may be a recording. The first event of a type makes the JDK load what it
   * records with, a tenth of a second of an application's start.
   */
  private static boolean mayRecord() {
    return AVAILABLE && FlightRecorder.isInitialized();
  }

  /** Returns whether a recording wants {@link #load}. */
  static boolean wantsLoads() {
    return mayRecord() && new Load().isEnabled();
  }

  static void load(LoadEvent load) {
    if (mayRecord()) {
      Load event = new Load();
      event.vault = load.vault();
      event.results = load.results().toString();
      event.took = load.duration().toNanos();
      event.commit();
    }
  }

  static void refresh(SecretRef ref, SecretMetadata previous, SecretMetadata current) {
    if (mayRecord()) {
      Refresh event = new Refresh();
      event.vault = ref.vault();
      event.secret = ref.name();
      event.previousVersion = previous.version();
      event.version = current.version();
      event.commit();
    }
  }

  static void stale(SecretRef ref, Duration age, Throwable cause) {
    if (mayRecord()) {
      Stale event = new Stale();
      event.vault = ref.vault();
      event.secret = ref.name();
      event.age = age.toNanos();
      event.cause = cause.getClass().getName();
      event.commit();
    }
  }

  static void denied(SecretRef ref) {
    if (mayRecord()) {
      Denied event = new Denied();
      event.vault = ref.vault();
      event.secret = ref.name();
      event.commit();
    }
  }

  static void evicted(SecretRef ref, EvictionCause cause) {
    if (mayRecord()) {
      Evicted event = new Evicted();
      event.vault = ref.vault();
      event.secret = ref.name();
      event.cause = cause.name();
      event.commit();
    }
  }

  @Name("tech.tailor.secretmanager.Load")
  @Label("Secret Load")
  @Description("A completed request to the backend of a SecretManager")
  @Category("SecretManager")
  @StackTrace(false)
  private static final class Load extends Event {
    @Label("Vault")
    String vault;

    @Label("Results")
    @Description("How the call ended, by secret name")
    String results;

    @Label("Took")
    @Timespan(Timespan.NANOSECONDS)
    long took;
  }

  @Name("tech.tailor.secretmanager.Refresh")
  @Label("Secret Refresh")
  @Description("Another version or value replaced the cached one")
  @Category("SecretManager")
  @StackTrace(false)
  private static final class Refresh extends Event {
    @Label("Vault")
    String vault;

    @Label("Secret")
    String secret;

    @Label("Previous Version")
    long previousVersion;

    @Label("Version")
    long version;
  }

  @Name("tech.tailor.secretmanager.Stale")
  @Label("Stale Secret")
  @Description("A call for a value past its time to live failed; the stale value is served")
  @Category("SecretManager")
  @StackTrace(false)
  private static final class Stale extends Event {
    @Label("Vault")
    String vault;

    @Label("Secret")
    String secret;

    @Label("Age")
    @Timespan(Timespan.NANOSECONDS)
    long age;

    @Label("Cause")
    @Description("The type of the failure")
    String cause;
  }

  @Name("tech.tailor.secretmanager.Denied")
  @Label("Secret Denied")
  @Description("The backend denied a read")
  @Category("SecretManager")
  @StackTrace(false)
  private static final class Denied extends Event {
    @Label("Vault")
    String vault;

    @Label("Secret")
    String secret;
  }

  @Name("tech.tailor.secretmanager.Evicted")
  @Label("Secret Evicted")
  @Description("The cache wiped a value because of its age, or to keep within its bounds")
  @Category("SecretManager")
  @StackTrace(false)
  private static final class Evicted extends Event {
    @Label("Vault")
    String vault;

    @Label("Secret")
    String secret;

    @Label("Cause")
    String cause;
  }
}
