package tech.tailor.secretmanager.envelope.shared;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.crypto.tink.Aead;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.envelope.Envelope;
import tech.tailor.secretmanager.envelope.EnvelopeFixtures;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.spi.OpaqueBytes;

class KeyringTest {

  private static final String LABEL = "tsm-test";
  private static final int THREADS = 8;

  private final AtomicInteger calls = new AtomicInteger();
  private final Aead cipher = EnvelopeFixtures.cipher(OpaqueBytes.random(32).toArray());
  private final MasterKey master = MasterKey.fromKms("a-key", new Aead() {
    @Override
    public byte[] encrypt(byte[] plaintext, byte[] associatedData)
        throws java.security.GeneralSecurityException {
      return cipher.encrypt(plaintext, associatedData);
    }

    @Override
    public byte[] decrypt(byte[] ciphertext, byte[] associatedData)
        throws java.security.GeneralSecurityException {
      calls.incrementAndGet();
      return cipher.decrypt(ciphertext, associatedData);
    }
  });
  private final OpaqueBytes storeId = OpaqueBytes.random(16);
  private final OpaqueBytes digest = OpaqueBytes.random(32);
  private final Envelope made = Envelope.create(LABEL, storeId, master);
  private final Keyring keyring = new Keyring(LABEL, List.of(master), "store of a test");

  private Envelope open(Envelope notOf) {
    return keyring.open(storeId, digest, made.wrappedKeys(), notOf);
  }

  @Test
  void threadsThatFindNewKeys_askTheKeyManagementServiceOnce() throws Exception {
    assertThat(openByThreads(null)).hasSize(THREADS).containsOnly(keyring.known(storeId, digest));
    assertThat(calls).hasValue(1);
  }

  @Test
  void keysThatAreNotOfTheStore_areOpenedAgain_once() throws Exception {
    Envelope first = open(null);
    assertThat(openByThreads(first))
        .doesNotContain(first)
        .containsOnly(keyring.known(storeId, digest));
    assertThat(calls).hasValue(2);
  }

  private List<Envelope> openByThreads(Envelope notOf) throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(THREADS);
    CyclicBarrier barrier = new CyclicBarrier(THREADS);
    try {
      List<Future<Envelope>> opening = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        opening.add(executor.submit(() -> {
          barrier.await();
          return open(notOf);
        }));
      }
      List<Envelope> opened = new ArrayList<>();
      for (Future<Envelope> each : opening) {
        opened.add(each.get());
      }
      return opened;
    } finally {
      executor.shutdownNow();
    }
  }

  @Test
  void knownKeys_areOfTheirStoreAndDigestAlone() {
    Envelope opened = open(null);
    assertThat(keyring.known(storeId, digest)).isSameAs(opened);
    assertThat(keyring.known(OpaqueBytes.random(16), digest)).isNull();
    assertThat(keyring.known(storeId, OpaqueBytes.random(32))).isNull();
  }
}
