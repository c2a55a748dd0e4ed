package tech.tailor.secretmanager.testing.emulator;

import static tech.tailor.secretmanager.testing.emulator.EmulatorRole.ADMIN;
import static tech.tailor.secretmanager.testing.emulator.EmulatorRole.EDITOR;
import static tech.tailor.secretmanager.testing.emulator.EmulatorRole.VIEWER;

import java.util.Map;
import java.util.Set;

/** Who may call what. What has no row here nobody may call. */
final class Permissions {

  private static final Set<EmulatorRole> LOOKS = Set.of(ADMIN, EDITOR, VIEWER);
  private static final Set<EmulatorRole> CHANGES = Set.of(ADMIN, EDITOR);
  private static final Set<EmulatorRole> READS_VALUES = Set.of(ADMIN, EDITOR);

  private static final Map<String, Set<EmulatorRole>> TABLE = Map.ofEntries(
      Map.entry("CreateSecretManagerVault", CHANGES),
      Map.entry("GetSecretManagerVault", LOOKS),
      Map.entry("DeleteSecretManagerVault", CHANGES),
      Map.entry("ListSecretManagerVaults", LOOKS),
      Map.entry("CreateSecretManagerSecret", CHANGES),
      Map.entry("UpdateSecretManagerSecret", CHANGES),
      Map.entry("DeleteSecretManagerSecret", CHANGES),
      Map.entry("GetSecretManagerSecret", LOOKS),
      Map.entry("ListSecretManagerSecrets", LOOKS),
      Map.entry("SetMetadata", CHANGES),
      Map.entry("GetMetadata", LOOKS),
      Map.entry("BulkSetMetadata", CHANGES),
      Map.entry("ListMetadata", LOOKS),
      Map.entry("TestExecScript", READS_VALUES),
      Map.entry("GetFunctionExecution", READS_VALUES),
      Map.entry("GetSecrets", READS_VALUES));

  private Permissions() {}

  static boolean allow(EmulatorRole role, String method) {
    return TABLE.getOrDefault(method, Set.of()).contains(role);
  }

  /** The methods that have a row. */
  static Set<String> methods() {
    return TABLE.keySet();
  }
}
