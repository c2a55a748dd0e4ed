package tech.tailor.secretmanager.envelope.shared;

import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretRef;

/** What a store says of a part that it did not write. */
public final class Damage {

  private Damage() {}

  /**
   * A part that is not under its seal.
   *
   * @param store names the store
   * @param what names the part, such as {@code head}
   */
  public static SecretIntegrityException of(String store, String what) {
    return new SecretIntegrityException(words(store, what) + "restore it from a backup");
  }

  /** A record of a secret that is not under its seal. */
  public static SecretIntegrityException ofSecret(String store, SecretRef ref) {
    return new SecretIntegrityException(words(store, "record of the secret " + ref)
        + "restore it from a backup, or delete the secret and write it again");
  }

  private static String words(String store, String what) {
    return "The " + store + " was damaged or edited: its " + what
        + " was not written by this library with the store's key for the place where it stands."
        + " Find out who writes there without this library, and ";
  }
}
