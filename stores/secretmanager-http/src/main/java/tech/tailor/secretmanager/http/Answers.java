package tech.tailor.secretmanager.http;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tech.tailor.secretmanager.SecretMetadata;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.store.SecretInfo;
import tech.tailor.secretmanager.store.SecretStore;
import tech.tailor.secretmanager.store.VaultInfo;

/** The messages that servers answer with, each as a {@link JsonAnswer.Shape}. */
final class Answers {

  private Answers() {}

  /**
   * A page of a list.
   *
   * @param next the token of the next page; empty after the last
   */
  record Page<T>(List<T> items, String next) {}

  /**
   * Where an execution stands.
   *
   * @param result what the function returned, as JSON; empty unless it succeeded
   */
  record Execution(Status status, String result) {
    enum Status {
      RUNNING,
      SUCCESS,
      FAILED,
      /** It failed, and not for what the function did. */
      FAILED_BY_PLATFORM
    }
  }

  /** The code of a Connect error; its message and details are not read. */
  static ConnectCode errorCode(JsonAnswer answer) throws IOException, MalformedAnswerException {
    ConnectCode code = null;
    for (String name = answer.firstField(); name != null; name = answer.nextField()) {
      if (name.equals("code")) {
        code = ConnectCode.ofWire(answer.text());
      } else {
        answer.skip();
      }
    }
    return answer.require(code, "code");
  }

  /** An answer that says no more than that the call succeeded. */
  static boolean nothing(JsonAnswer answer) throws IOException, MalformedAnswerException {
    for (String name = answer.firstField(); name != null; name = answer.nextField()) {
      answer.skip();
    }
    return true;
  }

  /** The field "vault". */
  static VaultInfo vault(JsonAnswer answer) throws IOException, MalformedAnswerException {
    return only("vault", Answers::vaultInfo).read(answer);
  }

  /** The field "secret". */
  static SecretInfo secret(JsonAnswer answer) throws IOException, MalformedAnswerException {
    return only("secret", Answers::secretInfo).read(answer);
  }

  /** The field "vault", which must be about the vault that was asked for. */
  static JsonAnswer.Shape<VaultInfo> vaultNamed(String name) {
    return answer -> {
      VaultInfo vault = vault(answer);
      requireAsked(name, vault.name(), answer);
      return vault;
    };
  }

  /** The field "secret", which must be about the secret that was asked for. */
  static JsonAnswer.Shape<SecretInfo> secretNamed(String name) {
    return answer -> {
      SecretInfo secret = secret(answer);
      requireAsked(name, secret.name(), answer);
      return secret;
    };
  }

  static Page<VaultInfo> vaults(JsonAnswer answer) throws IOException, MalformedAnswerException {
    return page(answer, "vaults", Answers::vaultInfo);
  }

  static Page<SecretInfo> secrets(JsonAnswer answer) throws IOException, MalformedAnswerException {
    return page(answer, "secrets", Answers::secretInfo);
  }

  /**
   * The labels of the field "metadata"; none if it is left out. They must be valid, because labels
   * appear in messages and decide whose a vault is.
   */
  static Map<String, String> labels(JsonAnswer answer)
      throws IOException, MalformedAnswerException {
    Map<String, String> labels = new TreeMap<>();
    for (String name = answer.firstField(); name != null; name = answer.nextField()) {
      if (name.equals("metadata")) {
        labels.putAll(labelsOfMetadata(answer));
      } else {
        answer.skip();
      }
    }
    try {
      return SecretStore.requireLabels(labels);
    } catch (IllegalArgumentException e) { // its message quotes them
      throw answer.malformed("labels that are not valid");
    }
  }

  private static Map<String, String> labelsOfMetadata(JsonAnswer answer)
      throws IOException, MalformedAnswerException {
    Map<String, String> labels = new TreeMap<>();
    for (String name = answer.firstField(); name != null; name = answer.nextField()) {
      if (name.equals("labels")) {
        labels.putAll(answer.map());
      } else {
        answer.skip();
      }
    }
    return labels;
  }

