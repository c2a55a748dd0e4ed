package tech.tailor.secretmanager.client.memory;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretMetadata;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretMemory;
import tech.tailor.secretmanager.store.SecretInfo;
import tech.tailor.secretmanager.store.SecretVersionInfo;
import tech.tailor.secretmanager.store.SecretVersionInfo.State;
import tech.tailor.secretmanager.store.VaultInfo;

/** What a store in memory holds. For use under the store's lock only. */
final class MemoryContent {

  final Map<String, Vault> vaults = new TreeMap<>();

  /** Wipes all values. */
  void wipe() {
    vaults.values().forEach(vault -> vault.secrets.values().forEach(Secret::wipe));
  }

  /** A vault; everything in it may be replaced. */
  static final class Vault {

    final Map<String, Secret> secrets = new TreeMap<>();
    private final Instant createTime;
    Instant updateTime;
    Map<String, String> labels = Map.of();

    Vault(Instant createTime) {
      this.createTime = createTime;
      this.updateTime = createTime;
    }

    VaultInfo info(String name) {
      return new VaultInfo(name, createTime, updateTime);
    }
  }

  /**
   * A secret. A change puts another in its place.
   *
   * @param createTime when it was created
   * @param description may be empty
   * @param labels by key
   * @param versions ascending, at least one; the last is the current one
   */
  record Secret(
      Instant createTime, String description, Map<String, String> labels, List<Version> versions) {

    Version current() {
      return versions.get(versions.size() - 1);
    }

    @Nullable
    Version version(long number) {
      for (Version version : versions) {
        if (version.number == number) {
          return version;
        }
      }
      return null;
    }

    Secret withVersions(List<Version> others) {
      return new Secret(createTime, description, labels, others);
    }

    Secret with(Version changed) {
      List<Version> all = new ArrayList<>(versions);
      all.replaceAll(version -> version.number == changed.number ? changed : version);
      return withVersions(all);
    }

    SecretInfo info(String name) {
      return new SecretInfo(name, current().number, createTime, current().createTime);
    }

    void wipe() {
      versions.forEach(Version::wipe);
    }
  }

  /**
   * One value of a secret.
   *
   * @param number counts from 1
   * @param createTime when it was written
   * @param state whether it may be read
   * @param memory where the value lies; null if and only if it is destroyed
   */
  record Version(
      long number,
      Instant createTime,
      State state,
      @Nullable SecretMemory memory) {

    Version with(State other) {
      return new Version(number, createTime, other, other == State.DESTROYED ? null : memory);
    }

    SecretVersionInfo info() {
      return new SecretVersionInfo(number, createTime, state);
    }

    /** Only called under the lock, so that the value can't be wiped meanwhile. */
    SecretValue copy() {
      if (memory == null) {
        throw new AssertionError("A destroyed version has no value");
      }
      byte[] bytes = new byte[memory.sizeBytes()];
      if (!memory.copyTo(bytes)) {
        throw new AssertionError("A secret in the map is not wiped");
      }
      return SecretValue.adopt(bytes, SecretMetadata.of(number, createTime));
    }

    void wipe() {
      if (memory != null) {
        memory.wipe();
      }
    }
  }
}
