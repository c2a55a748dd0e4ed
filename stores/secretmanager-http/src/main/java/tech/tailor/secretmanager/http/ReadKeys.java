package tech.tailor.secretmanager.http;

import static java.util.Objects.requireNonNull;

import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.envelope.SealedBox;

/**
 * The key pairs that answers are sealed to: made when first needed, in memory only, and replaced
 * every {@link HttpLimits#KEY_LIFETIME}. A request that is under way keeps the pairs it began with.
 */
final class ReadKeys {

  private static final List<Kem> KEMS = List.of(Kem.values());

  private final LongSupplier ticker;
  private @Nullable Pairs current;
  private long madeAtNanos;

  ReadKeys(LongSupplier ticker) {
    this.ticker = ticker;
  }

  synchronized Pairs current() {
    Pairs pairs = current;
    long now = ticker.getAsLong();
    if (pairs == null || now - madeAtNanos >= HttpLimits.KEY_LIFETIME.toNanos()) {
      pairs = Pairs.generate();
      current = pairs;
      madeAtNanos = now;
    }
    return pairs;
  }

  /** Forgets the keys. */
  synchronized void close() {
    current = null;
  }

  /** A key pair for each KEM. */
  static final class Pairs {
    private final Map<Kem, SealedBox.Opener> openers = new EnumMap<>(Kem.class);

    private Pairs() {}

    static Pairs generate() {
      Pairs all = new Pairs();
      for (Kem kem : KEMS) {
        all.openers.put(kem, SealedBox.Opener.generate(kem.box()));
      }
      return all;
    }

    /** The public half, as base64. */
    String publicKey(Kem kem) {
      return Base64.getEncoder().encodeToString(requireNonNull(openers.get(kem)).publicKey());
    }

    /** Adds the public halves to a request, the preferred first. */
    JsonBody addTo(JsonBody request) {
      return request.objects(
          "recipients",
          KEMS,
          (recipient, kem) ->
              recipient.text("kem", kem.wireName()).text("publicKey", publicKey(kem)));
    }

    /** The plaintext, which is the caller's to wipe. */
    byte[] open(Kem kem, byte[] sealed, byte[] info) throws GeneralSecurityException {
      return requireNonNull(openers.get(kem)).open(sealed, info);
    }
  }
}
