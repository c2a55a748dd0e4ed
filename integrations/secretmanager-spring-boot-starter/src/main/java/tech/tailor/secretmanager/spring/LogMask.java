package tech.tailor.secretmanager.spring;

import org.springframework.boot.logging.LoggingSystem;
import org.springframework.util.ClassUtils;
import tech.tailor.secretmanager.logging.SecretMask;
import tech.tailor.secretmanager.spi.SecretBackend;

/** Masks the secrets of an application in what Spring Boot's logging system writes. */
final class LogMask implements AutoCloseable {

  private final SecretMask mask;

  private LogMask(SecretMask mask) {
    this.mask = mask;
  }

  /**
   * Creates one that knows no value yet.
   *
   * @param passwordMember member of secrets that are JSON objects
   */
  static LogMask create(String passwordMember) {
    if (!ClassUtils.isPresent(
        "tech.tailor.secretmanager.logging.SecretMask", LogMask.class.getClassLoader())) {
      throw new SecretReferenceException("secretmanager.mask-logs is set, and the artifact"
          + " secretmanager-logging is missing; add it, or take the property away");
    }
    return new LogMask(SecretMask.create(passwordMember));
  }

  SecretBackend watching(SecretBackend backend) {
    return mask.watching(backend);
  }

  /** To be called once the logging system is set up. */
  void install() {
    String system = LoggingSystem.get(LogMask.class.getClassLoader()).getClass().getSimpleName();
    switch (system) {
      case "LogbackLoggingSystem" -> mask.installInLogback();
      case "Log4J2LoggingSystem" -> mask.installInLog4j();
      case "JavaLoggingSystem" -> mask.installInJul();
      default ->
        throw new SecretReferenceException("secretmanager.mask-logs is set, and can't mask what the"
            + " logging system " + system + " writes; it is for Logback, Log4j2 and"
            + " java.util.logging");
    }
  }

  @Override
  public void close() {
    mask.close();
  }
}
