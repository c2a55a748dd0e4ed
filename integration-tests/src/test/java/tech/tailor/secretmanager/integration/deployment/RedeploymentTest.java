package tech.tailor.secretmanager.integration.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.WeakReference;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.testing.emulator.SecretManagerEmulator;

/**
 * Web applications that are deployed again and again: once a manager is closed, neither the JDK nor
 * a thread of the library keeps the classes of its application.
 */
@Tag("suite")
@Timeout(600)
class RedeploymentTest {

  private static final int DEPLOYMENTS = Boolean.getBoolean("deep") ? 60 : 20;

  /** How long the collector may take to see that nothing refers to a loader. */
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** OkHttp's own threads, which no caller can end, stay for so long when idle. */
  private static final long HTTP_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(75);

  @TempDir
  Path directory;

  @Test
  void managersOverMemoryAndAFileWithItsWatcher_leaveNoClassLoaderBehind() throws Exception {
    List<WeakReference<ClassLoader>> loaders = new ArrayList<>();
    for (int i = 0; i < DEPLOYMENTS; i++) {
      loaders.add(deploy("memory", ""));
      loaders.add(
          deploy("file", Files.createDirectory(directory.resolve("app-" + i)).toString()));
    }

    long alive = aliveAfter(loaders, PATIENCE_NANOS);
    System.out.printf(
        "%d deployments over memory and a file: %d loaders alive%n", loaders.size(), alive);
    assertThat(alive).isZero();
  }

  @Test
  void managersOverHttp_leaveNoClassLoaderBehind_onceOkHttpsThreadsHaveEnded() throws Exception {
    List<WeakReference<ClassLoader>> loaders = new ArrayList<>();
    try (SecretManagerEmulator emulator = SecretManagerEmulator.start()) {
      emulator.put("default", "api-key", "over HTTP");
      String address =
          emulator.endpoint() + " " + emulator.workspaceId() + " " + emulator.adminToken();
      for (int i = 0; i < DEPLOYMENTS; i++) {
        loaders.add(deploy("http", address));
      }
    }
    long soon = aliveAfter(loaders, PATIENCE_NANOS);
    long alive = aliveAfter(loaders, HTTP_PATIENCE_NANOS);

    System.out.printf(
        "%d deployments over HTTP: %d loaders alive after 10 s, %d after 85 s%n",
        loaders.size(), soon, alive);
    assertThat(alive).isZero();
  }

  @Test
  void control_aTaskLeftInAQueueOfTheJdk_isNoticed() throws Exception {
    List<WeakReference<ClassLoader>> loaders = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      loaders.add(deploy("leaks", ""));
    }

    assertThat(aliveAfter(loaders, TimeUnit.SECONDS.toNanos(3))).isEqualTo(3);
  }

  /** The library belongs to the server, and each application has a manager of its own. */
  @Test
  void applicationThatSharesTheLibrary_isCollected_whileAnotherReads() throws Exception {
    try (URLClassLoader shared = new URLClassLoader(classPath(), platform())) {
      List<WeakReference<ClassLoader>> loaders = new ArrayList<>();
      OwnClasses other = new OwnClasses(shared);
      Method read = other.loadClass(WebApplication.class.getName()).getMethod("readsOn");
      String before = (String) read.invoke(null);
      for (int i = 0; i < 5; i++) {
        loaders.add(run(new OwnClasses(shared), "memory", ""));
      }
      long alive = aliveAfter(loaders, PATIENCE_NANOS);

      assertThat(before).isEqualTo("from memory");
      assertThat(alive).as("applications alive beside one that reads").isZero();
      assertThat(read.invoke(null)).isEqualTo("from memory");
      other.loadClass(WebApplication.class.getName()).getMethod("end").invoke(null);
    }
  }

  private static WeakReference<ClassLoader> deploy(String kind, String argument) throws Exception {
    try (URLClassLoader loader = new URLClassLoader(classPath(), platform())) {
      return run(loader, kind, argument);
    }
  }

  /** As a server does: a thread of its own has the application's loader as its context loader. */
  private static WeakReference<ClassLoader> run(ClassLoader loader, String kind, String argument)
      throws Exception {
    FutureTask<Void> deployment = new FutureTask<>(() -> {
      Class<?> application = loader.loadClass(WebApplication.class.getName());
      assertThat(application).isNotSameAs(WebApplication.class);
      application.getMethod("run", String.class, String.class).invoke(null, kind, argument);
      return null;
    });
    Thread thread = new Thread(deployment, "deployment");
    thread.setContextClassLoader(loader);
    thread.start();
    deployment.get();
    thread.join();
    return new WeakReference<>(loader);
  }

  private static long aliveAfter(List<WeakReference<ClassLoader>> loaders, long patienceNanos)
      throws InterruptedException {
    long beganNanos = System.nanoTime();
    long alive;
    do {
      System.gc();
      Thread.sleep(100);
      alive = loaders.stream().filter(loader -> loader.get() != null).count();
    } while (alive > 0 && System.nanoTime() - beganNanos < patienceNanos);
    return alive;
  }

  private static URL[] classPath() throws IOException {
    List<URL> urls = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      urls.add(Path.of(entry).toUri().toURL());
    }
    return urls.toArray(new URL[0]);
  }

  private static ClassLoader platform() {
    return ClassLoader.getPlatformClassLoader();
  }

  /** Has the application's class of its own, and everything else from its parent. */
  private static final class OwnClasses extends ClassLoader {

    OwnClasses(ClassLoader parent) {
      super(parent);
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (!name.startsWith(WebApplication.class.getName())) {
        return super.loadClass(name, resolve);
      }
      synchronized (getClassLoadingLock(name)) {
        Class<?> loaded = findLoadedClass(name);
        if (loaded != null) {
          return loaded;
        }
        try (InputStream file = getResourceAsStream(name.replace('.', '/') + ".class")) {
          byte[] bytes = file.readAllBytes();
          return defineClass(name, bytes, 0, bytes.length);
        } catch (IOException e) {
          throw new ClassNotFoundException(name, e);
        }
      }
    }
  }
}
