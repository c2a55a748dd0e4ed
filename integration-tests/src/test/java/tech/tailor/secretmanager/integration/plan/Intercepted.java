package tech.tailor.secretmanager.integration.plan;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.function.Consumer;
import tech.tailor.secretmanager.store.SecretStore;
import tech.tailor.secretmanager.store.VersionedSecretStore;

/** A store whose every call goes through a hook, those inside a commit included. */
final class Intercepted {

  private Intercepted() {}

  /** What is done in place of a call. */
  interface Hook {
    Object around(Call call) throws Throwable;
  }

  /**
   * A call of a store.
   *
   * @param target the store behind, or the one of a commit
   */
  record Call(SecretStore target, Method method, Object[] arguments) {

    /** Does what was called for. */
    Object proceed() throws Throwable {
      try {
        return method.invoke(target, arguments);
      } catch (InvocationTargetException e) {
        throw e.getCause();
      }
    }

    boolean is(String name) {
      return method.getName().equals(name);
    }
  }

  /** The store as one with versions and commits. */
  static VersionedSecretStore versioned(VersionedSecretStore store, Hook hook) {
    return proxy(VersionedSecretStore.class, store, hook);
  }

  /** The store as one without. */
  static SecretStore plain(SecretStore store, Hook hook) {
    return proxy(SecretStore.class, store, hook);
  }

  /** The store as what it is. */
  static SecretStore of(SecretStore store, Hook hook) {
    return store instanceof VersionedSecretStore versioned
        ? versioned(versioned, hook)
        : plain(store, hook);
  }

  private static <T extends SecretStore> T proxy(Class<T> type, SecretStore store, Hook hook) {
    return type.cast(Proxy.newProxyInstance(
        type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
          if (method.getDeclaringClass() == Object.class) {
            return method.invoke(store, arguments);
          }
          return hook.around(new Call(store, method, within(method, arguments, hook)));
        }));
  }

  @SuppressWarnings("unchecked") // inOneCommit takes no other argument
  private static Object[] within(Method method, Object[] arguments, Hook hook) {
    if (!method.getName().equals("inOneCommit")) {
      return arguments;
    }
    Consumer<VersionedSecretStore> changes = (Consumer<VersionedSecretStore>) arguments[0];
    return new Object[] {
      (Consumer<VersionedSecretStore>) inner -> changes.accept(versioned(inner, hook))
    };
  }
}
