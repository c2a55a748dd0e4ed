package tech.tailor.secretmanager.integration.guard;

import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedArrayType;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.AnnotatedTypeVariable;
import java.lang.reflect.AnnotatedWildcardType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.TypeVariable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The public API as text: a block for each type, a line for each member, sorted, the same on every
 * JDK. Types of the JDK and of the library go by their simple names; any other name is written in
 * full, so that a third-party type stands out.
 */
final class ApiText {

  private static final Set<String> OF_EVERY_OBJECT =
      Set.of("equals(Object)", "hashCode()", "toString()");
  private static final Set<String> OF_EVERY_ENUM = Set.of("values()", "valueOf(String)");

  private ApiText() {}

  static String of(Collection<Class<?>> types) {
    return types.stream()
        .sorted(Comparator.comparing(Class::getName))
        .map(ApiText::block)
        .collect(Collectors.joining("\n"));
  }

  private static String block(Class<?> type) {
    List<String> lines = new ArrayList<>();
    lines.add(header(type));
    Stream.of(type.getDeclaredFields())
        .filter(field -> visible(field.getModifiers()) && !field.isSynthetic())
        .filter(field -> !field.isEnumConstant())
        .map(field -> "  " + field(field))
        .sorted()
        .forEach(lines::add);
    if (type.isEnum()) {
      Stream.of(type.getEnumConstants())
          .map(constant -> "  constant " + constant)
          .forEach(lines::add);
    }
    Stream.of(type.getDeclaredConstructors())
        .filter(constructor -> visible(constructor.getModifiers()) && !constructor.isSynthetic())
        .filter(constructor -> !isCanonical(type, constructor))
        .map(constructor -> "  " + executable(type, constructor))
        .sorted()
        .forEach(lines::add);
    methods(type)
        .filter(method -> !isComponent(type, method))
        .sorted(Comparator.comparing(ApiText::signature))
        .map(method -> "  " + executable(type, method))
        .forEach(lines::add);
    return String.join("\n", lines) + "\n";
  }

  /** Its own methods, and those it has from supertypes that nobody else can see. */
  private static Stream<Method> methods(Class<?> type) {
    Map<String, Method> methods = new LinkedHashMap<>();
    Stream.of(type.getDeclaredMethods())
        .filter(method -> visible(method.getModifiers()))
        .filter(method -> !method.isSynthetic() && !method.isBridge())
        .filter(method -> !OF_EVERY_OBJECT.contains(signature(method)))
        .filter(method -> !(type.isEnum() && OF_EVERY_ENUM.contains(signature(method))))
        .forEach(method -> methods.put(signature(method), method));
    Stream.concat(Stream.ofNullable(type.getSuperclass()), Stream.of(type.getInterfaces()))
        .filter(parent -> !Modifier.isPublic(parent.getModifiers()))
        .flatMap(ApiText::methods)
        .forEach(method -> methods.putIfAbsent(signature(method), method));
    return methods.values().stream();
  }

  /** The constructor of all components, which the record's header shows already. */
  private static boolean isCanonical(Class<?> type, Constructor<?> constructor) {
    return type.isRecord()
        && Arrays.equals(
            constructor.getParameterTypes(),
            Stream.of(type.getRecordComponents())
                .map(RecordComponent::getType)
                .toArray(Class<?>[]::new));
  }

  /** A component's accessor, which the record's header shows already. */
  private static boolean isComponent(Class<?> type, Method method) {
    return type.isRecord()
        && Stream.of(type.getRecordComponents())
            .anyMatch(component -> component.getAccessor().equals(method));
  }

  private static String signature(Method method) {
    return method.getName()
        + Stream.of(method.getParameterTypes())
            .map(Class::getSimpleName)
            .collect(Collectors.joining(", ", "(", ")"));
  }

