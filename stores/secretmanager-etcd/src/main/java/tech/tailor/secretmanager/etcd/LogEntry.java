package tech.tailor.secretmanager.etcd;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/**
 * One commit in the log: what it changed, and the digest of the entry before, so that the entries
 * are a chain whose end the head names.
 *
 * @param generation of the commit
 * @param commitId of the commit
 * @param previous SHA-256 of the entry before, in hex; zeros for the first
 * @param atMillis the time of the commit, by the clock of the process that made it
 * @param changes what it changed
 */
record LogEntry(
    long generation, OpaqueBytes commitId, String previous, long atMillis, List<Change> changes) {

  /** What comes before the first entry. */
  static final String START = "0".repeat(64);

  private static final String FORMAT = "1";

  /** The kinds of changes, by the name of their line. */
  enum Kind {
    /** A secret reads differently. */
    VALUE("value"),
    /** A secret's record changed, and it reads as before. */
    ABOUT("about"),
    /** A vault was created, deleted or labelled. */
    VAULT("vault"),
    /** The whole store: its creation, its keys, an accepted rewind. */
    STORE("store");

    private final String word;

    Kind(String word) {
      this.word = word;
    }
  }

  /**
   * One change.
   *
   * @param what the vault; the secret as {@code vault/name}; or a word for what became of the store
   */
  record Change(Kind kind, String what) {}

  String text() {
    Lines.Writer out = new Lines.Writer()
        .add("log", FORMAT)
        .add("generation", generation)
        .add("commit", commitId.toHex())
        .add("previous", previous)
        .add("at", atMillis);
    changes.forEach(change -> out.add(change.kind.word, change.what));
    return out.toString();
  }

  /** SHA-256 of the text, in hex. */
  String digest() {
    return digest(text());
  }

  static String digest(String text) {
    return OpaqueBytes.adopt(text.getBytes(UTF_8)).sha256().toHex();
  }

  /**
   * The entry of a text.
   *
   * @throws IllegalArgumentException if it is of another form
   */
  static LogEntry of(String text) {
    Lines.Reader in = new Lines.Reader(text);
    if (!in.next("log").equals(FORMAT)) {
      throw new IllegalArgumentException("The log entry is of another format");
    }
    long generation = in.nextNumber("generation");
    OpaqueBytes commitId = OpaqueBytes.adopt(HexFormat.of().parseHex(in.next("commit")));
    String previous = in.next("previous");
    long at = in.nextNumber("at");
    List<Change> changes = new ArrayList<>();
    while (!in.isAtEnd()) {
      Kind kind = Kind.STORE;
      for (Kind each : Kind.values()) {
        kind = in.isNext(each.word) ? each : kind;
      }
      changes.add(new Change(kind, in.next(kind.word)));
    }
    return new LogEntry(generation, commitId, previous, at, List.copyOf(changes));
  }
}
