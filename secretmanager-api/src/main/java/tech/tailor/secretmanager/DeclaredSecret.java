package tech.tailor.secretmanager;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One secret as an application declares it: what it is for, whether it is needed, where its value
 * comes from and what it looks like. Immutable and thread-safe; holds no value.
 */
public final class DeclaredSecret {

  private static final String LABEL_GRAMMAR = "^[a-z][a-z0-9_-]{0,62}$";
  private static final int MAX_LABELS = 19;
  private static final int MAX_DESCRIPTION_LENGTH = 1_024;
  private static final Duration LONGEST = Duration.ofDays(30);

  private final SecretRef ref;
  private final String description;
  private final boolean required;
  private final @Nullable SecretSource source;
  private final int valueVersion;
  private final Map<String, String> labels;
  private final @Nullable Duration timeToLive;
  private final List<SecretShape> shapes;

  private DeclaredSecret(Builder builder) {
    this.ref = builder.ref;
    this.description = builder.description;
    this.required = builder.required;
    this.source = builder.source;
    this.valueVersion = builder.valueVersion;
    this.labels = Collections.unmodifiableMap(new TreeMap<>(builder.labels));
    this.timeToLive = builder.timeToLive;
    this.shapes = List.copyOf(builder.shapes);
  }

  /** Its address. */
  public SecretRef ref() {
    return ref;
  }

  /** What it is for, in one line; empty if nothing was said. */
  public String description() {
    return description;
  }

  /**
   * Whether the application can't do without it; true unless declared
   * {@linkplain Builder#optional() optional}.
   */
  public boolean isRequired() {
    return required;
  }

  /** Where its value comes from when the declaration is applied; empty if from elsewhere. */
  public Optional<SecretSource> source() {
    return Optional.ofNullable(source);
  }

  /** The version of the value that the source yields: 1 or more. */
  public int valueVersion() {
    return valueVersion;
  }

  /** Its labels, by key in ascending order. */
  public Map<String, String> labels() {
    return labels;
  }

  /** How long a cache may answer with its value; empty if as long as with any other. */
  public Optional<Duration> timeToLive() {
    return Optional.ofNullable(timeToLive);
  }

  /** What its value must look like, in the order of the declaration. */
  public List<SecretShape> shapes() {
    return shapes;
  }

  /**
   * The rules that the given value breaks, in the order of the declaration; empty if it is as
   * declared. They say what must be and nothing of the value. The value stays the caller's to
   * close.
   *
   * @throws IllegalStateException if the value is closed
   */
  public List<String> brokenRules(SecretValue value) {
    requireNonNull(value, "value");
    List<String> broken = new ArrayList<>();
    for (SecretShape shape : shapes) {
      String rule = shape.broken(value);
      if (rule != null) {
        broken.add(rule);
      }
    }
    return List.copyOf(broken);
  }

  /** Returns the address, and whether it is required. */
  @Override
  public String toString() {
    return "DeclaredSecret[" + ref + (required ? ", required]" : ", optional]");
  }

  /** Says everything that can be said of one secret. Not thread-safe. */
  public static final class Builder {

    private final SecretRef ref;
    private String description = "";
    private boolean required = true;
    private @Nullable SecretSource source;
    private int valueVersion = 1;
    private final Map<String, String> labels = new TreeMap<>();
    private @Nullable Duration timeToLive;
    private final List<SecretShape> shapes = new ArrayList<>();

    Builder(SecretRef ref) {
      this.ref = ref;
    }

    /**
     * What the secret is for. Reports and plans show it. Default: nothing.
     *
     * @param description one line of text: at most 1,024 {@code char}s, no control character, no
     *     unpaired surrogate
     * @throws IllegalArgumentException if the description is invalid
     */
    public Builder description(String description) {
      requireNonNull(description, "description");
      boolean oneLine = description.codePoints().noneMatch(DeclaredSecret::breaksLine);
      if (!oneLine || description.length() > MAX_DESCRIPTION_LENGTH) {
        throw new IllegalArgumentException("The description of the secret " + ref
            + " must be one line of at most " + MAX_DESCRIPTION_LENGTH
            + " characters, without control characters and unpaired surrogates");
      }
      this.description = description;
      return this;
    }

