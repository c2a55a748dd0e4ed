package tech.tailor.secretmanager.integration.guard;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.AnnotatedType;
import java.lang.reflect.AnnotatedTypeVariable;
import java.lang.reflect.Executable;
import java.lang.reflect.Parameter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretListener;
import tech.tailor.secretmanager.envelope.StoreFiles;
import tech.tailor.secretmanager.spi.AbstractVersionedSecretStore;
import tech.tailor.secretmanager.spi.StoreContent;
import tech.tailor.secretmanager.spi.StoreEditor;

/**
 * Whatever a user can call refuses null, by a {@link NullPointerException} that names the
 * parameter, unless the parameter is {@link Nullable}.
 */
class NullArgumentsTest {

  @TempDir
  Path directory;

  @Test
  void null_isRefusedByName() {
    Map<String, String> broken = new LinkedHashMap<>();
    int[] checked = {0};
    Specimens specimens = Specimens.around("a value", directory);
    Stream.of(LibraryModule.values())
        .filter(module -> module != LibraryModule.TESTING)
        .flatMap(module -> module.publicTypes().stream())
        .filter(type -> !isImplementedByUsers(type))
        .filter(type -> !List.of().equals(specimens.byType().get(type))) // needs a server
        .forEach(type -> {
          // One for all: a call that refuses null leaves it as it was.
          Object instance = first(specimens.byType().get(type));
          for (Executable call : PublicCalls.of(type)) {
            checked[0] += check(type, call, instance, broken);
          }
        });
    specimens.closeStarted();
    System.out.println("Null arguments: " + checked[0] + " parameters checked");

    assertThat(checked[0]).isGreaterThan(100);
    assertThat(broken.values()).isEmpty();
  }

  @Test
  void control_aParameterThatTakesNull_isCaught() {
    Map<String, String> broken = new LinkedHashMap<>();
    for (Executable call : PublicCalls.of(CarelessType.class)) {
      check(CarelessType.class, call, new CarelessType(), broken);
    }

    assertThat(broken.keySet())
        .containsExactlyInAnyOrder(
            "NullArgumentsTest.CarelessType.takes(String) text",
            "NullArgumentsTest.CarelessType.stumbles(String) text",
            "NullArgumentsTest.CarelessType.misnames(String) text");
  }

  /** What a careless author writes, beside what a careful one does. */
  static class CarelessType {
    public CarelessType() {}

    public boolean takes(String text) {
      return text == null;
    }

    public int stumbles(String text) {
      return text.length();
    }

    public String misnames(String text) {
      return Objects.requireNonNull(text, "string");
    }

    public String refuses(String text) {
      return Objects.requireNonNull(text, "text");
    }

    public boolean allows(@Nullable String text) {
      return text == null;
    }
  }

  /** Returns how many parameters it looked at. */
  private int check(
      Class<?> type, Executable call, @Nullable Object instance, Map<String, String> broken) {
    int checked = 0;
    List<Parameter> parameters = List.of(call.getParameters());
    AnnotatedType[] types = call.getAnnotatedParameterTypes();
    for (int i = 0; i < parameters.size(); i++) {
      if (parameters.get(i).getType().isPrimitive() || takesNull(types[i])) {
        continue;
      }
      assertThat(parameters.get(i).isNamePresent())
          .as("compiled with -parameters")
          .isTrue();
      checked++;
      String name = parameters.get(i).getName();
      String outcome = outcome(type, call, parameters, i, instance);
      if (!outcome.equals("NullPointerException: " + name)) {
        String where =
            type.getName().substring(type.getPackageName().length() + 1).replace('$', '.') + "."
                + PublicCalls.describe(call) + " " + name;
        broken.put(where, where + " -> " + outcome);
      }
    }
    return checked;
  }

  private String outcome(
      Class<?> type,
      Executable call,
      List<Parameter> parameters,
      int nullAt,
      @Nullable Object instance) {
    if (PublicCalls.needsInstance(call) && instance == null) {
      throw new AssertionError(
          "No instance of " + type.getName() + ": add one to " + Specimens.class.getName());
    }
    List<Object> arguments =
        new ArrayList<>(List.of(Arguments.around("a value", directory).valid(parameters)));
    arguments.set(nullAt, null);
    try {
      PublicCalls.call(call, instance, arguments.toArray());
      return "accepted";
    } catch (Throwable e) {
      return e.getClass().getSimpleName() + ": " + e.getMessage();
    }
  }

  private static @Nullable Object first(@Nullable List<Specimens.Specimen> specimens) {
    return specimens == null ? null : specimens.get(0).create();
  }

  private static boolean takesNull(AnnotatedType type) {
    return type.isAnnotationPresent(Nullable.class)
        || (type instanceof AnnotatedTypeVariable variable
            && Stream.of(variable.getAnnotatedBounds()).anyMatch(NullArgumentsTest::takesNull));
  }

  /** What the library only calls, it can't make refuse anything. */
  private static boolean isImplementedByUsers(Class<?> type) {
    return type.isAnnotationPresent(FunctionalInterface.class)
        || type.isAnnotation()
        || type == SecretListener.class
        || type == StoreFiles.class
        || type == StoreContent.class
        || type.getEnclosingClass() == StoreContent.class
        || type == StoreEditor.class
        || type == AbstractVersionedSecretStore.class
        || type.getEnclosingClass() == StoreFiles.class;
  }
}
