package tech.tailor.secretmanager.client.declare;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.DeclaredSecret;
import tech.tailor.secretmanager.SecretBundle;
import tech.tailor.secretmanager.SecretDefinition;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.SecretVerificationException;
import tech.tailor.secretmanager.SecretVerificationException.Problem;

/**
 * Whether declared secrets can be used: everything that is wrong with them, each with its address,
 * its description and what to do; never a value. Immutable and thread-safe.
 *
 * <p>A manager that is built with {@code declaredOnly} verifies by itself, and throws. This is for
 * those who want to look: a check of health, or a step of a deployment.
 *
 * <pre>{@code
 * VerificationReport report = VerificationReport.of(secretManager, SECRETS);
 * System.out.println(report);
 * }</pre>
 */
public final class VerificationReport {

  private final int declared;
  private final List<Problem> problems;

  private VerificationReport(int declared, List<Problem> problems) {
    this.declared = declared;
    this.problems = List.copyOf(problems);
  }

  /**
   * Reads the declared secrets, from the cache what it has, and drops the values. A required secret
   * that can't be read is a problem; so is any whose value is not as declared. What fails is in the
   * report, and not thrown. Each vault is asked once for all its secrets.
   *
   * @param manager stays the caller's to close
   * @param definitions at least one
   * @throws IllegalArgumentException if there is no definition
   * @throws IllegalStateException if the manager is closed
   */
  public static VerificationReport of(SecretManager manager, SecretDefinition... definitions) {
    requireNonNull(manager, "manager");
    List<SecretDefinition> given = List.of(requireNonNull(definitions, "definitions"));
    if (given.isEmpty()) {
      throw new IllegalArgumentException("There is no definition to verify");
    }
    List<Problem> problems = new ArrayList<>();
    Map<String, List<DeclaredSecret>> byVault = given.stream()
        .flatMap(definition -> definition.secrets().stream())
        .filter(Verification::isOfInterest)
        .collect(groupingBy(secret -> secret.ref().vault(), LinkedHashMap::new, toList()));
    byVault.forEach((vault, secrets) -> verify(manager, vault, secrets, problems));
    int declared = given.stream().mapToInt(each -> each.secrets().size()).sum();
    return new VerificationReport(declared, problems);
  }

  private static void verify(
      SecretManager manager, String vault, List<DeclaredSecret> secrets, List<Problem> problems) {
    List<String> names =
        secrets.stream().map(secret -> secret.ref().name()).distinct().toList();
    try (SecretBundle bundle = read(manager, vault, names)) {
      Map<String, SecretManagerException> failures = bundle.failures();
      for (DeclaredSecret secret : secrets) {
        String name = secret.ref().name();
        SecretManagerException failure = failures.containsKey(name)
            ? failures.get(name)
            : failure(manager, secret, bundle.get(name).orElse(null));
        Verification.problem(secret, failure).ifPresent(problems::add);
      }
    }
  }

  /**
   * One call for all; if that has an answer for none, nothing, so that each is asked for itself.
   */
  private static SecretBundle read(SecretManager manager, String vault, List<String> names) {
    try {
      return manager.getSecrets(vault, names);
    } catch (SecretManagerException e) {
      // Only the first failure of several; each comes again below.
      return SecretSupport.bundle(vault, names, Map.of(), Map.of(), true);
    }
  }

  private static @Nullable SecretManagerException failure(
      SecretManager manager, DeclaredSecret secret, @Nullable SecretValue value) {
    if (value != null) {
      return Verification.malformed(secret, value);
    }
    // It says whether the vault is missing, too.
    try (SecretValue read = manager.requireSecret(secret.ref())) {
      return Verification.malformed(secret, read);
    } catch (SecretManagerException e) {
      return e;
    }
  }

  /** Whether there is no problem. */
  public boolean isVerified() {
    return problems.isEmpty();
  }

  /** How many secrets are declared, whether they were read or not. */
  public int declared() {
    return declared;
  }

  /** What is wrong, in the order of the declaration. */
  public List<Problem> problems() {
    return problems;
  }

  /**
   * Does nothing if there is no problem.
   *
   * @throws SecretVerificationException if there is one: all of them in one exception
   */
  public void requireVerified() {
    if (!isVerified()) {
      throw SecretVerificationException.of(problems);
    }
  }

  /**
   * The report as a JSON object: {@code verified}, {@code declared}, and {@code problems}, each
   * with {@code vault}, {@code name}, {@code description}, {@code problem} (as {@code missing}),
   * {@code message} and {@code remedy}.
   */
  public String toJson() {
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("verified", isVerified());
    report.put("declared", declared);
    report.put("problems", problems.stream().map(VerificationReport::members).toList());
    return Json.compact(report);
  }

  private static Map<String, Object> members(Problem problem) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("vault", problem.ref().vault());
    members.put("name", problem.ref().name());
    members.put("description", problem.description());
    members.put("problem", ReportText.symbol(problem.kind()));
    members.put("message", String.valueOf(problem.failure().getMessage()));
    members.put("remedy", problem.remedy());
    return members;
  }

  /** Returns the report as text: a line that sums up, and three for each problem. */
  @Override
  public String toString() {
    String summary = isVerified()
        ? declared + " declared secret" + (declared == 1 ? "" : "s") + ": no problem"
        : problems.size() + " of " + declared + " declared secret" + (declared == 1 ? "" : "s")
            + " can't be used:";
    return Stream.concat(Stream.of(summary), problems.stream().map(VerificationReport::lines))
        .collect(Collectors.joining("\n"));
  }

  private static String lines(Problem problem) {
    String description = problem.description();
    return "  " + problem.ref()
        + (description.isEmpty() ? "" : " (" + SecretSupport.oneLine(description) + ")") + ": "
        + ReportText.word(problem.kind()) + "\n    "
        + SecretSupport.oneLine(String.valueOf(problem.failure().getMessage())) + "\n    To do: "
        + problem.remedy();
  }
}
