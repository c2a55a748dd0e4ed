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
import org.jspecify.annotations.Nullable;
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
    @Nullable ConnectCode[] code = new ConnectCode[1];
    answer.message((name, field) -> {
      if (name.equals("code")) {
        code[0] = ConnectCode.ofWire(field.text());
      } else {
        field.skip();
      }
    });
    return answer.require(code[0], "code");
  }

  /** An answer that says no more than that the call succeeded. */
  static boolean nothing(JsonAnswer answer) throws IOException, MalformedAnswerException {
    answer.message((name, field) -> field.skip());
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
    answer.message((name, field) -> {
      if (!name.equals("metadata")) {
        field.skip();
        return;
      }
      field.message((inner, label) -> {
        if (inner.equals("labels")) {
          labels.putAll(label.map());
        } else {
          label.skip();
        }
      });
    });
    try {
      return SecretStore.requireLabels(labels);
    } catch (IllegalArgumentException e) { // its message quotes them
      throw answer.malformed("labels that are not valid");
    }
  }

  /** The id of an execution that was started. */
  static String executionId(JsonAnswer answer) throws IOException, MalformedAnswerException {
    String[] id = new String[1];
    answer.message((name, field) -> {
      switch (name) {
        case "executionId", "execution_id" -> id[0] = field.text();
        default -> field.skip();
      }
    });
    return answer.require(id[0], "executionId");
  }

  /** The field "execution". */
  static Execution execution(JsonAnswer answer) throws IOException, MalformedAnswerException {
    return only("execution", Answers::executionState).read(answer);
  }

  /** What the reader script returns. */
  static SealedAnswer scriptResult(JsonAnswer answer) throws IOException, MalformedAnswerException {
    @Nullable Kem[] kem = new Kem[1];
    byte[][] sealed = new byte[1][];
    String[] error = new String[1];
    long[] protocol = new long[1];
    answer.message((name, field) -> {
      switch (name) {
        case "protocol" -> protocol[0] = field.number();
        case "kem" -> kem[0] = Kem.ofWire(field.enumValue());
        case "sealed" -> sealed[0] = field.base64();
        case "error" -> error[0] = field.text();
        default -> field.skip();
      }
    });
    if (protocol[0] != SealedRequest.PROTOCOL) {
      throw answer.malformed("not protocol " + SealedRequest.PROTOCOL);
    }
    if (error[0] != null) {
      return switch (error[0]) {
        case "read_failed" -> new SealedAnswer.Unread();
        case "too_large" -> new SealedAnswer.TooLarge();
        case "no_kem" -> throw answer.malformed("the function runtime can do none of the KEMs");
        default -> throw answer.malformed("the script found the request invalid");
      };
    }
    return new SealedAnswer.Sealed(
        answer.require(kem[0], "kem"), answer.require(sealed[0], "sealed"), Optional.empty());
  }

  /** What the runtime service answers. */
  static SealedAnswer runtimeAnswer(JsonAnswer answer)
      throws IOException, MalformedAnswerException {
    @Nullable Kem[] kem = new Kem[1];
    byte[][] sealed = new byte[1][];
    Map<String, SecretMetadata> found = new HashMap<>();
    List<String> missing = new ArrayList<>();
    answer.message((name, field) -> {
      switch (name) {
        case "kem" -> kem[0] = Kem.ofWire(field.enumValue());
        case "sealed" -> sealed[0] = field.base64();
        case "secrets" ->
          field.list(element -> foundSecret(element, found), HttpLimits.NAMES_PER_READ);
        case "missingNames", "missing_names" ->
          missing.addAll(field.list(JsonAnswer::text, HttpLimits.NAMES_PER_READ));
        default -> field.skip();
      }
    });
    return new SealedAnswer.Sealed(
        answer.require(kem[0], "kem"),
        answer.require(sealed[0], "sealed"),
        Optional.of(
            new SealedAnswer.Told(Collections.unmodifiableMap(found), List.copyOf(missing))));
  }

  /** What an OAuth2 server grants. */
  static Grant grant(JsonAnswer answer) throws IOException, MalformedAnswerException {
    String[] tokens = new String[2];
    long[] expiresIn = new long[1];
    answer.message((name, field) -> {
      switch (name) {
        case "access_token" -> tokens[0] = field.text();
        case "refresh_token" -> tokens[1] = field.text();
        case "expires_in" -> expiresIn[0] = field.number();
        default -> field.skip();
      }
    });
    return new Grant(
        answer.require(tokens[0], "access_token"), Optional.ofNullable(tokens[1]), expiresIn[0]);
  }

  /** Where an OAuth2 server grants tokens. */
  static String tokenEndpoint(JsonAnswer answer) throws IOException, MalformedAnswerException {
    String[] url = new String[1];
    answer.message((name, field) -> {
      if (name.equals("token_endpoint")) {
        url[0] = field.text();
      } else {
        field.skip();
      }
    });
    return answer.require(url[0], "token_endpoint");
  }

  private static void requireAsked(String asked, String told, JsonAnswer answer)
      throws MalformedAnswerException {
    if (!told.equals(asked)) {
      throw answer.malformed("it is about another name than the one asked for");
    }
  }

  private static boolean foundSecret(JsonAnswer answer, Map<String, SecretMetadata> found)
      throws IOException, MalformedAnswerException {
    String[] of = new String[1];
    long[] version = new long[1];
    Instant[] time = new Instant[1];
    answer.message((name, field) -> {
      switch (name) {
        case "name" -> of[0] = field.text();
        case "version" -> version[0] = field.number();
        case "updateTime", "update_time" -> time[0] = field.time();
        default -> field.skip();
      }
    });
    if (version[0] < 0) {
      throw answer.malformed("a version below 0");
    }
    SecretMetadata metadata =
        time[0] == null ? SecretMetadata.unversioned() : SecretMetadata.of(version[0], time[0]);
    if (found.put(answer.require(of[0], "name"), metadata) != null) {
      throw answer.malformed("a name twice");
    }
    return true;
  }

  private static Execution executionState(JsonAnswer answer)
      throws IOException, MalformedAnswerException {
    String[] status = {""};
    String[] result = {""};
    String[] errorKind = {""};
    answer.message((name, field) -> {
      switch (name) {
        case "status" -> status[0] = field.enumValue();
        case "errorKind", "error_kind" -> errorKind[0] = field.enumValue();
        case "result" -> result[0] = field.text();
        default -> field.skip();
      }
    });
    return switch (status[0]) {
      case "STATUS_SUCCESS", "1" -> new Execution(Execution.Status.SUCCESS, result[0]);
      case "STATUS_FAILED", "2" -> new Execution(failed(errorKind[0]), "");
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
    String[] of = new String[1];
    Instant[] times = new Instant[2];
    answer.message((name, field) -> {
      switch (name) {
        case "name" -> of[0] = field.text();
        case "createTime", "create_time" -> times[0] = field.time();
        case "updateTime", "update_time" -> times[1] = field.time();
        default -> field.skip();
      }
    });
    Instant created = answer.require(times[0], "createTime");
    return new Named(answer.require(of[0], "name"), created, times[1] == null ? created : times[1]);
  }

  private static <T> Page<T> page(JsonAnswer answer, String list, JsonAnswer.Shape<T> element)
      throws IOException, MalformedAnswerException {
    List<T> items = new ArrayList<>();
    String[] next = {""};
    answer.message((name, field) -> {
      switch (name) {
        case "nextPageToken", "next_page_token" -> {
          next[0] = field.text();
          if (next[0].length() > HttpLimits.PAGE_TOKEN_LENGTH) {
            throw field.malformed("a page token of too many characters");
          }
        }
        default -> {
          if (name.equals(list)) {
            items.addAll(field.list(element, HttpLimits.LISTED));
          } else {
            field.skip();
          }
        }
      }
    });
    return new Page<>(List.copyOf(items), next[0]);
  }

  private static <T> JsonAnswer.Shape<T> only(String field, JsonAnswer.Shape<T> shape) {
    return answer -> {
      List<T> read = new ArrayList<>(1);
      answer.message((name, value) -> {
        if (name.equals(field)) {
          read.add(shape.read(value));
        } else {
          value.skip();
        }
      });
      return answer.require(first(read), field);
    };
  }

  private static <T> @Nullable T first(List<T> list) {
    return list.isEmpty() ? null : list.get(0);
  }
}
