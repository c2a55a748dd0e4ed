package tech.tailor.secretmanager.logging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretBackend;

/**
 * Best-effort masking of secrets in an application's logs: {@code ***} takes the place of a value
 * that was read. It catches accidents. It is no reason to log a secret.
 *
 * <pre>{@code
 * SecretMask mask = SecretMask.create();
 * SecretManager secrets = SecretManagers.open(mask.watching(store));
 * mask.installInLogback();
 * }</pre>
 *
 * <p><b>What is masked:</b> the text that is written for one log event, with its message, its
 * parameters, its MDC and its exceptions, as plain text and as JSON. A value is found as it is, and
 * as Base64, hexadecimal, percent-encoded, JSON-escaped or shell-quoted text; each line of a value
 * of several lines is found as well. The current value of each secret is masked, and the three
 * before it.
 *
 * <p><b>What is not:</b>
 *
 * <ul>
 *   <li>a value of fewer than six bytes, and a line of one, which would be found in anything;
 *   <li>a part of a value, and a value that is cut over two log events;
 *   <li>a member of a secret that is a JSON object, except those named at
 *       {@link #create(String...)};
 *   <li>a value that was encoded, compressed or encrypted in another way;
 *   <li>what is logged through an appender or handler that the install methods report as unmasked,
 *       or that is added later, also by a new configuration of the logging system: install again
 *       then. A second time does no harm.
 * </ul>
 *
 * <p><b>Failures:</b> an event that can't be masked, as where no memory is left, is replaced by a
 * line that says so. It is not shown unmasked.
 *
 * <p><b>Memory:</b> it holds no values, but keyed hashes of them, whose key is made for each mask.
 * Copies that it makes of a value to compute them are wiped at once. The logging system itself
 * holds the text of an event, with the value, until it is collected.
 *
 * <p>Thread-safe.
 */
public final class SecretMask implements AutoCloseable {

  private final KnownValues known;

  private SecretMask(Set<String> members) {
    this.known = new KnownValues(members);
  }

  /**
   * Creates a mask that knows no value yet.
   *
   * @param members names of members of secrets that are JSON objects, of which the values are
   *     masked by themselves, too, in addition to {@code password}
   */
  public static SecretMask create(String... members) {
    Set<String> names = new TreeSet<>(Set.of("password"));
    for (String member : requireNonNull(members, "members")) {
      names.add(requireNonNull(member, "a member"));
    }
    return new SecretMask(names);
  }

  /**
   * Returns a backend that answers as the given one does, and whose values are masked from before
   * the manager has them. Closing it closes the given one; what it has read stays masked.
   */
  public SecretBackend watching(SecretBackend backend) {
    return new WatchedBackend(requireNonNull(backend, "backend"), this);
  }

  /**
   * Masks a value from now on, as the current one of a secret. The value stays the caller's to
   * close.
   *
   * @throws IllegalStateException if the value is closed
   */
  public void add(SecretRef ref, SecretValue value) {
    known.add(requireNonNull(ref, "ref"), requireNonNull(value, "value"));
  }

  /**
   * Returns a text without the values that this knows, for what is shown in other ways than logs.
   */
  public String mask(String text) {
    byte[] bytes = requireNonNull(text, "text").getBytes(UTF_8);
    byte[] masked = known.mask(bytes);
    return Arrays.equals(masked, bytes) ? text : new String(masked, UTF_8);
  }

  /**
   * Masks what the appenders of Logback's logger context write that have an encoder: to the console
   * and to files. It logs a warning that names the others.
   *
   * @throws IllegalStateException if SLF4J is bound to something other than Logback
   */
  public void installInLogback() {
    LogbackMasking.install(this);
  }

  /**
   * Masks what the appenders of Log4j2's current logger context write that have an output stream:
   * to the console and to files. It logs a warning that names the others.
   *
   * @throws IllegalStateException if Log4j's API is bound to something other than Log4j Core
   */
  public void installInLog4j() {
    Log4jMasking.install(this);
  }

  /** Masks what the handlers of the loggers of {@code java.util.logging} format. */
  public void installInJul() {
    JulMasking.install(this);
  }

  /** Forgets all values. What was installed shows them from now on. A second call does nothing. */
  @Override
  public void close() {
    known.close();
  }

  /** Returns the given array if it holds none of the values. */
  byte[] mask(byte[] text) {
    return known.mask(text);
  }

  boolean isClosed() {
    return known.isClosed();
  }

  /** Returns how many secrets it knows. */
  @Override
  public String toString() {
    return "SecretMask[" + known.size() + " secrets]";
  }
}