  private static String header(Class<?> type) {
    StringBuilder text = new StringBuilder(annotations(type));
    int modifiers = type.getModifiers();
    text.append(Modifier.isPublic(modifiers) ? "public " : "protected ");
    if (type.getEnclosingClass() != null
        && Modifier.isStatic(modifiers)
        && !implicitlyStatic(type)) {
      text.append("static ");
    }
    if (Modifier.isAbstract(modifiers) && !type.isInterface() && !type.isEnum()) {
      text.append("abstract ");
    }
    if (Modifier.isFinal(modifiers) && !type.isRecord() && !type.isEnum()) {
      text.append("final ");
    }
    if (type.isSealed()) {
      text.append("sealed ");
    } else if (hasSealedParent(type) && !Modifier.isFinal(modifiers)) {
      text.append("non-sealed ");
    }
    text.append(kind(type)).append(' ').append(type.getCanonicalName());
    text.append(typeParameters(type.getTypeParameters()));
    if (type.isRecord()) {
      text.append(Stream.of(type.getRecordComponents())
          .map(ApiText::component)
          .collect(Collectors.joining(", ", "(", ")")));
    }
    AnnotatedType parent = visibleParent(type);
    if (parent != null && !Set.of(Object.class, Record.class, Enum.class).contains(raw(parent))) {
      text.append("\n    extends ").append(type(parent));
    }
    List<String> interfaces =
        Stream.of(type.getAnnotatedInterfaces()).map(ApiText::type).toList();
    if (!interfaces.isEmpty() && !type.isAnnotation()) {
      text.append(type.isInterface() ? "\n    extends " : "\n    implements ");
      text.append(String.join(", ", interfaces));
    }
    if (type.isSealed()) {
      text.append("\n    permits ");
      text.append(Stream.of(type.getPermittedSubclasses())
          .map(ApiText::name)
          .sorted()
          .collect(Collectors.joining(", ")));
    }
    return text.toString();
  }

  /** The nearest superclass that users can see. */
  private static AnnotatedType visibleParent(Class<?> type) {
    Class<?> below = type;
    while (below.getSuperclass() != null && !visible(below.getSuperclass().getModifiers())) {
      below = below.getSuperclass();
    }
    return below.getAnnotatedSuperclass();
  }

  private static String kind(Class<?> type) {
    if (type.isAnnotation()) {
      return "@interface";
    }
    if (type.isInterface()) {
      return "interface";
    }
    return type.isRecord() ? "record" : type.isEnum() ? "enum" : "class";
  }

  private static boolean implicitlyStatic(Class<?> type) {
    return type.isRecord()
        || type.isEnum()
        || type.isInterface()
        || type.getEnclosingClass().isInterface();
  }

  private static boolean hasSealedParent(Class<?> type) {
    return Stream.concat(Stream.ofNullable(type.getSuperclass()), Stream.of(type.getInterfaces()))
        .anyMatch(Class::isSealed);
  }

  private static String component(RecordComponent component) {
    return type(component.getAnnotatedType()) + " " + component.getName();
  }

  private static String field(Field field) {
    String text = annotations(field)
        + "field "
        + modifiers(field.getDeclaringClass(), field.getModifiers())
        + type(field.getAnnotatedType())
        + " "
        + field.getName();
    boolean constant = Modifier.isStatic(field.getModifiers())
        && Modifier.isFinal(field.getModifiers())
        && (field.getType().isPrimitive() || field.getType() == String.class);
    return constant ? text + " = " + constant(field) : text;
  }

