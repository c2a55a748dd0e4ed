package tech.tailor.secretmanager;

import java.util.Optional;

/** A value that is read as another secret. */
record CopiedSource(SecretManager manager, SecretRef from) implements SecretSource {

  @Override
  public Optional<SecretValue> read(SecretRef ref) {
    manager.refresh(from); // what is cached may be of the version before
    return manager.getSecret(from);
  }

  @Override
  public boolean isKnownToBeEmpty(SecretRef ref) {
    return !manager.exists(from);
  }

  @Override
  public String origin() {
    return "the secret " + from + " of another manager";
  }

  @Override
  public String toString() {
    return "SecretSource[" + origin() + "]";
  }
}
