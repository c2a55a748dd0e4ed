package tech.tailor.secretmanager.client.tls;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.tls.PemPair.Unusable;

/** One block of a PEM, decoded. */
final class PemBlock {

  private static final String BEGIN = "-----BEGIN ";
  private static final String END = "-----END ";
  private static final String DASHES = "-----";

  private final String label;
  private final byte[] content;

  private PemBlock(String label, byte[] content) {
    this.label = label;
    this.content = content;
  }

  /** Such as CERTIFICATE. */
  String label() {
    return label;
  }

  byte[] content() {
    return content;
  }

  void wipe() {
    Arrays.fill(content, (byte) 0);
  }

  /** Returns the blocks of a PEM; text between them is ignored. */
  static List<PemBlock> in(SecretValue pem) throws Unusable {
    return pem.<List<PemBlock>, Unusable>withBytes(PemBlock::in);
  }

  private static List<PemBlock> in(byte[] text) throws Unusable {
    List<PemBlock> blocks = new ArrayList<>();
    try {
      addTo(blocks, text);
    } catch (Unusable e) {
      blocks.forEach(PemBlock::wipe);
      throw e;
    }
    return blocks;
  }

  private static void addTo(List<PemBlock> blocks, byte[] text) throws Unusable {
    String label = "";
    int begin = 0;
    int line = 0;
    while (line < text.length) {
      int end = line;
      while (end < text.length && text[end] != '\n' && text[end] != '\r') {
        end++;
      }
      if (begins(text, line, BEGIN)) {
        label = labelOf(text, line + BEGIN.length(), end);
        begin = end;
      } else if (begins(text, line, END)) {
        if (label.isEmpty() || !labelOf(text, line + END.length(), end).equals(label)) {
          throw new Unusable("it is no PEM: an END line has no BEGIN line");
        }
        blocks.add(new PemBlock(label, decoded(text, begin, line)));
        label = "";
      }
      line = end + 1;
    }
    if (!label.isEmpty()) {
      throw new Unusable("it is no PEM: a BEGIN line has no END line");
    }
  }

  private static boolean begins(byte[] text, int at, String prefix) {
    return text.length - at >= prefix.length()
        && Arrays.equals(
            text, at, at + prefix.length(), prefix.getBytes(US_ASCII), 0, prefix.length());
  }

  private static String labelOf(byte[] text, int from, int to) throws Unusable {
    String rest = new String(text, from, to - from, US_ASCII).stripTrailing();
    if (!rest.endsWith(DASHES) || rest.length() <= DASHES.length()) {
      throw new Unusable("it is no PEM: a BEGIN or END line is not complete");
    }
    return rest.substring(0, rest.length() - DASHES.length());
  }

  private static byte[] decoded(byte[] text, int from, int to) throws Unusable {
    byte[] base64 = Arrays.copyOfRange(text, from, to);
    try {
      return Base64.getMimeDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      throw new Unusable("it is no PEM: a block is no Base64");
    } finally {
      Arrays.fill(base64, (byte) 0);
    }
  }
}
