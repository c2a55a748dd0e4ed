package tech.tailor.secretmanager.http;

import java.util.List;

/** What a call is for, in the words of a message: each completes "Could not …". */
final class Intents {

  private static final int NAMED = 3;

  private Intents() {}

  static String read(SealedRequest request) {
    return read(request.vault(), request.names());
  }

  static String read(String vault, List<String> names) {
    String some = String.join(", ", names.subList(0, Math.min(NAMED, names.size())));
    return "read " + some
        + (names.size() > NAMED ? " and " + (names.size() - NAMED) + " more" : "")
        + " from the vault \"" + vault + "\"";
  }
}
