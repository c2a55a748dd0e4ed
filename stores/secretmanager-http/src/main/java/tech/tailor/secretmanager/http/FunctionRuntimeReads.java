package tech.tailor.secretmanager.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretProtocolException;
import tech.tailor.secretmanager.SecretTimeoutException;
import tech.tailor.secretmanager.SecretUnavailableException;

/**
 * Reads through the function runtime of the platform, where values exist in functions only: starts
 * the reader script there, and waits for its result.
 */
final class FunctionRuntimeReads implements SealedReads {

  private static final String SCRIPT_NAME = "tailor-secretmanager-sealed-read.js";
  private static final String SCRIPT = script();

  private static final long FIRST_PAUSE_NANOS = 25_000_000;
  private static final long LONGEST_PAUSE_NANOS = 1_000_000_000;

  private final ConnectClient client;
  private final @Nullable Invoker invoker;
  private final Pauses pauses;

  /** As whom the script runs. */
  record Invoker(String namespace, String machineUser) {}

  FunctionRuntimeReads(ConnectClient client, @Nullable Invoker invoker, Pauses pauses) {
    this.client = client;
    this.invoker = invoker;
    this.pauses = pauses;
  }

  @Override
  public SealedAnswer read(SealedRequest request, Deadline deadline) throws RefusedException {
    String result = resultOf(start(request, deadline), request, deadline);
    byte[] bytes = result.getBytes(UTF_8);
    try {
      return JsonAnswer.read(bytes, Answers::scriptResult);
    } catch (MalformedAnswerException e) {
      throw new SecretProtocolException("Could not " + Intents.read(request)
          + ": the result of the reader script can't be read: " + e.getMessage());
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }

  private String start(SealedRequest request, Deadline deadline) throws RefusedException {
    JsonBody body = new JsonBody()
        .text("workspaceId", request.workspaceId())
        .text("name", SCRIPT_NAME)
        .text("code", SCRIPT)
        .text("arg", argument(request));
    if (invoker != null) {
      body.object(
          "invoker",
          object -> object
              .text("namespace", invoker.namespace())
              .text("machineUserName", invoker.machineUser()));
    }
    return client.call(
        Operation.read("TestExecScript", Intents.read(request)),
        body,
        Answers::executionId,
        deadline);
  }

  private String resultOf(String executionId, SealedRequest request, Deadline deadline)
      throws RefusedException {
    long pause = FIRST_PAUSE_NANOS;
    while (true) {
      Answers.Execution execution = execution(executionId, request, deadline);
      switch (execution.status()) {
        case SUCCESS -> {
          return execution.result();
        }
        case FAILED ->
          throw new SecretProtocolException("Could not " + Intents.read(request)
              + ": the reader script failed in the function runtime; its execution "
              + "is shown in the platform's console");
        case FAILED_BY_PLATFORM ->
          throw new SecretUnavailableException("Could not " + Intents.read(request)
              + ": the function runtime failed to run the reader script; try again later");
        case RUNNING -> {
          long shortened = (long) (pause * (1 - 0.2 * pauses.random().getAsDouble()));
          if (!pauses.pause(shortened, deadline)) {
            throw notFinished(request);
          }
          pause = Math.min(2 * pause, LONGEST_PAUSE_NANOS);
        }
      }
    }
  }

  private Answers.Execution execution(String executionId, SealedRequest request, Deadline deadline)
      throws RefusedException {
    JsonBody body =
        new JsonBody().text("workspaceId", request.workspaceId()).text("executionId", executionId);
    try {
      return client.call(
          Operation.read("GetFunctionExecution", Intents.read(request)),
          body,
          Answers::execution,
          deadline);
    } catch (RefusedException e) {
      if (e.code() == ConnectCode.NOT_FOUND) { // not there yet
        return new Answers.Execution(Answers.Execution.Status.RUNNING, "");
      }
      throw e;
    }
  }

  private static SecretManagerException notFinished(SealedRequest request) {
    String could = "Could not " + Intents.read(request) + ": ";
    return Thread.currentThread().isInterrupted()
        ? new SecretUnavailableException(could + "the thread was interrupted")
        : new SecretTimeoutException(
            could + "the reader script did not finish in time; try again later");
  }

  private static String argument(SealedRequest request) {
    JsonBody argument = new JsonBody()
        .number("protocol", SealedRequest.PROTOCOL)
        .text("workspaceId", request.workspaceId())
        .text("vault", request.vault())
        .texts("names", request.names())
        .base64("nonce", request.nonce());
    return new String(request.keys().addTo(argument).toBytes(), UTF_8);
  }

  private static String script() {
    // Below META-INF, which is no package: so it can be read from every module.
    String path = "/META-INF/tech.tailor.secretmanager/sealed-reader.js";
    try (InputStream script = FunctionRuntimeReads.class.getResourceAsStream(path)) {
      if (script == null) {
        throw new IllegalStateException("The jar of secretmanager-http lacks " + path);
      }
      return new String(script.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
