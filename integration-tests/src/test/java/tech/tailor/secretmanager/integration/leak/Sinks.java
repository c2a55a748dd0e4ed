package tech.tailor.secretmanager.integration.leak;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.github.benmanes.caffeine.cache.Cache;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonNull;
import com.google.gson.JsonPrimitive;
import com.google.gson.JsonSerializer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.LogRecord;
import java.util.logging.SimpleFormatter;
import tech.tailor.secretmanager.integration.guard.PublicCalls;

/**
 * Every way by which a value comes to light without anybody asking for it. Each is tried on what it
 * is given, and what it gives is searched.
 */
final class Sinks {

  private static final ObjectMapper JACKSON = new ObjectMapper();
  private static final ObjectMapper LENIENT_JACKSON =
      new ObjectMapper().findAndRegisterModules().disable(SerializationFeature.FAIL_ON_EMPTY_BEANS);
  private static final Gson GSON = new Gson();

  /** As many users have it: Gson alone refuses the JDK's types, which would hide what it finds. */
  private static final Gson TOLERANT_GSON = new GsonBuilder()
      .registerTypeHierarchyAdapter(
          Optional.class, (JsonSerializer<Optional<?>>) (optional, type, context) ->
              optional.isPresent() ? context.serialize(optional.get()) : JsonNull.INSTANCE)
      .registerTypeHierarchyAdapter(Instant.class, (JsonSerializer<Instant>)
          (instant, type, context) -> new JsonPrimitive(instant.toString()))
      .registerTypeHierarchyAdapter(Duration.class, (JsonSerializer<Duration>)
          (duration, type, context) -> new JsonPrimitive(duration.toString()))
      .registerTypeHierarchyAdapter(Throwable.class, (JsonSerializer<Throwable>)
          (thrown, type, context) -> new JsonPrimitive(thrown.toString()))
      .create();

  private final LeakScanner scanner;
  private final Map<String, Integer> looksBySink = new TreeMap<>();
  private final Set<Class<?>> seenTypes = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Set<String> leaks = new TreeSet<>();
  private int instances;

  Sinks(LeakScanner scanner) {
    this.scanner = scanner;
  }

  /** Leaks found so far, each as one line. */
  Set<String> leaks() {
    return leaks;
  }

  int instances() {
    return instances;
  }

  Set<Class<?>> seenTypes() {
    return seenTypes;
  }

  /** How often each sink was looked into. */
  Map<String, Integer> looksBySink() {
    return looksBySink;
  }

  void text(String sink, String where, String text) {
    count(sink);
    if (text != null) {
      scanner.find(text).forEach(shape -> leaks.add(sink + ": " + where + ": " + shape));
    }
  }

  void bytes(String sink, String where, byte[] bytes) {
    count(sink);
    scanner.find(bytes).forEach(shape -> leaks.add(sink + ": " + where + ": " + shape));
  }

  /** An object that a user gets hold of, and all that its accessors and containers lead to. */
  void object(String where, Object root) {
    Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    Deque<Object> open = new ArrayDeque<>();
    push(open, root);
    while (!open.isEmpty()) {
      Object object = open.pop();
      if (!seen.add(object) || seen.size() > 1_000) {
        continue;
      }
      if (object instanceof Throwable thrown) {
        throwable(where, thrown);
      } else {
        look(where, object);
      }
      reachableFrom(where, object).forEach(reached -> push(open, reached));
    }
    inside(where, root);
  }

  /**
   * What the object keeps in its fields, however deep: an inner type that shows a value shows it in
   * a debugger or a message some day, and a value kept as a String can't be wiped.
   */
  private void inside(String where, Object root) {
    Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    Deque<Object> open = new ArrayDeque<>();
    push(open, root);
    while (!open.isEmpty()) {
      Object object = open.pop();
      if (!seen.add(object) || seen.size() > 1_000) {
        continue;
      }
      if (object instanceof String || isOfTheLibrary(object)) {
        String at = where + " keeps " + object.getClass().getSimpleName();
        text("toString of what is kept inside", at, object.toString());
      }
      contentOf(object).forEach(reached -> push(open, reached));
      if (isOfTheLibrary(object)) {
        fieldsOf(object).forEach(reached -> push(open, reached));
      }
    }
  }

  private static List<Object> fieldsOf(Object object) {
    List<Object> fields = new ArrayList<>();
    for (Class<?> type = object.getClass(); type != null; type = type.getSuperclass()) {
      if (!type.getPackageName().startsWith("tech.tailor.")) {
        continue;
      }
      for (Field field : type.getDeclaredFields()) {
        if (Modifier.isStatic(field.getModifiers()) || field.getType().isPrimitive()) {
          continue;
        }
        try {
          field.setAccessible(true);
          fields.add(field.get(object));
        } catch (IllegalAccessException e) {
          throw new IllegalStateException(e);
        }
      }
    }
    return fields;
  }

  /** The elements of a container; nothing of anything else. */
  private static List<Object> contentOf(Object object) {
    List<Object> content = new ArrayList<>();
    if (object instanceof Cache<?, ?> cache) {
      content.addAll(cache.asMap().values());
    } else if (object instanceof Map<?, ?> map) {
      content.addAll(map.keySet());
      content.addAll(map.values());
    } else if (object instanceof Collection<?> elements) {
      content.addAll(elements);
    } else if (object instanceof Object[] elements) {
      Collections.addAll(content, elements);
    } else if (object instanceof Optional<?> optional) {
      optional.ifPresent(content::add);
    } else if (object instanceof AtomicReference<?> reference) {
      content.add(reference.get());
    }
    return content;
  }

