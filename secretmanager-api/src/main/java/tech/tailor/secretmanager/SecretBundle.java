package tech.tailor.secretmanager;

import static java.util.Objects.requireNonNull;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The answer to {@link SecretManager#getSecrets}: an outcome for each name that was asked for. A
 * name that doesn't exist is left out; a name that failed keeps its failure to itself, so that one
 * denied secret does not spoil the others.
 *
 * <p>The bundle owns its values: closing it wipes them all. Thread-safe as {@link SecretValue} is.
 */
public final class SecretBundle implements AutoCloseable {

  private final String vault;
  private final Set<String> asked;
  private final Map<String, SecretValue> found;
  private final Map<String, SecretManagerException> failures;
  private volatile boolean closed;

  private SecretBundle(
      String vault,
      Set<String> asked,
      Map<String, SecretValue> found,
      Map<String, SecretManagerException> failures) {
    this.vault = vault;
    this.asked = asked;
    this.found = found;
    this.failures = failures;
  }

  /**
   * A bundle of outcomes, for implementations of {@link SecretManager}. It takes the values over if
   * it returns.
   *
   * @param vault the vault that was read
   * @param asked every name that was asked for, in the order in which the bundle will give them
   * @param found the values found
   * @param failures the failures, each with its name
   * @throws IllegalArgumentException if a value or a failure has a name that was not asked for, or
   *     a name has both
   */
  public static SecretBundle of(
      String vault,
      Collection<String> asked,
      Map<String, SecretValue> found,
      Map<String, SecretManagerException> failures) {
    requireNonNull(vault, "vault");
    requireNonNull(found, "found");
    requireNonNull(failures, "failures");
    Set<String> names = new LinkedHashSet<>(requireNonNull(asked, "asked"));
    Map<String, SecretValue> values = new LinkedHashMap<>();
    Map<String, SecretManagerException> errors = new LinkedHashMap<>();
    for (String name : names) {
      SecretValue value = found.get(name);
      SecretManagerException failure = failures.get(name);
      if (value != null && failure != null) {
        throw new IllegalArgumentException("\"" + name + "\" has both a value and a failure");
      }
      if (value != null) {
        values.put(name, value);
      }
      if (failure != null) {
        errors.put(name, failure);
      }
    }
    if (values.size() != found.size() || errors.size() != failures.size()) {
      throw new IllegalArgumentException(
          "An outcome has a name that was not asked for; asked: " + names);
    }
    return new SecretBundle(vault, names, values, errors);
  }

  /**
   * A bundle in which every name that was asked for was found, for implementations of
   * {@link SecretManager}. It takes the values over, and the map itself, which the caller must not
   * touch again: no copy is made.
   *
   * @param vault the vault that was read
   * @param found the values, in the order in which they were asked for
   */
  public static SecretBundle adopt(String vault, Map<String, SecretValue> found) {
    return new SecretBundle(
        requireNonNull(vault, "vault"),
        requireNonNull(found, "found").keySet(),
        found,
        Collections.emptyMap());
  }

  /** The vault that was read. */
  public String vault() {
    return vault;
  }

  /** The names that were found, in the order in which they were asked for. */
  public Set<String> names() {
    return Collections.unmodifiableSet(found.keySet());
  }

  /**
   * The value of a name that was asked for, or empty if there is no such secret. The value belongs
   * to the bundle; closing it early is allowed. After {@link #close()} it is closed.
   *
   * @throws SecretManagerException the failure of this name, if it has one
   * @throws IllegalArgumentException if the name was not asked for
   */
  public Optional<SecretValue> get(String name) {
    requireNonNull(name, "name");
    if (!asked.contains(name)) {
      throw new IllegalArgumentException("\"" + name + "\" was not asked for; asked: " + asked);
    }
    SecretManagerException failure = failures.get(name);
    if (failure != null) {
      throw failure.forCaller();
    }
    return Optional.ofNullable(found.get(name));
  }

  /**
   * The names that could be neither found nor ruled out, each with the reason. Empty when all went
   * well.
   */
  public Map<String, SecretManagerException> failures() {
    return Collections.unmodifiableMap(failures);
  }

  /**
   * The found values as text, by name, in the order in which they were asked for. The strings can't
   * be wiped; see {@link SecretValue#revealString()}.
   *
   * @throws SecretManagerException the first failure, if a name has one: a failure is never passed
   *     off as an absence
   * @throws SecretEncodingException if a value is not UTF-8
   * @throws IllegalStateException if the bundle, or one of its values, is closed
   */
  public Map<String, String> revealAll() {
    if (closed) {
      throw new IllegalStateException(
          "The SecretBundle is closed; its values are wiped. Read them again");
    }
    for (SecretManagerException failure : failures.values()) {
      throw failure.forCaller();
    }
    Map<String, String> revealed = new LinkedHashMap<>();
    found.forEach((name, value) -> revealed.put(name, value.revealString()));
    return Collections.unmodifiableMap(revealed);
  }

  /** Wipes all values. A second call does nothing. */
  @Override
  public void close() {
    closed = true;
    found.values().forEach(SecretValue::close);
  }

  /** Returns the vault and the names, never a value. */
  @Override
  public String toString() {
    return "SecretBundle[" + vault + ", found " + names() + ", failed " + failures.keySet() + "]";
  }
}
