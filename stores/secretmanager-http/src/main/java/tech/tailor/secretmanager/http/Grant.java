package tech.tailor.secretmanager.http;

import java.util.Optional;

/**
 * An access token that was granted.
 *
 * @param refreshToken the one to use next time, where the server gave a new one
 * @param expiresInSeconds 0 if the server doesn't say
 */
record Grant(String accessToken, Optional<String> refreshToken, long expiresInSeconds) {
  /** The same text for any token. */
  @Override
  public String toString() {
    return "Grant[redacted]";
  }
}
