package tech.tailor.secretmanager.etcd;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretRef;

/**
 * Where the parts of a store stand in etcd, below its prefix. Part of the format.
 *
 * @param prefix of all keys of the store; ends with a slash
 */
record Keys(String prefix) {

  private static final Pattern SECRET = Pattern.compile("([a-z0-9-]{1,63})/([a-z0-9-]{1,63})");

  String head() {
    return prefix + "head";
  }

  /** The wrapped data keys. */
  String dataKeys() {
    return prefix + "keys";
  }

  String logs() {
    return prefix + "log/";
  }

  String log(long generation) {
    return logs() + number(generation);
  }

  String vaults() {
    return prefix + "vault/";
  }

  String vault(String name) {
    return vaults() + name;
  }

  /** The records of all secrets. */
  String secrets() {
    return prefix + "secret/";
  }

  /** The records of the secrets of a vault. */
  String secrets(String vault) {
    return secrets() + vault + "/";
  }

  String secret(String vault, String name) {
    return secrets(vault) + name;
  }

  /** All ciphertexts. */
  String values() {
    return prefix + "value/";
  }

  /** The ciphertexts of the versions of a secret. */
  String values(String vault, String name) {
    return values() + vault + "/" + name + "/";
  }

  String value(String vault, String name, long version) {
    return values(vault, name) + number(version);
  }

  /** The secret whose record stands at a key; null if none can. */
  @Nullable
  SecretRef secretAt(String key) {
    String rest = key.startsWith(secrets()) ? key.substring(secrets().length()) : "";
    Matcher matcher = SECRET.matcher(rest);
    try {
      return matcher.matches() ? SecretRef.of(matcher.group(1), matcher.group(2)) : null;
    } catch (IllegalArgumentException e) { // a name that no secret has
      return null;
    }
  }

  /** In hex digits of one length, so that keys are in the order of their numbers. */
  private static String number(long number) {
    return String.format("%016x", number);
  }
}
