package tech.tailor.secretmanager.integration.text;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretSource;
import tech.tailor.secretmanager.SecretTemplate;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;

/**
 * A program that takes one value from each source that there is, and says what became of it: one
 * line each, {@code exact}, {@code refused} or {@code changed}.
 */
final class TextCanary {

  /** Characters of one, two, three and four bytes. */
  static final String CANARY = "p\u00e4ss-\u20ac-\u6f22\ud83d\udd11";

  static final String VARIABLE = "CANARY";
  static final String TEMPLATE_VARIABLE = "CANARY_TEMPLATE";

  private static final SecretRef REF = SecretRef.of("default", "canary");

  private TextCanary() {}

  /**
   * Takes the values.
   *
   * @param args {@code prompt}; or the file with the canary and a line feed
   */
  public static void main(String[] args) {
    if (args[0].equals("prompt")) {
      tell("prompt", SecretSource.prompt());
      return;
    }
    Path file = Path.of(args[0]);
    tell("environment", SecretSource.environment(VARIABLE));
    tell("text file", SecretSource.textFile(file));
    tell("file", ref -> withoutLineFeed(SecretSource.file(file), ref));
    tell("text from the environment", ref -> text(System.getenv(VARIABLE)));
    tell(
        "characters",
        ref -> Optional.of(SecretValue.copyOf(System.getenv(VARIABLE).toCharArray())));
    tell("property", ref -> text(System.getProperty(VARIABLE)));
    tell("argument", ref -> text(args[1]));
    try (InMemorySecretStore store = InMemorySecretStore.create();
        var manager = SecretManagers.open(store)) {
      store.createVault(REF.vault());
      store.put(REF.vault(), REF.name(), CANARY);
      tell("copy", SecretSource.secret(manager, REF));
      tell(
          "reference", ref -> text(SecretTemplate.in("${secret@default/canary}").reveal(manager)));
      tell(
          "text around a reference",
          ref -> text(SecretTemplate.in(Map.of("x", System.getenv(TEMPLATE_VARIABLE)))
              .reveal(manager)
              .get("x")
              .toString()
              .replace("/" + CANARY, "")));
    }
  }

  private static Optional<SecretValue> text(String text) {
    return Optional.of(SecretValue.of(text));
  }

  private static Optional<SecretValue> withoutLineFeed(SecretSource source, SecretRef ref) {
    try (SecretValue value = source.read(ref).orElseThrow()) {
      return Optional.of(SecretValue.of(value.revealString().strip()));
    }
  }

  private static void tell(String what, SecretSource source) {
    String outcome;
    try (SecretValue value = source.read(REF).orElseThrow()) {
      outcome = value.matches(CANARY) ? "exact" : "changed";
    } catch (SecretManagerException | IllegalArgumentException e) {
      outcome = String.valueOf(e.getMessage()).contains("LANG=C.UTF-8") ? "refused" : "failed";
    }
    System.out.println(what + ": " + outcome);
  }
}
