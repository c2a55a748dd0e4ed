package tech.tailor.secretmanager.http;

/** The service of a server that reads values. In both modes the values come back sealed. */
public enum ReadMode {
  /**
   * A function that runs at the server reads the values ({@code TestExecScript}). The mode of
   * Tailor Platform, where values exist in functions only; the emulator has it, too. It returns no
   * versions.
   */
  FUNCTION_RUNTIME,
  /**
   * A dedicated service reads the values in one call
   * ({@code tailor.secretmanager.v1.RuntimeService}). The mode of a server of one's own, and of the
   * emulator.
   */
  RUNTIME_SERVICE
}
