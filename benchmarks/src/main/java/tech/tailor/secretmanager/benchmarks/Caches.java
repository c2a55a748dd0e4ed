package tech.tailor.secretmanager.benchmarks;

import com.amazonaws.secretsmanager.caching.SecretCache;
import com.amazonaws.secretsmanager.caching.SecretCacheConfiguration;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretMetadata;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.SecretManagers;

/** Ours and the others, each filled with every secret. */
public final class Caches {

  /** Where a hand-written cache would look. */
  record Key(String vault, String name) {}

  private static final int MAX_ENTRIES = 10_000; // nothing is evicted

  private Caches() {}

  /** This library, with its default settings. */
  @State(Scope.Benchmark)
  public static class Ours {

    final SecretManager manager = SecretManagers.open(new Upstream());

    public Ours() {
      manager.getSecrets(Secrets.VAULT, Secrets.NAMES).close();
    }

    @TearDown
    public void close() {
      manager.close();
    }
  }

  /** The naive safe read: Caffeine, and a private copy for each reader. The baseline. */
  @State(Scope.Benchmark)
  public static class CaffeineAndCopy {

    private final Cache<Key, byte[]> cache = Caffeine.newBuilder()
        .expireAfterWrite(Duration.ofMinutes(5))
        .maximumSize(MAX_ENTRIES)
        .build();

    public CaffeineAndCopy() {
      Secrets.NAMES.forEach(name -> cache.put(new Key(Secrets.VAULT, name), Secrets.bytes(name)));
    }

    byte[] read(String vault, String name) {
      return cache.getIfPresent(new Key(vault, name)).clone();
    }
  }

  /** A floor: a map that never expires anything, and one array for all readers. */
  @State(Scope.Benchmark)
  public static class PlainMap {

    private final ConcurrentMap<Key, byte[]> map = new ConcurrentHashMap<>();

    public PlainMap() {
      Secrets.NAMES.forEach(name -> map.put(new Key(Secrets.VAULT, name), Secrets.bytes(name)));
    }

    byte[] read(String vault, String name) {
      return map.get(new Key(vault, name));
    }
  }

  /**
   * A floor of what we promise to a reader: found by two names, a copy of its own, wiped by it. It
   * looks at no time, counts nothing, bounds nothing, and holds its values on the heap.
   */
  @State(Scope.Benchmark)
  public static class LeastPromised {

    private final Map<String, Map<String, byte[]>> vaults = new ConcurrentHashMap<>();
    private final byte[] one = Secrets.bytes(Secrets.NAMES.get(0));

    public LeastPromised() {
      Secrets.NAMES.forEach(name -> vaults
          .computeIfAbsent(Secrets.VAULT, vault -> new ConcurrentHashMap<>())
          .put(name, Secrets.bytes(name)));
    }

    Optional<SecretValue> read(String vault, String name) {
      return copy(vaults.get(vault).get(name));
    }

    Optional<SecretValue> copyOfOne() {
      return copy(one);
    }

    private static Optional<SecretValue> copy(byte[] bytes) {
      return Optional.of(SecretSupport.adopt(bytes.clone(), SecretMetadata.unversioned()));
    }
  }

  /** The caching client for AWS Secrets Manager, in front of a stub. */
  @State(Scope.Benchmark)
  public static class Aws {

    private final SecretCache cache = open(new Upstream());

    public Aws() {
      Secrets.NAMES.forEach(cache::getSecretString);
    }

    String read(String name) {
      return cache.getSecretString(name);
    }

    @TearDown
    public void close() {
      cache.close();
    }

    static SecretCache open(Upstream upstream) {
      return new SecretCache(new SecretCacheConfiguration()
          .withClient(new AwsUpstream(upstream))
          .withMaxCacheSize(MAX_ENTRIES));
    }
  }
}
