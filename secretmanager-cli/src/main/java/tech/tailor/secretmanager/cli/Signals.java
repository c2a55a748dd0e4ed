package tech.tailor.secretmanager.cli;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Optional;

/**
 * Handles signals with {@code sun.misc.Signal}, the only way that the JDK has. By reflection: the
 * compiler warns of that class, and where it is missing signals keep their usual effect.
 */
final class Signals {

  private Signals() {}

  /** A handler that is installed. */
  interface Handler extends AutoCloseable {

    /** Puts the handler of before in its place. */
    @Override
    void close();
  }

  /**
   * Has a signal run something, on a thread of the JVM, in place of its usual effect.
   *
   * @param name such as {@code TERM}
   * @return empty if the system or the JVM keeps that signal for itself
   */
  @SuppressWarnings("ReferenceEquality") // equals of a proxy leads here again
  static Optional<Handler> handle(String name, Runnable action) {
    try {
      Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
      Object handler = Proxy.newProxyInstance(
          handlerType.getClassLoader(),
          new Class<?>[] {handlerType},
          (proxy, method, arguments) -> {
            if (method.getName().equals("handle")) {
              action.run();
              return null;
            }
            return method.getName().equals("equals")
                ? arguments != null && proxy == arguments[0]
                : method.getName().equals("hashCode") ? (Object) name.hashCode() : name;
          });
      Object signal =
          Class.forName("sun.misc.Signal").getConstructor(String.class).newInstance(name);
      Object previous = install(signal, handler);
      return Optional.of(() -> {
        try {
          install(signal, previous);
        } catch (ReflectiveOperationException e) {
          throw new IllegalStateException(e);
        }
      });
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof IllegalArgumentException) {
        return Optional.empty();
      }
      throw new IllegalStateException(e);
    } catch (ReflectiveOperationException e) {
      return Optional.empty();
    }
  }

  private static Object install(Object signal, Object handler) throws ReflectiveOperationException {
    return signal
        .getClass()
        .getMethod("handle", signal.getClass(), Class.forName("sun.misc.SignalHandler"))
        .invoke(null, signal, handler);
  }
}