  /** The id of an execution that was started. */
  static String executionId(JsonAnswer answer) throws IOException, MalformedAnswerException {
    String id = null;
    for (String name = answer.firstField(); name != null; name = answer.nextField()) {
      switch (name) {
        case "executionId", "execution_id" -> id = answer.text();
        default -> answer.skip();
      }
    }
    return answer.require(id, "executionId");
  }

  /** The field "execution". */
  static Execution execution(JsonAnswer answer) throws IOException, MalformedAnswerException {
    return only("execution", Answers::executionState).read(answer);
  }

  /** What the reader script returns. */
  static SealedAnswer scriptResult(JsonAnswer answer) throws IOException, MalformedAnswerException {
    Kem kem = null;
    byte[] sealed = null;
    String error = null;
    long protocol = 0;
    for (String name = answer.firstField(); name != null; name = answer.nextField()) {
      switch (name) {
        case "protocol" -> protocol = answer.number();
        case "kem" -> kem = Kem.ofWire(answer.enumValue());
        case "sealed" -> sealed = answer.base64();
        case "error" -> error = answer.text();
        default -> answer.skip();
      }
    }
    if (protocol != SealedRequest.PROTOCOL) {
      throw answer.malformed("not protocol " + SealedRequest.PROTOCOL);
    }
    if (error != null) {
      return switch (error) {
        case "read_failed" -> new SealedAnswer.Unread();
        case "too_large" -> new SealedAnswer.TooLarge();
        case "no_kem" -> throw answer.malformed("the function runtime can do none of the KEMs");
        default -> throw answer.malformed("the script found the request invalid");
      };
    }
    return new SealedAnswer.Sealed(
        answer.require(kem, "kem"), answer.require(sealed, "sealed"), Optional.empty());
  }

  /** What the runtime service answers. */
  static SealedAnswer runtimeAnswer(JsonAnswer answer)
      throws IOException, MalformedAnswerException {
    Kem kem = null;
    byte[] sealed = null;
    Map<String, SecretMetadata> found = new HashMap<>();
    List<String> missing = new ArrayList<>();
    for (String name = answer.firstField(); name != null; name = answer.nextField()) {
      switch (name) {
        case "kem" -> kem = Kem.ofWire(answer.enumValue());
        case "sealed" -> sealed = answer.base64();
        case "secrets" ->
          answer.list(element -> foundSecret(element, found), HttpLimits.NAMES_PER_READ);
        case "missingNames", "missing_names" ->
          missing.addAll(answer.list(JsonAnswer::text, HttpLimits.NAMES_PER_READ));
        default -> answer.skip();
      }
    }
    return new SealedAnswer.Sealed(
        answer.require(kem, "kem"),
        answer.require(sealed, "sealed"),
        Optional.of(
            new SealedAnswer.Told(Collections.unmodifiableMap(found), List.copyOf(missing))));
  }

  /** What an OAuth2 server grants. */
  static Grant grant(JsonAnswer answer) throws IOException, MalformedAnswerException {
    String accessToken = null;
    String refreshToken = null;
    long expiresIn = 0;
    for (String name = answer.firstField(); name != null; name = answer.nextField()) {
      switch (name) {
        case "access_token" -> accessToken = answer.text();
        case "refresh_token" -> refreshToken = answer.text();
        case "expires_in" -> expiresIn = answer.number();
        default -> answer.skip();
      }
    }
    return new Grant(
        answer.require(accessToken, "access_token"), Optional.ofNullable(refreshToken), expiresIn);
  }

  /** Where an OAuth2 server grants tokens. */
  static String tokenEndpoint(JsonAnswer answer) throws IOException, MalformedAnswerException {
    String url = null;
    for (String name = answer.firstField(); name != null; name = answer.nextField()) {
      if (name.equals("token_endpoint")) {
        url = answer.text();
      } else {
        answer.skip();
      }
    }
    return answer.require(url, "token_endpoint");
  }

  private static void requireAsked(String asked, String told, JsonAnswer answer)
      throws MalformedAnswerException {
    if (!told.equals(asked)) {
      throw answer.malformed("it is about another name than the one asked for");
    }
  }

