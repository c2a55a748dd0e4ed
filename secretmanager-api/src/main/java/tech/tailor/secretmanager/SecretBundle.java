package tech.tailor.secretmanager;

import static java.util.Objects.requireNonNull;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretNotFoundException.Missing;

/**
 * The answer to {@link SecretManager#getSecrets}: an outcome for each name that was asked for. A
 * name that doesn't exist is left out; a name that failed keeps its failure to itself, so that one
 * denied secret does not spoil the others.
 *
 * <p>The bundle owns its values: closing it wipes them all. Thread-safe as {@link SecretValue} is.
 */
public final class SecretBundle implements AutoCloseable {

  private static final VarHandle CLOSED = closedHandle();

  /** Up to this many names are compared one by one: a map would cost more than it saves. */
  private static final int MOST_COMPARED = 16;

  private final String vault;

  /** If a name is there twice, its first place counts. */
  private final String[] asked;

  /** The value of each name that was asked for, or null. */
  private final @Nullable SecretValue[] values;

  private final Map<String, SecretManagerException> failures;

  /** Whether what is missing is missing from a vault that exists. */
  private final boolean vaultExists;

  /** The place of each of many names, once one was looked for. */
  private volatile @Nullable Map<String, Integer> places;

  private volatile boolean closed;

  private SecretBundle(
      String vault,
      String[] asked,
      @Nullable SecretValue[] values,
      Map<String, SecretManagerException> failures,
      boolean vaultExists) {
    this.vaultExists = vaultExists;
    this.vault = vault;
    this.asked = asked;
    this.values = values;
    this.failures = failures;
  }

  /** See {@link SecretSupport#bundle(String, Collection, Map, Map, boolean)}. */
  static SecretBundle of(
      String vault,
      Collection<String> asked,
      Map<String, SecretValue> found,
      Map<String, SecretManagerException> failures,
      boolean vaultExists) {
    requireNonNull(vault, "vault");
    requireNonNull(found, "found");
    requireNonNull(failures, "failures");
    String[] names = new LinkedHashSet<>(requireNonNull(asked, "asked")).toArray(new String[0]);
    @Nullable SecretValue[] values = new SecretValue[names.length];
    int count = 0;
    Map<String, SecretManagerException> errors = new LinkedHashMap<>();
    for (int i = 0; i < names.length; i++) {
      String name = requireNonNull(names[i], "asked");
      SecretValue value = found.get(name);
      SecretManagerException failure = failures.get(name);
      if (value != null && failure != null) {
        throw new IllegalArgumentException(
            MessageText.quote(name) + " has both a value and a failure");
      }
      if (value != null) {
        values[i] = value;
        count++;
      }
      if (failure != null) {
        errors.put(name, failure);
      }
    }
    if (count != found.size() || errors.size() != failures.size()) {
      throw new IllegalArgumentException("An outcome has a name that was not asked for; asked: "
          + MessageText.quote(Arrays.asList(names)));
    }
    return new SecretBundle(vault, names, values, errors, vaultExists);
  }

  /** See {@link SecretSupport#bundle(String, String[], SecretValue[])}. */
  static SecretBundle adopt(String vault, String[] asked, @Nullable SecretValue[] found) {
    requireNonNull(vault, "vault");
    requireNonNull(asked, "asked");
    if (asked.length != requireNonNull(found, "found").length) {
      throw new IllegalArgumentException(
          "Each name needs its value, or null, at the same place; got " + asked.length
              + " names and " + found.length + " values");
    }
    return new SecretBundle(vault, asked, found, Collections.emptyMap(), true);
  }

  /** The vault that was read. */
  public String vault() {
    return vault;
  }

  /** The names that were found, in the order in which they were asked for. */
  public Set<String> names() {
    return Collections.unmodifiableSet(found().keySet());
  }

  /**
   * The value of a name that was asked for, or empty if there is no such secret. The value belongs
   * to the bundle; closing it early is allowed. After {@link #close()} it is closed.
   *
   * @throws SecretManagerException the failure of this name, if it has one
   * @throws IllegalArgumentException if the name was not asked for
   */
  public Optional<SecretValue> get(String name) {
    int place = place(requireNonNull(name, "name"));
    if (place < 0) {
      throw new IllegalArgumentException(MessageText.quote(name) + " was not asked for; asked: "
          + MessageText.quote(Arrays.asList(asked)));
    }
    SecretManagerException failure = failures.get(name);
    if (failure != null) {
      throw failure.forCaller();
    }
    return Optional.ofNullable(values[place]);
  }

  /**
   * The value of a name that was asked for and must exist. The value belongs to the bundle, as that
   * of {@link #get}.
   *
   * @throws SecretNotFoundException if there is no such secret
   * @throws SecretManagerException the failure of this name, if it has one
   * @throws IllegalArgumentException if the name was not asked for
   */
  public SecretValue require(String name) {
    return get(name)
        .orElseThrow(() -> SecretNotFoundException.of(
            SecretRef.of(vault, name), vaultExists ? Missing.SECRET : Missing.VAULT));
  }

  /**
   * The names that could be neither found nor ruled out, each with the reason. Empty when all went
   * well.
   */
  public Map<String, SecretManagerException> failures() {
    return Collections.unmodifiableMap(failures);
  }

  /**
   * The found values as text, by name, in the order in which they were asked for. A name without a
   * secret is left out; {@link #require(String)} throws for one. The strings can't be wiped; see
   * {@link SecretValue#revealString()}.
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
    found().forEach((name, value) -> revealed.put(name, value.revealString()));
    return Collections.unmodifiableMap(revealed);
  }

  /** Wipes all values. A second call does nothing. */
  @Override
  public void close() {
    CLOSED.setOpaque(this, true); // a volatile write is dear, and each value has its own flag
    for (SecretValue value : values) {
      if (value != null) {
        value.close();
      }
    }
  }

  private Map<String, SecretValue> found() {
    Map<String, SecretValue> found = new LinkedHashMap<>();
    for (int i = 0; i < asked.length; i++) {
      SecretValue value = values[i];
      if (value != null && place(asked[i]) == i) {
        found.put(asked[i], value);
      }
    }
    return found;
  }

  /** Where the name stands among those that were asked for, or a negative number. */
  private int place(String name) {
    if (asked.length > MOST_COMPARED) {
      return places().getOrDefault(name, -1);
    }
    int hash = name.hashCode(); // which a string keeps: names are alike more often than hashes
    for (int i = 0; i < asked.length; i++) {
      if (asked[i].hashCode() == hash && asked[i].equals(name)) {
        return i;
      }
    }
    return -1;
  }

  private Map<String, Integer> places() {
    Map<String, Integer> known = places;
    if (known == null) {
      known = new HashMap<>();
      for (int i = 0; i < asked.length; i++) {
        known.putIfAbsent(asked[i], i);
      }
      places = known;
    }
    return known;
  }

  private static VarHandle closedHandle() {
    try {
      return MethodHandles.lookup().findVarHandle(SecretBundle.class, "closed", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Returns the vault and the names, never a value. */
  @Override
  public String toString() {
    return MessageText.oneLine(
        "SecretBundle[" + vault + ", found " + names() + ", failed " + failures.keySet() + "]");
  }
}