  private static void push(Deque<Object> open, Object object) {
    if (object != null) {
      open.push(object);
    }
  }

  /** An exception that a user catches. */
  void throwable(String where, Throwable thrown) {
    String at = where + " threw " + thrown.getClass().getSimpleName();
    text("exception message", at, thrown.getMessage());
    text("exception localized message", at, thrown.getLocalizedMessage());
    text("exception toString", at, thrown.toString());
    StringWriter trace = new StringWriter();
    thrown.printStackTrace(new PrintWriter(trace));
    text("stack trace", at, trace.toString());
    if (thrown.getCause() != null) {
      text("cause", at, thrown.getCause().toString());
    }
    for (Throwable suppressed : thrown.getSuppressed()) {
      text("suppressed exception", at, suppressed.toString());
    }
    look(at, thrown);
  }

  void logRecord(LogRecord entry) {
    String where = entry.getLoggerName() + " " + entry.getLevel();
    text("log message", where, entry.getMessage());
    text("log line", where, new SimpleFormatter().formatMessage(entry));
    if (entry.getParameters() != null) {
      for (Object parameter : entry.getParameters()) {
        text("log parameter", where, String.valueOf(parameter));
      }
    }
    if (entry.getThrown() != null) {
      throwable("log entry of " + where, entry.getThrown());
    }
  }

  private void look(String where, Object object) {
    if (isOurs(object)) {
      seenTypes.add(object.getClass());
      instances++;
    }
    String at = where + " -> " + object.getClass().getSimpleName();
    text("toString", at, object.toString());
    if (!isOurs(object)) {
      return;
    }
    text("toString in a list", at, List.of(object).toString());
    bytes("Java serialisation", at, serialised(object));
    text("Jackson", at, jackson(JACKSON, object));
    text("Jackson, lenient", at, jackson(LENIENT_JACKSON, object));
    text("Jackson, as a property", at, jackson(LENIENT_JACKSON, Map.of("property", object)));
    text("Gson", at, gson(GSON, object));
    text("Gson, tolerant", at, gson(TOLERANT_GSON, object));
  }

  private static byte[] serialised(Object object) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(object);
    } catch (NotSerializableException e) {
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return bytes.toByteArray();
  }

  private static String jackson(ObjectMapper mapper, Object object) {
    try {
      return mapper.writeValueAsString(object);
    } catch (JsonProcessingException e) {
      return chain(e);
    }
  }

  private static String gson(Gson gson, Object object) {
    try {
      return gson.toJson(object);
    } catch (RuntimeException | StackOverflowError e) {
      return chain(e);
    }
  }

  private static String chain(Throwable thrown) {
    StringBuilder text = new StringBuilder();
    for (Throwable at = thrown; at != null; at = at.getCause()) {
      text.append(at.getMessage()).append('\n');
    }
    return text.toString();
  }

  /**
   * What a user gets from the object without revealing: by its accessors, and out of containers.
   * What begins with "reveal" is meant to show the value.
   */
  private List<Object> reachableFrom(String where, Object object) {
    List<Object> reached = contentOf(object);
    if (object instanceof CompletableFuture<?> future) {
      await(where, future).ifPresent(reached::add);
    } else if (isOurs(object)) {
      accessors(object).forEach(accessor -> {
        try {
          reached.add(PublicCalls.call(accessor, object));
        } catch (Throwable e) {
          throwable(where + "." + accessor.getName(), e);
        }
      });
    }
    return reached;
  }

  private Optional<Object> await(String where, CompletableFuture<?> future) {
    try {
      return Optional.ofNullable(future.get(10, TimeUnit.SECONDS));
    } catch (ExecutionException e) {
      throwable(where + " (the future)", e);
      throwable(where + " (in the future)", e.getCause());
      return Optional.empty();
    } catch (TimeoutException e) {
      throw new IllegalStateException(where + " did not end", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  private static List<Method> accessors(Object object) {
    List<Method> accessors = new ArrayList<>();
    for (Method method : object.getClass().getMethods()) {
      if (method.getParameterCount() == 0
          && method.getReturnType() != void.class
          && !Modifier.isStatic(method.getModifiers())
          && method.getDeclaringClass().getPackageName().startsWith("tech.tailor.")
          && !method.getName().startsWith("reveal")
          && !method.getName().equals("build")
          && !method.getName().equals("start") // a server that nobody would stop
          && !method.getName().equals("toString")
          && !method.getName().equals("forCaller")) {
        accessors.add(method);
      }
    }
    return accessors;
  }

  private void count(String sink) {
    looksBySink.merge(sink, 1, Integer::sum);
  }

  /** Not a backend of the scenarios, which is there to show the value. */
  private static boolean isOfTheLibrary(Object object) {
    return isOurs(object) && object.getClass().getNestHost() != Scenarios.class;
  }

  private static boolean isOurs(Object object) {
    return object.getClass().getPackageName().startsWith("tech.tailor.");
  }
}
