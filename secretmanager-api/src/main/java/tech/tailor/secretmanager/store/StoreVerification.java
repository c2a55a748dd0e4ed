package tech.tailor.secretmanager.store;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretSupport;

/** What a store found when it verified itself as a whole. Immutable and thread-safe. */
public final class StoreVerification {

  private final String mark;
  private final int vaults;
  private final int secrets;
  private final long versions;
  private final long commits;
  private final List<String> problems;

  private StoreVerification(
      String mark, int vaults, int secrets, long versions, long commits, List<String> problems) {
    this.mark = requireNonNull(mark, "mark");
    this.vaults = vaults;
    this.secrets = secrets;
    this.versions = versions;
    this.commits = commits;
    this.problems = List.copyOf(requireNonNull(problems, "problems"));
  }

  /**
   * A result, for stores.
   *
   * @param mark names the commit that was verified
   * @param vaults how many were read
   * @param secrets how many were read
   * @param versions how many ciphertexts were read
   * @param commits how many the trail has
   * @param problems a line each; empty if all is well
   */
  public static StoreVerification of(
      String mark, int vaults, int secrets, long versions, long commits, List<String> problems) {
    return new StoreVerification(mark, vaults, secrets, versions, commits, problems);
  }

  /** Whether nothing is wrong. */
  public boolean isVerified() {
    return problems.isEmpty();
  }

  /** Names the commit that was verified: to be compared with what other processes logged. */
  public String mark() {
    return mark;
  }

  /** How many vaults were read. */
  public int vaults() {
    return vaults;
  }

  /** How many secrets were read. */
  public int secrets() {
    return secrets;
  }

  /** How many ciphertexts were read. */
  public long versions() {
    return versions;
  }

  /** How many commits the trail has. */
  public long commits() {
    return commits;
  }

  /** What is wrong, a line each, with the names of vaults and secrets; never a value. */
  public List<String> problems() {
    return problems;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof StoreVerification that
        && mark.equals(that.mark)
        && vaults == that.vaults
        && secrets == that.secrets
        && versions == that.versions
        && commits == that.commits
        && problems.equals(that.problems);
  }

  @Override
  public int hashCode() {
    return Objects.hash(mark, vaults, secrets, versions, commits, problems);
  }

  /** Returns all of it: nothing in here is secret. */
  @Override
  public String toString() {
    return SecretSupport.oneLine("StoreVerification[mark=" + mark + ", vaults=" + vaults
        + ", secrets=" + secrets + ", versions=" + versions + ", commits=" + commits
        + ", problems=" + problems + "]");
  }
}
