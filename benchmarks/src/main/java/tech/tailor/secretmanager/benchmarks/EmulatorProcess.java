package tech.tailor.secretmanager.benchmarks;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import tech.tailor.secretmanager.testing.emulator.SecretManagerEmulator;

/**
 * The emulator with all secrets, in a process of its own: what the server costs, sealing above all,
 * is not in the CPU time of its clients.
 */
public final class EmulatorProcess implements AutoCloseable {

  private static final int UNLIMITED = 1_000_000;

  private final Process process;
  private final URI endpoint;
  private final String workspaceId;
  private final String token;

  EmulatorProcess() throws IOException {
    process = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            EmulatorProcess.class.getName())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
    BufferedReader answers = process.inputReader(US_ASCII);
    endpoint = URI.create(answers.readLine());
    workspaceId = answers.readLine();
    token = answers.readLine();
  }

  /** Serves until the standard input ends, which happens when the parent process ends. */
  public static void main(String[] args) throws IOException {
    try (SecretManagerEmulator emulator =
        SecretManagerEmulator.builder().callsPerSecond(UNLIMITED).start()) {
      Secrets.NAMES.forEach(name -> emulator.put(Secrets.VAULT, name, Secrets.text(name)));
      System.out.println(emulator.endpoint());
      System.out.println(emulator.workspaceId());
      System.out.println(emulator.adminToken());
      while (System.in.read() >= 0) {
        // Nothing is to be done but to wait.
      }
    }
  }

  URI endpoint() {
    return endpoint;
  }

  String workspaceId() {
    return workspaceId;
  }

  String token() {
    return token;
  }

  @Override
  public void close() {
    process.destroy();
  }
}