    /** The application can do without the secret. Default: it is required. */
    public Builder optional() {
      this.required = false;
      return this;
    }

    /**
     * Where the value comes from when the declaration is applied; it is not read before. Default:
     * from elsewhere, so that applying the declaration never writes a value.
     */
    public Builder source(SecretSource source) {
      this.source = requireNonNull(source, "source");
      return this;
    }

    /**
     * The version of the value that the source yields. A value that was applied is applied again
     * only when this number has changed: a store can't be asked whether it has the same value.
     * Default: 1.
     *
     * @throws IllegalArgumentException if it is less than 1
     */
    public Builder valueVersion(int version) {
      if (version < 1) {
        throw new IllegalArgumentException(
            "The value version of the secret " + ref + " counts from 1, got " + version);
      }
      this.valueVersion = version;
      return this;
    }

    /**
     * A label that the secret has once the declaration is applied. Labels are no secret. Calls add
     * up, 19 labels at most; a key that is given twice has the last value. Default: none.
     *
     * @param key 1 to 63 characters: lower-case letters, digits, underscores and hyphens, a letter
     *     first. {@code value-version} is taken
     * @param value the same, or empty
     * @throws IllegalArgumentException if either breaks the grammar, the key is taken, or there are
     *     too many
     */
    public Builder label(String key, String value) {
      requireLabel("key", requireNonNull(key, "key"));
      if (!requireNonNull(value, "value").isEmpty()) {
        requireLabel("value", value);
      }
      if (key.equals("value-version")) {
        throw new IllegalArgumentException("The label \"value-version\" of the secret " + ref
            + " is written by what applies the declaration; choose another key");
      }
      if (labels.size() == MAX_LABELS && !labels.containsKey(key)) {
        throw new IllegalArgumentException(
            "The secret " + ref + " may have " + MAX_LABELS + " labels at most");
      }
      labels.put(key, value);
      return this;
    }

    /**
     * How long a cache may answer with the value without asking again, in place of the common time
     * to live. It takes effect in a manager that is told of the declaration with
     * {@code declaredOnly}, unless its builder sets another one for this secret. Default: the
     * common one.
     *
     * @throws IllegalArgumentException if it is negative or longer than 30 days
     */
    public Builder timeToLive(Duration duration) {
      requireNonNull(duration, "duration");
      if (duration.isNegative() || duration.compareTo(LONGEST) > 0) {
        throw new IllegalArgumentException("The time to live of the secret " + ref
            + " must be between " + Duration.ZERO + " and " + LONGEST + ", got " + duration);
      }
      this.timeToLive = duration;
      return this;
    }

    /**
     * What the value must look like. A value that doesn't is not applied, and is reported when the
     * secrets are verified. Calls add up: each rule must hold. Default: anything.
     */
    public Builder shape(SecretShape shape) {
      shapes.add(requireNonNull(shape, "shape"));
      return this;
    }

    DeclaredSecret build() {
      return new DeclaredSecret(this);
    }

    private void requireLabel(String part, String text) {
      if (!text.matches(LABEL_GRAMMAR)) {
        throw new IllegalArgumentException("Invalid " + part + " of a label of the secret " + ref
            + ": it must match " + LABEL_GRAMMAR
            + " (1 to 63 characters: lower-case letters, digits, underscores and hyphens, a letter"
            + " first)");
      }
    }
  }

  private static boolean breaksLine(int c) {
    int type = Character.getType(c);
    return Character.isISOControl(c)
        || type == Character.SURROGATE
        || type == Character.LINE_SEPARATOR
        || type == Character.PARAGRAPH_SEPARATOR;
  }
}
