package tech.tailor.secretmanager.testing.emulator;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The access tokens. Kept as hashes; a token that is shown is compared with all of them, each in
 * constant time, so that how long it takes says nothing of which one is near.
 */
final class Tokens {

  /** What {@link #isWellFormed} asks for. */
  static final String RULE = "a token has 16 to 4096 characters of A-Z a-z 0-9 . _ ~ + / = -";

  private static final Pattern GRAMMAR = Pattern.compile("[A-Za-z0-9._~+/=-]{16,4096}");
  private static final SecureRandom RANDOM = new SecureRandom();

  private final Clock clock;
  private final List<Issued> issued = new CopyOnWriteArrayList<>();
  private List<Issued> kept = List.of();

  Tokens(Clock clock) {
    this.clock = clock;
  }

  /** A token, by its hash. */
  private static final class Issued {

    private final byte[] hash;
    private final Caller caller;
    private final @Nullable Instant expiry;

    private Issued(byte[] hash, Caller caller, @Nullable Instant expiry) {
      this.hash = hash;
      this.caller = caller;
      this.expiry = expiry;
    }
  }

  /** Whether a bearer token may have that form; neither an empty nor a short one is taken. */
  static boolean isWellFormed(String token) {
    return GRAMMAR.matcher(token).matches();
  }

  /** Makes up a token: 256 random bits. */
  static String random() {
    byte[] bytes = new byte[32];
    RANDOM.nextBytes(bytes);
    return "emulator_" + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /**
   * Lets the token stand for the caller.
   *
   * @param expiry from when on it counts as unknown; null for never
   */
  void add(String token, Caller caller, @Nullable Instant expiry) {
    issued.add(new Issued(hash(token), caller, expiry));
  }

  /** Lets the token of that hash stand for the caller, for ever. */
  void addHashed(byte[] hash, Caller caller) {
    issued.add(new Issued(hash, caller, null));
  }

  /** Has {@link #forgetOthers} keep what was issued so far. */
  synchronized void keepThese() {
    kept = List.copyOf(issued);
  }

  /** Makes known those that are kept, also the revoked ones, and all others unknown. */
  synchronized void forgetOthers() {
    issued.retainAll(kept);
    kept.stream().filter(token -> !issued.contains(token)).forEach(issued::add);
  }

  /** Makes the token unknown; false if it was. */
  boolean revoke(String token) {
    byte[] hash = hash(token);
    return issued.removeIf(entry -> MessageDigest.isEqual(entry.hash, hash));
  }

  /** Whom the token stands for, unless it is unknown, expired or revoked. */
  Optional<Caller> callerOf(String token) {
    byte[] hash = hash(token);
    Instant now = clock.instant();
    Caller caller = null;
    for (Issued entry : issued) {
      boolean valid = entry.expiry == null || now.isBefore(entry.expiry);
      boolean shown = MessageDigest.isEqual(entry.hash, hash);
      if (shown && valid) {
        caller = entry.caller;
      }
    }
    return Optional.ofNullable(caller);
  }

  static byte[] hash(String token) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(token.getBytes(UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("Every Java has SHA-256", e);
    }
  }
}
