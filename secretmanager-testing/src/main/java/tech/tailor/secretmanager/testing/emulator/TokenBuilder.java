package tech.tailor.secretmanager.testing.emulator;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretRef;

/**
 * An access token to be, begun by {@link SecretManagerEmulator#tokenFor}. For use by one thread.
 */
public final class TokenBuilder {

  private final SecretManagerEmulator emulator;
  private final EmulatorRole role;
  private String workspaceId;
  private Set<String> vaults = Set.of();
  private @Nullable Duration lifetime;

  TokenBuilder(SecretManagerEmulator emulator, EmulatorRole role) {
    this.emulator = emulator;
    this.role = role;
    this.workspaceId = emulator.workspaceId();
  }

  /**
   * Limits the token to the given vaults, which need not exist. Default: all vaults.
   *
   * @throws IllegalArgumentException if {@code vaults} is empty, or a name breaks the
   *     {@linkplain SecretRef#NAME_GRAMMAR grammar}
   */
  public TokenBuilder vaults(String... vaults) {
    Set<String> limitedTo = new TreeSet<>();
    for (String vault : requireNonNull(vaults, "vaults")) {
      limitedTo.add(SecretRef.requireVaultName(vault));
    }
    if (limitedTo.isEmpty()) {
      throw new IllegalArgumentException("A limit to vaults names at least one");
    }
    this.vaults = limitedTo;
    return this;
  }

  /**
   * After which time, by the emulator's clock, the token counts as unknown; by default never.
   *
   * @throws IllegalArgumentException if it is negative
   */
  public TokenBuilder lifetime(Duration lifetime) {
    if (requireNonNull(lifetime, "lifetime").isNegative()) {
      throw new IllegalArgumentException("A lifetime is not negative, got " + lifetime);
    }
    this.lifetime = lifetime;
    return this;
  }

  /**
   * The workspace that it is for, one of {@link SecretManagerEmulator#addWorkspace}; by default the
   * emulator's first.
   */
  public TokenBuilder workspaceId(String workspaceId) {
    this.workspaceId = requireNonNull(workspaceId, "workspaceId");
    return this;
  }

  /** Makes up a token, and lets it stand for all this. */
  public String issue() {
    return emulator.issue(role, workspaceId, vaults, lifetime);
  }

  /** Names the role. */
  @Override
  public String toString() {
    return "TokenBuilder[" + role + "]";
  }
}
