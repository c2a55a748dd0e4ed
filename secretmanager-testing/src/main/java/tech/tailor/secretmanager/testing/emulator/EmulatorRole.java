package tech.tailor.secretmanager.testing.emulator;

/** What the holder of an access token may do, as the roles of the platform's users. */
public enum EmulatorRole {
  /** Everything that the emulator serves. */
  ADMIN,
  /** All that concerns vaults and secrets, their values included. */
  EDITOR,
  /** Sees names, times and labels; never reads a value, never changes anything. */
  VIEWER
}
