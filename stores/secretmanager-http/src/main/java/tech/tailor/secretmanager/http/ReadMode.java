package tech.tailor.secretmanager.http;

/** By which service of a server values are read. On both roads they come back sealed. */
public enum ReadMode {
  /**
   * A function that runs at the server reads them ({@code TestExecScript}). The road of Tailor
   * Platform, where values exist in functions only; the emulator has it too. It tells no versions.
   */
  FUNCTION_RUNTIME,
  /**
   * A service of its own reads them ({@code tailor.secretmanager.v1.RuntimeService}), in one call.
   * The road of a server of one's own, and of the emulator.
   */
  RUNTIME_SERVICE
}
