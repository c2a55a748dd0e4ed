package tech.tailor.secretmanager.client.http;

import static java.util.Objects.requireNonNull;

import com.google.crypto.tink.AccessesPartialKey;
import com.google.crypto.tink.Configuration;
import com.google.crypto.tink.HybridDecrypt;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.hybrid.HpkeParameters;
import com.google.crypto.tink.hybrid.HpkePublicKey;
import com.google.crypto.tink.hybrid.HybridConfig2026;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The key pairs that answers are sealed to: made when first needed, in memory only, and replaced
 * every {@link HttpLimits#KEY_LIFETIME}. A request that is under way keeps the pairs it began with.
 */
final class ReadKeys {

  private static final Configuration TINK = HybridConfig2026.get();
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
    private final Map<Kem, Pair> pairs = new EnumMap<>(Kem.class);

    private Pairs() {}

    static Pairs generate() {
      Pairs all = new Pairs();
      for (Kem kem : KEMS) {
        all.pairs.put(kem, Pair.generate(kem));
      }
      return all;
    }

    /** The public half, as base64. */
    String publicKey(Kem kem) {
      return requireNonNull(pairs.get(kem)).publicKey;
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
      return requireNonNull(pairs.get(kem)).opener.decrypt(sealed, info);
    }
  }

  private static final class Pair {
    private final String publicKey;
    private final HybridDecrypt opener;

    private Pair(String publicKey, HybridDecrypt opener) {
      this.publicKey = publicKey;
      this.opener = opener;
    }

    @AccessesPartialKey // the public half, for the other side
    static Pair generate(Kem kem) {
      try {
        HpkeParameters parameters = HpkeParameters.builder()
            .setKemId(kem.tinkId())
            .setKdfId(HpkeParameters.KdfId.HKDF_SHA256)
            .setAeadId(HpkeParameters.AeadId.AES_256_GCM)
            .setVariant(HpkeParameters.Variant.NO_PREFIX)
            .build();
        KeysetHandle pair = KeysetHandle.generateNew(parameters, TINK);
        HpkePublicKey publicKey =
            (HpkePublicKey) pair.getPublicKeysetHandle().getPrimary().getKey();
        return new Pair(
            Base64.getEncoder().encodeToString(publicKey.getPublicKeyBytes().toByteArray()),
            pair.getPrimitive(TINK, HybridDecrypt.class));
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("This JDK can't make a key pair for " + kem, e);
      }
    }
  }
}
