package tech.tailor.secretmanager;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.security.AccessController;
import java.security.PrivilegedAction;
import java.util.Collection;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Helpers for authors of a backend or a manager: values that take arrays over, bundles, and
 * failures for several callers. Applications do not need it.
 *
 * <p>It is in this package, and not in {@code .spi}, because the types that it makes keep their
 * constructors to themselves.
 */
public final class SecretSupport {

  private SecretSupport() {}

  /**
   * Makes a value that takes the given array over: no copy is made, {@link SecretValue#close()}
   * wipes this very array, and the caller must not touch it again. If this throws, the array has
   * been wiped.
   *
   * @throws IllegalArgumentException if there are more than {@link SecretValue#MAX_SIZE_BYTES}
   *     bytes
   */
  public static SecretValue adopt(byte[] bytes, SecretMetadata metadata) {
    return SecretValue.adopt(bytes, metadata);
  }

  /**
   * Makes a value that is read on the first look into it, for caches: many lent values are looked
   * into by nobody, or only for a moment. Until then it holds nothing. Closing it closes what was
   * read.
   *
   * @param lender reads the value, again for each loan, and once unless several threads look first
   *     at the same time; its exceptions propagate to the reader
   * @param metadata what is known of the value before it is read
   */
  public static SecretValue onLoan(Supplier<SecretValue> lender, SecretMetadata metadata) {
    return SecretValue.onLoan(lender, metadata);
  }

  /**
   * Makes a bundle of outcomes. It takes the values over if this returns.
   *
   * @param vault the vault that was read
   * @param asked every name that was asked for, in the order in which the bundle will give them
   * @param found the values found
   * @param failures the failures, each with its name
   * @param vaultExists false if names are missing because their vault is
   * @throws IllegalArgumentException if a value or a failure has a name that was not asked for, or
   *     a name has both
   */
  public static SecretBundle bundle(
      String vault,
      Collection<String> asked,
      Map<String, SecretValue> found,
      Map<String, SecretManagerException> failures,
      boolean vaultExists) {
    return SecretBundle.of(vault, asked, found, failures, vaultExists);
  }

  /**
   * Makes a bundle without a failure, of a vault that exists. It takes the values over if this
   * returns, and the arrays themselves, which the caller must not touch again: nothing is copied.
   *
   * @param vault the vault that was read
   * @param asked every name that was asked for, none null, in the order in which the bundle will
   *     give them; of a name that is there twice the first place counts, and all values are wiped
   * @param found the value of each of these names, or null for one that doesn't exist
   * @throws IllegalArgumentException if there are not as many values as names
   */
  public static SecretBundle bundle(String vault, String[] asked, @Nullable SecretValue[] found) {
    return SecretBundle.adopt(vault, asked, found);
  }

  /**
   * A name that came from outside, as a message shows it: in quotation marks, at most 64 characters
   * of it, and every character but visible ASCII as <code>&#92;u001b</code>. So it can neither
   * flood a log nor forge a line of it.
   */
  public static String quote(String name) {
    return MessageText.quote(requireNonNull(name, "name"));
  }

  /**
   * A path, as a message shows it: whole, in quotation marks and on one line. What breaks a line,
   * hides a part of it or turns its direction is shown as <code>&#92;u202e</code>, and so is a
   * quotation mark.
   */
  public static String quote(Path path) {
    return MessageText.quote(requireNonNull(path, "path"));
  }

  /**
   * A message, or a part of one that came from outside, as it is shown: whole, on one line, and
   * what breaks a line, hides a part of it or turns its direction as <code>&#92;u202e</code>.
   */
  public static String oneLine(String message) {
    return MessageText.oneLine(requireNonNull(message, "message"));
  }

  /**
   * Makes the same failure for one more caller: a new exception of the same type and message, with
   * the stack trace of the calling thread, and the given one as its cause. One failure that goes to
   * several callers must be a different exception for each.
   */
  @SuppressWarnings("unchecked") // each type gives its own type
  public static <E extends SecretManagerException> E forCaller(E failure) {
    return (E) requireNonNull(failure, "failure").forCaller();
  }

  /**
   * Makes a daemon thread that takes nothing over from the thread that makes it: no inheritable
   * thread-locals, no context class loader, no access-control context, no thread group. A library's
   * threads outlive the request that happened to start them, so whatever they took over from it
   * would be seen by later requests, and would keep its class loader alive.
   *
   * @param name the name of the thread
   * @param task what it runs
   * @return the thread, which is not started
   */
  @SuppressWarnings("removal") // up to JDK 23, a thread keeps the context of the code that makes it
  public static Thread newDaemonThread(String name, Runnable task) {
    requireNonNull(name, "name");
    requireNonNull(task, "task");
    return AccessController.doPrivileged((PrivilegedAction<Thread>) () -> {
      Thread thread = new Thread(rootGroup(), task, name, 0, false);
      thread.setDaemon(true);
      thread.setContextClassLoader(null);
      return thread;
    });
  }

  /** Up to JDK 18, the group of the calling thread may be destroyed, and then takes no threads. */
  private static ThreadGroup rootGroup() {
    ThreadGroup group = Thread.currentThread().getThreadGroup();
    while (group.getParent() != null) {
      group = group.getParent();
    }
    return group;
  }
}
