package tech.tailor.secretmanager.http;

/** How this client names itself to a server. */
final class UserAgent {

  /** With the version, where the class comes from a jar that states it. */
  static final String TEXT = text(UserAgent.class.getPackage().getImplementationVersion());

  private UserAgent() {}

  private static String text(@org.jspecify.annotations.Nullable String version) {
    return "tailor-secretmanager-java" + (version == null ? "" : "/" + version);
  }
}