  private static Object constant(Field field) {
    try {
      field.setAccessible(true);
      Object value = field.get(null);
      return value instanceof String ? "\"" + value + "\"" : value;
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String executable(Class<?> owner, Executable executable) {
    StringBuilder text = new StringBuilder(annotations(executable));
    text.append(executable instanceof Constructor ? "constructor " : "method ");
    text.append(modifiers(owner, executable.getModifiers()));
    if (executable instanceof Method method && method.isDefault()) {
      text.append("default ");
    }
    String typeParameters = typeParameters(executable.getTypeParameters());
    text.append(typeParameters).append(typeParameters.isEmpty() ? "" : " ");
    if (executable instanceof Method) {
      text.append(type(executable.getAnnotatedReturnType())).append(' ');
      text.append(executable.getName());
    } else {
      text.append(owner.getSimpleName());
    }
    text.append(parameters(executable));
    if (executable.getAnnotatedExceptionTypes().length > 0) {
      text.append(Stream.of(executable.getAnnotatedExceptionTypes())
          .map(ApiText::type)
          .sorted()
          .collect(Collectors.joining(", ", " throws ", "")));
    }
    if (executable instanceof Method method && method.getDefaultValue() != null) {
      text.append(" default ").append(defaultValue(method.getDefaultValue()));
    }
    return text.toString();
  }

  private static String parameters(Executable executable) {
    AnnotatedType[] types = executable.getAnnotatedParameterTypes();
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < types.length; i++) {
      boolean variable = executable.isVarArgs() && i == types.length - 1;
      texts.add(
          variable && types[i] instanceof AnnotatedArrayType array
              ? type(array.getAnnotatedGenericComponentType()) + "..."
              : type(types[i]));
    }
    return texts.stream().collect(Collectors.joining(", ", "(", ")"));
  }

  private static String defaultValue(Object value) {
    if (value instanceof Object[] values) {
      return Arrays.stream(values)
          .map(ApiText::defaultValue)
          .collect(Collectors.joining(", ", "{", "}"));
    }
    return value instanceof String
        ? "\"" + value + "\""
        : value instanceof Class<?> type ? name(type) : String.valueOf(value);
  }

  private static String modifiers(Class<?> owner, int modifiers) {
    StringBuilder text = new StringBuilder();
    if (Modifier.isProtected(modifiers)) {
      text.append("protected ");
    }
    if (Modifier.isStatic(modifiers)) {
      text.append("static ");
    }
    if (Modifier.isAbstract(modifiers) && !owner.isInterface()) {
      text.append("abstract ");
    }
    if (Modifier.isFinal(modifiers) && !Modifier.isFinal(owner.getModifiers())) {
      text.append("final ");
    }
    return text.toString();
  }

  private static String typeParameters(TypeVariable<?>[] variables) {
    if (variables.length == 0) {
      return "";
    }
    return Stream.of(variables)
        .map(ApiText::typeParameter)
        .collect(Collectors.joining(", ", "<", ">"));
  }

  private static String typeParameter(TypeVariable<?> variable) {
    List<String> bounds = Stream.of(variable.getAnnotatedBounds())
        .map(ApiText::type)
        .filter(bound -> !bound.equals("Object"))
        .toList();
    return variable.getName() + (bounds.isEmpty() ? "" : " extends " + String.join(" & ", bounds));
  }

  private static String type(AnnotatedType type) {
    String nullable = isNullable(type) ? "@Nullable " : "";
    if (type instanceof AnnotatedArrayType array) {
      return type(array.getAnnotatedGenericComponentType())
          + (nullable.isEmpty() ? "" : " " + nullable) + "[]";
    }
    if (type instanceof AnnotatedTypeVariable variable) {
      return nullable + variable.getType().getTypeName();
    }
    if (type instanceof AnnotatedWildcardType wildcard) {
      if (wildcard.getAnnotatedLowerBounds().length > 0) {
        return "? super " + type(wildcard.getAnnotatedLowerBounds()[0]);
      }
      String upper = type(wildcard.getAnnotatedUpperBounds()[0]);
      return upper.equals("Object") ? "?" : "? extends " + upper;
    }
    if (type instanceof AnnotatedParameterizedType parameterized) {
      return nullable
          + name(raw(type))
          + Stream.of(parameterized.getAnnotatedActualTypeArguments())
              .map(ApiText::type)
              .collect(Collectors.joining(", ", "<", ">"));
    }
    return nullable + name(raw(type));
  }

  private static Class<?> raw(AnnotatedType type) {
    return type.getType() instanceof ParameterizedType parameterized
        ? (Class<?>) parameterized.getRawType()
        : (Class<?>) type.getType();
  }

  static boolean isNullable(AnnotatedType type) {
    return type.isAnnotationPresent(Nullable.class);
  }

  private static String name(Class<?> type) {
    String name = type.getCanonicalName();
    boolean familiar = type.getPackageName().startsWith("java.")
        || type.getPackageName().startsWith("tech.tailor.secretmanager");
    return familiar && !type.isPrimitive()
        ? name.substring(type.getPackageName().length() + 1)
        : name;
  }

  private static String annotations(AnnotatedElement element) {
    return Stream.of(element.getDeclaredAnnotations())
        .map(Annotation::annotationType)
        .filter(type -> !type.getPackageName().startsWith("org.jspecify"))
        .map(type -> "@" + name(type) + " ")
        .sorted()
        .collect(Collectors.joining());
  }

  private static boolean visible(int modifiers) {
    return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
  }
}
