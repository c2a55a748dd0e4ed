package tech.tailor.secretmanager.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Properties;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A driver among the libraries of a web application, and this library outside of it. */
class DriversTest {

  private static final String URL = "jdbc:webapp://db/orders";
  private static final String SERVICES = "META-INF/services/java.sql.Driver";

  @TempDir
  private Path directory;

  @Test
  void driverOfTheContextClassLoader_isFound() throws Exception {
    assertThatIllegalStateException()
        .isThrownBy(() -> Drivers.of(URL))
        .withMessageStartingWith("No driver accepts the URL jdbc:webapp:…");

    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    WebApplicationLoader loader = new WebApplicationLoader(Files.writeString(
        directory.resolve("services"),
        "org.example.NoSuchDriver\n" + WebApplicationDriver.class.getName() + "\n"));
    thread.setContextClassLoader(loader);
    try {
      Driver driver = Drivers.of(URL);

      assertThat(driver.getClass().getName()).isEqualTo(WebApplicationDriver.class.getName());
      assertThat(driver.getClass().getClassLoader()).isSameAs(loader);
      assertThatIllegalStateException().isThrownBy(() -> Drivers.of("jdbc:another:db"));
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  private static final class WebApplicationLoader extends ClassLoader {

    private final Path services;

    WebApplicationLoader(Path services) {
      super(DriversTest.class.getClassLoader());
      this.services = services;
    }

    @Override
    public Enumeration<URL> getResources(String name) throws IOException {
      return name.equals(SERVICES)
          ? Collections.enumeration(List.of(services.toUri().toURL()))
          : super.getResources(name);
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      return name.equals(WebApplicationDriver.class.getName()) && findLoadedClass(name) == null
          ? define(name)
          : super.loadClass(name, resolve);
    }

    private Class<?> define(String name) throws ClassNotFoundException {
      String file = name.replace('.', '/') + ".class";
      try (InputStream in = getParent().getResourceAsStream(file)) {
        byte[] bytes = in.readAllBytes();
        return defineClass(name, bytes, 0, bytes.length);
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }
  }

  /** It connects to nothing. */
  public static final class WebApplicationDriver implements Driver {

    @Override
    public Connection connect(String url, Properties properties) throws SQLException {
      throw new SQLException("made up");
    }

    @Override
    public boolean acceptsURL(String url) {
      return url.startsWith("jdbc:webapp:");
    }

    @Override
    public DriverPropertyInfo[] getPropertyInfo(String url, Properties properties) {
      return new DriverPropertyInfo[0];
    }

    @Override
    public int getMajorVersion() {
      return 1;
    }

    @Override
    public int getMinorVersion() {
      return 0;
    }

    @Override
    public boolean jdbcCompliant() {
      return false;
    }

    @Override
    public Logger getParentLogger() {
      return Logger.getGlobal();
    }
  }
}
