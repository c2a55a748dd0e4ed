package tech.tailor.secretmanager.testing.emulator;

import java.util.Set;

/** Who a token stands for, and what it is limited to. */
final class Caller {

  private final EmulatorRole role;
  private final String workspaceId;
  private final Set<String> vaults;
  private final CallRate rate;

  /** @param vaults the vaults that it is limited to; empty for no limit */
  Caller(EmulatorRole role, String workspaceId, Set<String> vaults, CallRate rate) {
    this.role = role;
    this.workspaceId = workspaceId;
    this.vaults = vaults;
    this.rate = rate;
  }

  EmulatorRole role() {
    return role;
  }

  String workspaceId() {
    return workspaceId;
  }

  boolean mayTouch(String vault) {
    return vaults.isEmpty() || vaults.contains(vault);
  }

  CallRate rate() {
    return rate;
  }
}
