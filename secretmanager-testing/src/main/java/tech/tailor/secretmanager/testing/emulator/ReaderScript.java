package tech.tailor.secretmanager.testing.emulator;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.testing.emulator.SealedAnswer.Kem;
import tech.tailor.secretmanager.testing.emulator.SealedAnswer.Question;
import tech.tailor.secretmanager.testing.emulator.SealedAnswer.Recipient;

/**
 * A run of the script by which the client reads values in the platform's function runtime. The
 * emulator runs no JavaScript; it recognises the script by its first line and does what it does.
 */
final class ReaderScript {

  private static final String FIRST_LINE = "// tailor.secretmanager sealed reader, protocol 1";
  private static final int PROTOCOL = 1;

  /** Null if the argument is not as the script expects it. */
  private final @Nullable Question question;

  private ReaderScript(@Nullable Question question) {
    this.question = question;
  }

  /** Whether the code is the script of the client. */
  static boolean isOne(String code) {
    return code.lines().findFirst().filter(FIRST_LINE::equals).isPresent();
  }

  static ReaderScript withArgument(String argument) {
    try (JsonParser json = JsonMessages.parser(argument)) {
      Question question = new Argument().read(json);
      return new ReaderScript(json.nextToken() == null ? question : null);
    } catch (IOException | IllegalArgumentException e) {
      return new ReaderScript(null);
    }
  }

  /** The vault that it reads from, if it gets that far. */
  Optional<String> vault() {
    return Optional.ofNullable(question).map(Question::vault);
  }

  /** What the script returns, as JSON. */
  String run(Workspace workspace) {
    if (question == null) {
      return error("invalid_request");
    }
    try (ValueReads.Found found =
        ValueReads.Found.in(workspace.store(), question.vault(), question.names())) {
      if (found.isVaultMissing()) {
        return error("read_failed");
      }
      SealedAnswer sealed = SealedAnswer.seal(question, found.values());
      return object(
          "kem",
          sealed.kem().name(),
          "sealed",
          Base64.getEncoder().encodeToString(sealed.sealed().toByteArray()));
    } catch (SecretManagerException e) {
      return error("read_failed");
    } catch (RefusedCall e) {
      return error(
          switch (e.code()) {
            case OUT_OF_RANGE -> "too_large";
            case FAILED_PRECONDITION -> "no_kem";
            default -> "invalid_request";
          });
    }
  }

  private static String error(String error) {
    return object("error", error);
  }

  private static String object(String... namesAndValues) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JsonMessages.generator(text)) {
      json.writeStartObject();
      json.writeNumberField("protocol", PROTOCOL);
      for (int i = 0; i < namesAndValues.length; i += 2) {
        json.writeStringField(namesAndValues[i], namesAndValues[i + 1]);
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new AssertionError("Writing to memory does not fail", e);
    }
    return text.toString();
  }

  /** Reads the argument field by field; what is missing or odd makes it null. */
  private static final class Argument {

    private int protocol;
    private String workspaceId = "";
    private String vault = "";
    private final List<String> names = new ArrayList<>();
    private ByteString nonce = ByteString.EMPTY;
    private final List<Recipient> recipients = new ArrayList<>();

    private @Nullable Question read(JsonParser json) throws IOException {
      require(json.nextToken() == JsonToken.START_OBJECT);
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String field = json.currentName();
        json.nextToken();
        switch (field) {
          case "protocol" -> {
            require(json.currentToken() == JsonToken.VALUE_NUMBER_INT);
            protocol = json.getIntValue();
          }
          case "workspaceId" -> workspaceId = text(json);
          case "vault" -> vault = text(json);
          case "nonce" -> nonce = ByteString.copyFrom(JsonMessages.base64(text(json)));
          case "names" -> {
            require(json.currentToken() == JsonToken.START_ARRAY);
            while (json.nextToken() != JsonToken.END_ARRAY) {
              names.add(SecretRef.requireVaultName(text(json)));
            }
          }
          case "recipients" -> {
            require(json.currentToken() == JsonToken.START_ARRAY);
            while (json.nextToken() != JsonToken.END_ARRAY) {
              recipients.add(recipient(json));
            }
          }
          default -> json.skipChildren();
        }
      }
      SecretRef.requireVaultName(vault);
      Question question = new Question(workspaceId, vault, names, nonce, recipients);
      return protocol == PROTOCOL && question.brokenRule() == null ? question : null;
    }

    private static Recipient recipient(JsonParser json) throws IOException {
      require(json.currentToken() == JsonToken.START_OBJECT);
      Kem kem = null;
      ByteString publicKey = ByteString.EMPTY;
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String field = json.currentName();
        json.nextToken();
        if (field.equals("kem")) {
          kem = Kem.named(text(json));
        } else if (field.equals("publicKey")) {
          publicKey = ByteString.copyFrom(JsonMessages.base64(text(json)));
        } else {
          json.skipChildren();
        }
      }
      return new Recipient(kem, publicKey);
    }

    private static String text(JsonParser json) throws IOException {
      require(json.currentToken() == JsonToken.VALUE_STRING);
      return json.getText();
    }

    private static void require(boolean fits) {
      if (!fits) {
        throw new IllegalArgumentException("The argument is not as the script expects it");
      }
    }
  }
}
