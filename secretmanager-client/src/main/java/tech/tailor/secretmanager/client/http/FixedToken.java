package tech.tailor.secretmanager.client.http;

/** One token, and no other. */
record FixedToken(String token) implements TokenSource {

  @Override
  public String current(Deadline deadline) {
    return token;
  }

  @Override
  public String afterRefusal(String refused, Deadline deadline) {
    return token;
  }

  /** Returns the same text for every token. */
  @Override
  public String toString() {
    return "FixedToken[redacted]";
  }
}
