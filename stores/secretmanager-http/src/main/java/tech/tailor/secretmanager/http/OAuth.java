package tech.tailor.secretmanager.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Map;
import tech.tailor.secretmanager.SecretAccessDeniedException;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretProtocolException;
import tech.tailor.secretmanager.SecretUnavailableException;

/** Gets tokens by OAuth2, once for each call: a grant may be used up by asking. */
final class OAuth {

  private static final String JSON = "application/json";

  private final Transport transport;

  OAuth(Transport transport) {
    this.transport = transport;
  }

  /**
   * A token for what the form says.
   *
   * @param form is wiped
   * @param repeatable whether asking twice is harmless
   * @param what names the token in a message
   */
  Grant grant(String tokenEndpoint, Form form, boolean repeatable, String what, Deadline deadline) {
    byte[] body = form.toBytes();
    try {
      Grant grant = ask(
          new Transport.Request(
              tokenEndpoint,
              "application/x-www-form-urlencoded",
              body,
              null,
              Map.of("Accept", JSON, "User-Agent", UserAgent.TEXT),
              HttpLimits.ERROR_BYTES * 4,
              repeatable),
          Answers::grant,
          what,
          deadline);
      if (!Tokens.isValid(grant.accessToken())) {
        throw new SecretProtocolException(what + " can't be used: it is no token");
      }
      return grant;
    } finally {
      Arrays.fill(body, (byte) 0);
    }
  }

  /** Where a server grants tokens, by its discovery document. */
  String tokenEndpoint(String discovery, String what, Deadline deadline) {
    return ask(
        new Transport.Request(
            discovery,
            JSON,
            null,
            null,
            Map.of("Accept", JSON, "User-Agent", UserAgent.TEXT),
            HttpLimits.ERROR_BYTES * 4,
            true),
        Answers::tokenEndpoint,
        what,
        deadline);
  }

  private <T> T ask(
      Transport.Request request, JsonAnswer.Shape<T> shape, String what, Deadline deadline) {
    Transport.Reply reply;
    try {
      reply = transport.send(request, deadline);
    } catch (NoReplyException e) {
      throw failure(e, what);
    }
    try {
      if (reply.status() != 200) {
        throw refusal(reply.status(), what);
      }
      return JsonAnswer.read(reply.body(), shape);
    } catch (MalformedAnswerException e) {
      throw new SecretProtocolException(
          what + " can't be had: the answer can't be read: " + e.getMessage());
    } finally {
      Arrays.fill(reply.body(), (byte) 0);
    }
  }

  private static SecretManagerException refusal(int status, String what) {
    String said = what + " can't be had: the server answered HTTP " + status;
    return switch (status) {
      case 400, 401, 403 ->
        new SecretAccessDeniedException(said + "; are the credentials right, and still valid?");
      default ->
        status == 429 || status >= 500
            ? new SecretUnavailableException(said + "; try again later")
            : new SecretProtocolException(said);
    };
  }

  private static SecretManagerException failure(NoReplyException e, String what) {
    return Verdict.ofNoReply(e.reason(), false)
        .exception(what + " can't be had: " + e.sentence("the token endpoint"), "");
  }

  /** The fields of a form, in one array that can be wiped. */
  static final class Form {
    private static final char[] HEX = "0123456789ABCDEF".toCharArray();

    private final WipedStream bytes = new WipedStream();

    Form field(String name, String value) {
      return field(name, value.getBytes(UTF_8));
    }

    /** Takes the value over, and wipes it. */
    Form field(String name, byte[] value) {
      if (bytes.size() > 0) {
        bytes.write('&');
      }
      encode(name.getBytes(UTF_8));
      bytes.write('=');
      encode(value);
      Arrays.fill(value, (byte) 0);
      return this;
    }

    byte[] toBytes() {
      byte[] whole = bytes.toByteArray();
      bytes.wipe();
      return whole;
    }

    private void encode(byte[] text) {
      bytes.makeRoom(3 * text.length + 2);
      for (byte b : text) {
        boolean plain = (b >= 'a' && b <= 'z')
            || (b >= 'A' && b <= 'Z')
            || (b >= '0' && b <= '9')
            || b == '-'
            || b == '.'
            || b == '_';
        if (plain) {
          bytes.write(b);
        } else {
          bytes.write('%');
          bytes.write(HEX[(b >> 4) & 0xf]);
          bytes.write(HEX[b & 0xf]);
        }
      }
    }
  }

  /** A stream that leaves nothing behind. */
  private static final class WipedStream extends ByteArrayOutputStream {
    void makeRoom(int more) {
      if (count + more > buf.length) {
        byte[] outgrown = buf;
        buf = Arrays.copyOf(outgrown, Math.max(2 * outgrown.length, count + more));
        Arrays.fill(outgrown, (byte) 0);
      }
    }

    void wipe() {
      Arrays.fill(buf, (byte) 0);
      reset();
    }
  }
}
