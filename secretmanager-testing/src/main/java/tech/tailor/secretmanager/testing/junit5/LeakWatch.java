package tech.tailor.secretmanager.testing.junit5;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.opentest4j.AssertionFailedError;
import org.opentest4j.ValueWrapper;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.testing.FakeSecretManager;
import tech.tailor.secretmanager.testing.FakeSecretManager.OpenValue;

/**
 * Looks for the secrets of one test wherever that test may let them out, and says where it found
 * them. What it takes down it forgets when it ends. Thread-safe.
 */
final class LeakWatch {

  /** Past that much of one stream it looks at what it has, and keeps the end. */
  private static final int MOST_BYTES = 4 << 20;

  /** Longer than any form of a value. */
  private static final int KEPT_BYTES = 1 << 19;

  private static final int MOST_CAUSES = 1_000;

  private static final int MOST_RECORDS = 1_000;

  private final Supplier<FakeSecretManager> fake;

  /** Those that the test made itself. */
  private final List<FakeSecretManager> registered = new CopyOnWriteArrayList<>();

  /** Open in a registered fake when it was registered, and so left open by somebody else. */
  private final Set<OpenValue> openBefore =
      Collections.synchronizedSet(Collections.newSetFromMap(new IdentityHashMap<>()));

  private final Map<StandardStream, Output> outputs = new EnumMap<>(StandardStream.class);

  /** The places by the secret found there and the kind of place, so that each is said once. */
  private final Map<String, String> places = new LinkedHashMap<>();

  private final List<Logged> logged = new ArrayList<>();

  /** The test's, once the watch may look before the end. */
  private @Nullable FakeSecretManager known;

  /** Of the test's thread alone. */
  private @Nullable LeakWatch interrupted;

  /**
   * A watch of one test.
   *
   * @param fake gives the test's, which need not be there before something is to be looked at
   */
  LeakWatch(Supplier<FakeSecretManager> fake) {
    this.fake = fake;
  }

  /**
   * Allows the watch to scan its recorded output as soon as there is a lot of it, which needs the
   * fake. Creating the fake runs a user's code, which may write and log. So this method creates it,
   * never a thread that writes or logs.
   */
  void lookFromNowOn() {
    FakeSecretManager made = fake.get();
    synchronized (this) {
      known = made;
    }
  }

  /** From now on it looks for the secrets of this fake, too, and for values read from now on. */
  void add(FakeSecretManager more) {
    if (!registered.contains(more)) {
      openBefore.addAll(more.openValues());
      registered.add(more);
    }
  }

  /** Remembers whose the thread was before, which begins to be this one's. */
  void interrupts(@Nullable LeakWatch other) {
    this.interrupted = other;
  }

  @Nullable
  LeakWatch interrupted() {
    return interrupted;
  }

  /** Which of the two. */
  enum StandardStream {
    OUT("standard output"),
    ERR("standard error");

    private final String text;

    StandardStream(String text) {
      this.text = text;
    }
  }

  private record Logged(String logger, String level, String text) {}

  /** What one stream was given, or the end of it. */
  private static final class Output {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private int linesBefore;
  }

  /** Takes down what was written. */
  synchronized void written(StandardStream stream, byte[] bytes, int from, int count) {
    Output output = outputs.computeIfAbsent(stream, key -> new Output());
    output.bytes.write(bytes, from, count);
    if (known != null && output.bytes.size() > MOST_BYTES) {
      look(known, stream, output);
      byte[] all = output.bytes.toByteArray();
      int kept = all.length - KEPT_BYTES;
      for (int i = 0; i < kept; i++) {
        if (all[i] == '\n') {
          output.linesBefore++;
        }
      }
      output.bytes.reset();
      output.bytes.write(all, kept, KEPT_BYTES);
    }
  }

  /** Takes down what was logged. */
  synchronized void logged(String logger, String level, String text) {
    logged.add(new Logged(logger, level, text));
    if (known != null && logged.size() > MOST_RECORDS) {
      lookAtLogged(known);
    }
  }

  /** What takes the place of an exception that shows a secret; null if it shows none. */
  @Nullable
  AssertionError instead(Throwable thrown) {
    List<String> shown = new ArrayList<>();
    for (Map.Entry<Throwable, String> link : chain(thrown).entrySet()) {
      Set<SecretRef> refs = exposed(fake.get(), textOf(link.getKey()));
      if (!refs.isEmpty()) {
        shown.add(link.getValue() + link.getKey().getClass().getName() + " shows " + list(refs));
      }
    }
    if (shown.isEmpty()) {
      return null;
    }
    AssertionError error = new AssertionError("The test threw "
        + thrown.getClass().getName() + ", which lets a secret out: "
        + String.join("; ", shown)
        + ". It is withheld, since a report would show it; its stack trace is this one's");
    error.setStackTrace(thrown.getStackTrace());
    return error;
  }

