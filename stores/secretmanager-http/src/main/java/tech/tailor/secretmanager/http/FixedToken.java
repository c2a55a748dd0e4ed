package tech.tailor.secretmanager.http;

/** One token, and no other. */
record FixedToken(HeldToken token) implements TokenSource {

  FixedToken(String token) {
    this(new HeldToken(token));
  }

  @Override
  public String current(Deadline deadline) {
    return token.text();
  }

  @Override
  public String afterRefusal(String refused, Deadline deadline) {
    return token.text();
  }

  /** Returns the same text for every token. */
  @Override
  public String toString() {
    return "FixedToken[redacted]";
  }
}