  private static boolean foundSecret(JsonAnswer answer, Map<String, SecretMetadata> found)
      throws IOException, MalformedAnswerException {
    String secret = null;
    long version = 0;
    Instant time = null;
    for (String name = answer.firstField(); name != null; name = answer.nextField()) {
      switch (name) {
        case "name" -> secret = answer.text();
        case "version" -> version = answer.number();
        case "updateTime", "update_time" -> time = answer.time();
        default -> answer.skip();
      }
    }
    if (version < 0) {
      throw answer.malformed("a version below 0");
    }
    SecretMetadata metadata =
        time == null ? SecretMetadata.unversioned() : SecretMetadata.of(version, time);
    if (found.put(answer.require(secret, "name"), metadata) != null) {
      throw answer.malformed("a name twice");
    }
    return true;
  }

  private static Execution executionState(JsonAnswer answer)
      throws IOException, MalformedAnswerException {
    String status = "";
    String result = "";
    String errorKind = "";
    for (String name = answer.firstField(); name != null; name = answer.nextField()) {
      switch (name) {
        case "status" -> status = answer.enumValue();
        case "errorKind", "error_kind" -> errorKind = answer.enumValue();
        case "result" -> result = answer.text();
        default -> answer.skip();
      }
    }
    return switch (status) {
      case "STATUS_SUCCESS", "1" -> new Execution(Execution.Status.SUCCESS, result);
      case "STATUS_FAILED", "2" -> new Execution(failed(errorKind), "");
      default -> new Execution(Execution.Status.RUNNING, "");
    };
  }

  private static Execution.Status failed(String errorKind) {
    return switch (errorKind) {
      case "FUNCTION_ERROR_KIND_PLATFORM", "4" -> Execution.Status.FAILED_BY_PLATFORM;
      default -> Execution.Status.FAILED;
    };
  }

  private static VaultInfo vaultInfo(JsonAnswer answer)
      throws IOException, MalformedAnswerException {
    Named named = named(answer);
    return VaultInfo.of(
        SecretRef.requireVaultName(named.name()), named.createTime(), named.updateTime());
  }

  private static SecretInfo secretInfo(JsonAnswer answer)
      throws IOException, MalformedAnswerException {
    Named named = named(answer);
    return SecretInfo.of(
        SecretRef.requireVaultName(named.name()), 0, named.createTime(), named.updateTime());
  }

  /** What vaults and secrets have in common, which is all that the platform tells of them. */
  private record Named(String name, Instant createTime, Instant updateTime) {}

  private static Named named(JsonAnswer answer) throws IOException, MalformedAnswerException {
    String of = null;
    Instant created = null;
    Instant updated = null;
    for (String name = answer.firstField(); name != null; name = answer.nextField()) {
      switch (name) {
        case "name" -> of = answer.text();
        case "createTime", "create_time" -> created = answer.time();
        case "updateTime", "update_time" -> updated = answer.time();
        default -> answer.skip();
      }
    }
    Instant createTime = answer.require(created, "createTime");
    return new Named(
        answer.require(of, "name"), createTime, updated == null ? createTime : updated);
  }

  private static <T> Page<T> page(JsonAnswer answer, String list, JsonAnswer.Shape<T> element)
      throws IOException, MalformedAnswerException {
    List<T> items = new ArrayList<>();
    String next = "";
    for (String name = answer.firstField(); name != null; name = answer.nextField()) {
      switch (name) {
        case "nextPageToken", "next_page_token" -> {
          next = answer.text();
          if (next.length() > HttpLimits.PAGE_TOKEN_LENGTH) {
            throw answer.malformed("a page token of too many characters");
          }
        }
        default -> {
          if (name.equals(list)) {
            items.addAll(answer.list(element, HttpLimits.LISTED));
          } else {
            answer.skip();
          }
        }
      }
    }
    return new Page<>(List.copyOf(items), next);
  }

  private static <T> JsonAnswer.Shape<T> only(String field, JsonAnswer.Shape<T> shape) {
    return answer -> {
      T read = null;
      for (String name = answer.firstField(); name != null; name = answer.nextField()) {
        if (name.equals(field)) {
          read = shape.read(answer);
        } else {
          answer.skip();
        }
      }
      return answer.require(read, field);
    };
  }
}
