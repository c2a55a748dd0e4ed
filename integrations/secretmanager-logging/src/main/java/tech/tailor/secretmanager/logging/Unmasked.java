package tech.tailor.secretmanager.logging;

import static java.lang.System.Logger.Level.WARNING;

import java.util.Set;

/** Says what writes logs that are not masked. */
final class Unmasked {

  private static final System.Logger LOGGER = System.getLogger(SecretMask.class.getName());

  private Unmasked() {}

  static void warn(Set<String> names) {
    if (!names.isEmpty()) {
      LOGGER.log(WARNING, () -> "Secrets are not masked in what these write: " + names);
    }
  }
}
