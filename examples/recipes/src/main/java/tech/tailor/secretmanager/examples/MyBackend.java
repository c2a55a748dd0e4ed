package tech.tailor.secretmanager.examples;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretMetadata;
import tech.tailor.secretmanager.SecretNotFoundException.Missing;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.spi.SecretBackend;
import tech.tailor.secretmanager.spi.SecretMemory;
import tech.tailor.secretmanager.spi.SecretOutcome;

/**
 * How do I write a backend of my own? One method answers for each name, one closes. This one holds
 * what it was made with; the cache in front of it, staleness and joined reads come from the
 * library. {@code MyBackendContractTest} shows how it is tested.
 */
public final class MyBackend implements SecretBackend {

  private final Map<SecretRef, SecretMemory> secrets;
  private volatile boolean closed;

  private MyBackend(Map<SecretRef, SecretMemory> secrets) {
    this.secrets = secrets;
  }

  /** Copies the values, which stay the caller's. */
  public static MyBackend of(Map<SecretRef, SecretValue> secrets) {
    Map<SecretRef, SecretMemory> copies = new HashMap<>();
    secrets.forEach((ref, value) -> copies.put(ref, value.withBytes(SecretMemory::copyOf)));
    return new MyBackend(copies);
  }

  @Override
  public Map<String, SecretOutcome> fetch(String vault, Set<String> names) {
    if (closed) {
      throw new IllegalStateException("MyBackend is closed");
    }
    boolean vaultExists = secrets.keySet().stream().anyMatch(ref -> ref.vault().equals(vault));
    Map<String, SecretOutcome> outcomes = new LinkedHashMap<>();
    for (String name : names) {
      SecretMemory memory = secrets.get(SecretRef.of(vault, name));
      outcomes.put(
          name,
          memory != null
              ? found(memory)
              : new SecretOutcome.Missing(vaultExists ? Missing.SECRET : Missing.VAULT));
    }
    return outcomes;
  }

  @Override
  public void close() {
    closed = true;
    secrets.values().forEach(SecretMemory::wipe);
  }

  private static SecretOutcome found(SecretMemory memory) {
    byte[] bytes = new byte[memory.sizeBytes()];
    if (!memory.copyTo(bytes)) {
      throw new IllegalStateException("MyBackend was closed meanwhile");
    }
    return new SecretOutcome.Found(SecretSupport.adopt(bytes, SecretMetadata.unversioned()));
  }

  public static void main(String[] args) {
    try (SecretValue token = SecretValue.of("made-up-token");
        SecretManager secretManager = SecretManagers.open(
            MyBackend.of(Map.of(SecretRef.of("default", "api-token"), token)))) {
      System.out.println("api-token has "
          + secretManager.withSecret(
              "default", "api-token", value -> value.withBytes(bytes -> bytes.length))
          + " bytes");
      System.out.println("other present: " + secretManager.exists("default", "other"));
    }
  }
}