  /** What the test let out, and left open; null if nothing. */
  @Nullable
  AssertionError end() {
    FakeSecretManager made = fake.get();
    List<String> found = foundIn(made);
    fakes(made)
        .flatMap(each ->
            each.openValues().stream().filter(open -> each == made || !openBefore.contains(open)))
        .forEach(open -> found.add(
            open.ref() + " left open, read at " + open.readAt() + "; close it, or use withSecret"));
    return found.isEmpty()
        ? null
        : new AssertionError("The test lets secrets out (values are not shown):"
            + found.stream().map(place -> "\n  - " + place).collect(Collectors.joining()));
  }

  private synchronized List<String> foundIn(FakeSecretManager made) {
    outputs.forEach((stream, output) -> look(made, stream, output));
    lookAtLogged(made);
    outputs.clear();
    known = null;
    return new ArrayList<>(places.values());
  }

  /** All of the test's, each once, though it registers the one that it was given. */
  private Stream<FakeSecretManager> fakes(FakeSecretManager made) {
    return Stream.concat(Stream.of(made), registered.stream()).distinct();
  }

  private Set<SecretRef> exposed(FakeSecretManager made, String text) {
    return fakes(made)
        .flatMap(each -> each.exposedIn(text).stream())
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  private void add(SecretRef ref, String place, String description) {
    places.putIfAbsent(ref + " " + place, ref + " " + description);
  }

  private void lookAtLogged(FakeSecretManager made) {
    for (Logged entry : logged) {
      for (SecretRef ref : exposed(made, entry.text())) {
        add(
            ref,
            "logger " + entry.logger(),
            "in a record of the logger " + entry.logger() + ", at " + entry.level());
      }
    }
    logged.clear();
  }

  private void look(FakeSecretManager made, StandardStream stream, Output output) {
    byte[] bytes = output.bytes.toByteArray();
    String asUtf8 = new String(bytes, UTF_8);
    Set<String> texts = new LinkedHashSet<>();
    texts.add(asUtf8);
    texts.add(new String(bytes, Charset.defaultCharset()));
    if (asUtf8.indexOf('\ufffd') >= 0) { // what is no text, a character for each byte
      texts.add(new String(bytes, ISO_8859_1));
    }
    texts.forEach(text -> look(made, stream, text, output.linesBefore));
  }

  private void look(FakeSecretManager made, StandardStream stream, String text, int linesBefore) {
    Set<SecretRef> all = exposed(made, text);
    if (all.isEmpty()) {
      return;
    }
    int line = linesBefore;
    for (String content : text.split("\n", -1)) {
      line++;
      for (SecretRef ref : exposed(made, content)) {
        add(ref, stream.text, "in " + stream.text + ", line " + line + " of the test's");
      }
    }
    all.forEach(ref -> add(ref, stream.text, "in " + stream.text + ", across lines"));
  }

  /** The exception, and all that it leads to, each with how it is got to. */
  private static Map<Throwable, String> chain(Throwable thrown) {
    Map<Throwable, String> links = new LinkedHashMap<>();
    Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    collect(thrown, "", links, seen);
    return links;
  }

  private static void collect(
      @Nullable Throwable thrown, String how, Map<Throwable, String> links, Set<Throwable> seen) {
    if (thrown == null || seen.size() >= MOST_CAUSES || !seen.add(thrown)) {
      return;
    }
    links.put(thrown, how);
    collect(thrown.getCause(), "its cause ", links, seen);
    for (Throwable suppressed : thrown.getSuppressed()) {
      collect(suppressed, "the suppressed ", links, seen);
    }
  }

  /** All of it that a report may show, but the names of classes. */
  private static String textOf(Throwable thrown) {
    List<String> texts = new ArrayList<>();
    texts.add(Objects.toString(thrown.getMessage(), ""));
    texts.add(Objects.toString(thrown.getLocalizedMessage(), ""));
    texts.add(thrown.toString());
    if (thrown instanceof AssertionFailedError failed) {
      texts.add(textOf(failed.getExpected()));
      texts.add(textOf(failed.getActual()));
    }
    return String.join("\n", texts);
  }

  private static String textOf(@Nullable ValueWrapper value) {
    return Optional.ofNullable(value).map(ValueWrapper::getStringRepresentation).orElse("");
  }

  private static String list(Set<SecretRef> refs) {
    return refs.stream().map(SecretRef::toString).collect(Collectors.joining(", "));
  }
}
