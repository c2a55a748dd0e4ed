package tech.tailor.secretmanager.http;

import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Reads any bytes as every kind of answer, and as a sealed message, and accepts the declared error
 * only. Jazzer runs it, and looks for bytes that lead to others.
 */
public final class AnswersFuzzer {

  private static final List<JsonAnswer.Shape<?>> SHAPES = List.of(
      Answers::errorCode,
      Answers::nothing,
      Answers::vault,
      Answers::secret,
      Answers::vaults,
      Answers::secrets,
      Answers::labels,
      Answers::executionId,
      Answers::execution,
      Answers::scriptResult,
      Answers::runtimeAnswer,
      Answers::grant,
      Answers::tokenEndpoint);

  private AnswersFuzzer() {}

  public static void fuzzerTestOneInput(byte[] data) {
    for (JsonAnswer.Shape<?> shape : SHAPES) {
      try {
        JsonAnswer.read(data.clone(), shape);
      } catch (MalformedAnswerException e) {
        requirePlain(e);
      }
    }
    try {
      SealedMessage.read(data, Set.of("aaa", "bbb", "ccc")).values().forEach(value -> {
        if (value.length > data.length) {
          throw new IllegalStateException("a value that isn't in the message");
        }
      });
    } catch (MalformedAnswerException e) {
      requirePlain(e);
    }
  }

  /**
   * The control: takes anything but an answer with a label that is longer than that of the seed.
   */
  public static final class Tripping {
    private Tripping() {}

    public static void fuzzerTestOneInput(byte[] data) {
      try {
        if (JsonAnswer.read(data, Answers::labels).values().stream()
            .anyMatch(value -> value.length() > 2)) {
          throw new IllegalStateException("tripped");
        }
      } catch (MalformedAnswerException e) {
        requirePlain(e);
      }
    }
  }

  static List<String> seeds() {
    String vault = MockPlatform.named("default");
    return Arrays.asList(
        "{\"vault\":" + vault + ",\"secret\":" + vault + "}",
        "{\"vaults\":[" + vault + "],\"secrets\":[" + vault + "],\"nextPageToken\":\"x\"}",
        "{\"code\":\"not_found\",\"message\":\"m\",\"details\":[{\"type\":\"t\",\"value\":\"v\"}]}",
        "{\"metadata\":{\"trn\":\"t\",\"labels\":{\"owner\":\"me\"}}}",
        "{\"executionId\":\"x\",\"execution\":{\"status\":\"STATUS_SUCCESS\",\"result\":\"{}\"}}",
        "{\"protocol\":1,\"kem\":\"KEM_X25519\",\"sealed\":\"AAAA\"}",
        "{\"protocol\":1,\"error\":\"too_large\"}",
        "{\"kem\":2,\"sealed\":\"AA-_\",\"secrets\":[{\"name\":\"aaa\",\"version\":\"3\","
            + "\"updateTime\":\"2026-11-01T00:00:00Z\"}],\"missingNames\":[\"bbb\"]}",
        "{\"access_token\":\"a\",\"refresh_token\":\"r\",\"expires_in\":3600,"
            + "\"token_endpoint\":\"https://x\"}",
        "\u0001\u0000\u0000\u0000\u0001\u0000\u0000\u0000\u0003aaa\u0000\u0000\u0000\u0001x");
  }

  private static void requirePlain(MalformedAnswerException e) {
    if (e.getCause() != null || e.getMessage().length() > 120) {
      throw new IllegalStateException("the error shows more than it should");
    }
  }
}
