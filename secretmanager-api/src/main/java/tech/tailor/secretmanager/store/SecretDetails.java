package tech.tailor.secretmanager.store;

import static java.util.Objects.requireNonNull;

import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretSupport;

/**
 * Everything that a store tells of a secret but its value: its times and version, its labels, its
 * description. Immutable and thread-safe.
 */
public final class SecretDetails {

  private final SecretInfo info;
  private final Map<String, String> labels;
  private final String description;

  private SecretDetails(SecretInfo info, Map<String, String> labels, String description) {
    this.info = requireNonNull(info, "info");
    this.labels = SecretStore.requireLabels(labels);
    this.description = requireNonNull(description, "description");
  }

  /**
   * Describes a secret, for stores.
   *
   * @throws IllegalArgumentException if the labels are not {@linkplain SecretStore#requireLabels
   *     valid}
   */
  public static SecretDetails of(SecretInfo info, Map<String, String> labels, String description) {
    return new SecretDetails(info, labels, description);
  }

  /** Its name, its version and its times. */
  public SecretInfo info() {
    return info;
  }

  /** Its labels, by key in ascending order. */
  public Map<String, String> labels() {
    return labels;
  }

  /** Its description; empty if it has none, or the store keeps none. */
  public String description() {
    return description;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof SecretDetails that
        && info.equals(that.info)
        && labels.equals(that.labels)
        && description.equals(that.description);
  }

  @Override
  public int hashCode() {
    return Objects.hash(info, labels, description);
  }

  /** Returns all of it: nothing in here is secret. */
  @Override
  public String toString() {
    return SecretSupport.oneLine(
        "SecretDetails[info=" + info + ", labels=" + labels + ", description=" + description + "]");
  }
}
