package tech.tailor.secretmanager.envelope;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.crypto.tink.Aead;
import java.io.Serializable;
import java.net.ConnectException;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.AEADBadTagException;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretMetadata;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.envelope.Envelope.Place;
import tech.tailor.secretmanager.spi.OpaqueBytes;

class EnvelopeTest {

  private static final String LABEL = "test-store";
  private static final String STORE = "store \"/var/lib/app/secrets\"";
  private static final int FEW_ITERATIONS = KeyProtection.ByPassphrase.MIN_ITERATIONS;
  private static final byte[] VALUE = "a value".getBytes(UTF_8);
  private static final byte[] CONTENT = "what the store holds in clear".getBytes(UTF_8);

  private final OpaqueBytes storeId = OpaqueBytes.random(16);
  private final OpaqueBytes vaultId = OpaqueBytes.random(16);
  private final OpaqueBytes secretId = OpaqueBytes.random(16);
  private final Place place = new Place(vaultId, secretId, 7, "api-key");
  private final MasterKey master = EnvelopeFixtures.key(1);

  @Test
  void codeOfARecord_isOfTheStoreTheKeyAndEachByte() {
    Envelope created = Envelope.create(LABEL, storeId, master);
    OpaqueBytes code = created.macOf(1, CONTENT).orElseThrow();
    byte[] other = CONTENT.clone();
    other[0] ^= 1;

    assertThat(code.sizeBytes()).isEqualTo(32);
    assertThat(open(created.wrappedKeys(), master).macOf(1, CONTENT)).contains(code);
    assertThat(created.macOf(1, other)).isPresent().get().isNotEqualTo(code);
    assertThat(created.macOf(2, CONTENT)).isEmpty();
    Envelope rotated = created.withNewKey(2, List.of(master), STORE);
    assertThat(rotated.macOf(1, CONTENT)).contains(code);
    assertThat(rotated.macOf(2, CONTENT)).isPresent().get().isNotEqualTo(code);
    assertThat(rotated.rewrap(EnvelopeFixtures.key(2), List.of(master), STORE).macOf(1, CONTENT))
        .contains(code);
    assertThat(Envelope.create(LABEL, OpaqueBytes.random(16), master).macOf(1, CONTENT))
        .isPresent()
        .get()
        .isNotEqualTo(code);
  }

  @Test
  void createdEnvelope_isOpenedWithItsWrappedKeys() {
    Envelope created = Envelope.create(LABEL, storeId, master);
    OpaqueBytes value = sealed(created, place, VALUE);
    OpaqueBytes seal = created.seal(3, CONTENT, CONTENT.length);

    Envelope opened = open(created.wrappedKeys(), master);

    assertThat(created.wrappedKeys()).extracting(WrappedKey::id).containsExactly(1L);
    assertThat(opened.wrappedKeys()).isEqualTo(created.wrappedKeys());
    assertThat(opened.sealingKey()).isEqualTo(1);
    assertThat(opened(opened, 1, place, value)).isEqualTo(VALUE);
    assertThat(opened.verifies(seal, 3, CONTENT, CONTENT.length)).isTrue();
    OpaqueBytes empty = sealed(opened, place, new byte[0]);
    assertThat(opened(created, 1, place, empty)).isEmpty();
  }

  @Test
  void twoEnvelopesOfOneStore_haveOtherKeys() {
    Envelope one = Envelope.create(LABEL, storeId, master);
    Envelope other = Envelope.create(LABEL, storeId, master);

    assertThat(other.wrappedKeys()).isNotEqualTo(one.wrappedKeys());
    assertThat(opened(other, 1, place, sealed(one, place, VALUE))).isNull();
    assertThat(sealed(one, place, VALUE)).isNotEqualTo(sealed(one, place, VALUE));
  }

  @Test
  void openedKeys_mustBeOfThisLabelAndStoreAndId() {
    WrappedKey key = Envelope.create(LABEL, storeId, master).wrappedKeys().get(0);
    WrappedKey underAnotherId = new WrappedKey(2, key.protection(), key.masterKey(), key.wrapped());
    List<MasterKey> masters = List.of(master);

    assertThatThrownBy(
            () -> Envelope.open("test-stor", storeId, List.of(key), masters, null, STORE))
        .isInstanceOf(SecretIntegrityException.class);
    assertThatThrownBy(
            () -> Envelope.open(LABEL, OpaqueBytes.random(16), List.of(key), masters, null, STORE))
        .isInstanceOf(SecretIntegrityException.class);
    assertThatThrownBy(() -> open(List.of(underAnotherId), master))
        .isInstanceOf(SecretIntegrityException.class);
    assertThatThrownBy(() -> open(List.of(key, underAnotherId), master))
        .isInstanceOf(SecretIntegrityException.class);
    assertThatIllegalArgumentException().isThrownBy(() -> open(List.of(), master));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Envelope.create("two words", storeId, master));
  }

  @Test
  void value_opensInItsPlaceOnly() {
    Envelope envelope =
        Envelope.create(LABEL, storeId, master).withNewKey(2, List.of(master), STORE);
    OpaqueBytes value = sealed(envelope, place, VALUE);
    Map<String, Place> others = new LinkedHashMap<>();
    OpaqueBytes random = OpaqueBytes.random(16);
    others.put("vault", new Place(random, secretId, 7, "api-key"));
    others.put("secret", new Place(vaultId, random, 7, "api-key"));
    others.put("ids exchanged", new Place(secretId, vaultId, 7, "api-key"));
    others.put("version before", new Place(vaultId, secretId, 6, "api-key"));
    others.put("version after", new Place(vaultId, secretId, 8, "api-key"));
    others.put("version of another sign", new Place(vaultId, secretId, -7, "api-key"));
    others.put("longer name", new Place(vaultId, secretId, 7, "api-keys"));
    others.put("shorter name", new Place(vaultId, secretId, 7, "api-ke"));
    others.put("name in capitals", new Place(vaultId, secretId, 7, "API-KEY"));
    others.put("no name", new Place(vaultId, secretId, 7, ""));

    assertThat(opened(envelope, 2, place, value)).isEqualTo(VALUE);
    others.forEach(
        (what, other) -> assertThat(opened(envelope, 2, other, value)).as(what).isNull());
    for (long key : new long[] {1, 3, 0, -1}) {
      assertThat(opened(envelope, key, place, value)).as("key %s", key).isNull();
    }
  }

  /** With the same data key, so that only the label or the store's id differs. */
  @Test
  void valueAndSeal_holdInTheirStoreOnly() {
    DataKey key = DataKey.generate(1, new AssociatedData(LABEL, storeId), master);
    Envelope envelope = new Envelope(new AssociatedData(LABEL, storeId), List.of(key));
    OpaqueBytes value = sealed(envelope, place, VALUE);
    OpaqueBytes seal = envelope.seal(3, CONTENT, CONTENT.length);

    for (AssociatedData other : List.of(
        new AssociatedData("test-stores", storeId),
        new AssociatedData("test-stor", storeId),
        new AssociatedData(LABEL, OpaqueBytes.random(16)))) {
      Envelope foreign = new Envelope(other, List.of(key));
      assertThat(opened(foreign, 1, place, value)).isNull();
      assertThat(foreign.verifies(seal, 3, CONTENT, CONTENT.length)).isFalse();
    }
    assertThat(opened(envelope, 1, place, value)).isEqualTo(VALUE);
    assertThat(envelope.verifies(seal, 3, CONTENT, CONTENT.length)).isTrue();
  }

  @Test
  void changedValue_doesNotOpen() {
    Envelope envelope = Envelope.create(LABEL, storeId, master);
    byte[] ciphertext = sealed(envelope, place, VALUE).toArray();

    assertThat(ciphertext).hasSize(24 + VALUE.length + 16);
    for (int bit = 0; bit < ciphertext.length * Byte.SIZE; bit++) {
      assertThat(opened(envelope, 1, place, flipped(ciphertext, bit))).isNull();
    }
    for (int sizeBytes = 0; sizeBytes <= ciphertext.length + 1; sizeBytes++) {
      if (sizeBytes != ciphertext.length) {
        OpaqueBytes cut = OpaqueBytes.adopt(Arrays.copyOf(ciphertext, sizeBytes));
        assertThat(opened(envelope, 1, place, cut)).isNull();
      }
    }
    System.out.println("ciphertexts of a value: refused with each of "
        + ciphertext.length * Byte.SIZE + " bits flipped, and in " + (ciphertext.length + 1)
        + " other sizes");
  }

  @Test
  void seal_holdsForItsGenerationAndContent() {
    Envelope envelope = Envelope.create(LABEL, storeId, master);
    int sizeBytes = CONTENT.length - 4;
    OpaqueBytes seal = envelope.seal(3, CONTENT, sizeBytes);

    assertThat(envelope.verifies(seal, 3, CONTENT, sizeBytes)).isTrue();
    for (long generation : new long[] {2, 4, 0, -3, Long.MAX_VALUE, 3L << 32}) {
      assertThat(envelope.verifies(seal, generation, CONTENT, sizeBytes)).isFalse();
    }
    for (int size = 0; size <= CONTENT.length; size++) {
      assertThat(envelope.verifies(seal, 3, CONTENT, size)).isEqualTo(size == sizeBytes);
    }
    for (int i = 0; i < CONTENT.length; i++) {
      byte[] changed = CONTENT.clone();
      changed[i] ^= 1;
      assertThat(envelope.verifies(seal, 3, changed, sizeBytes))
          .as("byte %s of %s sealed ones", i, sizeBytes)
          .isEqualTo(i >= sizeBytes);
    }
    for (int bit = 0; bit < seal.sizeBytes() * Byte.SIZE; bit++) {
      assertThat(envelope.verifies(flipped(seal.toArray(), bit), 3, CONTENT, sizeBytes))
          .isFalse();
    }
    assertThat(envelope.verifies(OpaqueBytes.adopt(new byte[0]), 3, CONTENT, sizeBytes))
        .isFalse();
    Envelope other = Envelope.create(LABEL, storeId, master);
    assertThat(other.verifies(seal, 3, CONTENT, sizeBytes)).isFalse();
  }

  @Test
  void twoSealsOfOneContent_differAndHold() {
    Envelope envelope = Envelope.create(LABEL, storeId, master);

    OpaqueBytes one = envelope.seal(3, CONTENT, CONTENT.length);
    OpaqueBytes other = envelope.seal(3, CONTENT, CONTENT.length);

    assertThat(other).isNotEqualTo(one);
    assertThat(envelope.verifies(one, 3, CONTENT, CONTENT.length)).isTrue();
    assertThat(envelope.verifies(other, 3, CONTENT, CONTENT.length)).isTrue();
  }

  /** One key encrypts values and makes seals; neither may pass for the other. */
  @Test
  void valueAndSeal_areNotExchangeable() {
    Envelope envelope = Envelope.create(LABEL, storeId, master);
    OpaqueBytes none = OpaqueBytes.adopt(new byte[0]);
    Place nowhere = new Place(none, none, 3, "");

    OpaqueBytes value = sealed(envelope, nowhere, new byte[0]);
    OpaqueBytes seal = envelope.seal(3, new byte[0], 0);

    assertThat(envelope.verifies(value, 3, new byte[0], 0)).isFalse();
    assertThat(opened(envelope, 1, nowhere, seal)).isNull();
    assertThat(opened(envelope, 1, nowhere, value)).isEmpty();
    assertThat(envelope.verifies(seal, 3, new byte[0], 0)).isTrue();
  }

  @Test
  void rewrappedEnvelope_opensWithTheNewMasterKeyOnly() {
    MasterKey passphrase = passphrase("a long passphrase");
    MasterKey kms = kms("kms://one", 9);
    List<MasterKey> all = List.of(master, EnvelopeFixtures.key(2), passphrase, kms);
    for (MasterKey from : all) {
      for (MasterKey to : all) {
        Envelope envelope =
            Envelope.create(LABEL, storeId, from).withNewKey(2, List.of(from), STORE);
        OpaqueBytes value = sealed(envelope, place, VALUE);
        OpaqueBytes seal = envelope.seal(3, CONTENT, CONTENT.length);

        Envelope rewrapped = envelope.rewrap(to, List.of(from), STORE);

        assertThat(rewrapped.wrappedKeys()).extracting(WrappedKey::id).containsExactly(1L, 2L);
        assertThat(rewrapped.wrappedKeys()).doesNotContainAnyElementsOf(envelope.wrappedKeys());
        for (Envelope same : List.of(rewrapped, open(rewrapped.wrappedKeys(), to))) {
          assertThat(opened(same, 2, place, value)).isEqualTo(VALUE);
          assertThat(same.verifies(seal, 3, CONTENT, CONTENT.length)).isTrue();
          assertThat(same.isOf(to)).isTrue();
          assertThat(same.isOf(from)).isEqualTo(from == to);
        }
        if (from != to) {
          assertThatThrownBy(() -> open(rewrapped.wrappedKeys(), from))
              .isInstanceOf(SecretIntegrityException.class);
        }
        assertThat(envelope.isOf(from)).as("unchanged").isTrue();
      }
    }
    assertThatThrownBy(() -> Envelope.create(LABEL, storeId, master)
            .rewrap(kms, List.of(EnvelopeFixtures.key(2)), STORE))
        .isInstanceOf(SecretIntegrityException.class)
        .hasMessageContaining(STORE);
  }

  @Test
  void keysOfTwoMasters_openWithBoth() {
    MasterKey next = EnvelopeFixtures.key(2);
    Envelope first = Envelope.create(LABEL, storeId, master);
    WrappedKey second = first
        .rewrap(next, List.of(master), STORE)
        .withNewKey(2, List.of(next), STORE)
        .wrappedKeys()
        .get(1);
    List<WrappedKey> mixed = List.of(first.wrappedKeys().get(0), second);

    Envelope opened = Envelope.open(LABEL, storeId, mixed, List.of(next, master), null, STORE);

    OpaqueBytes value = sealed(first, place, VALUE);
    assertThat(opened(opened, 1, place, value)).isEqualTo(VALUE);
    assertThat(opened.isOf(master)).isFalse();
    assertThat(opened.isOf(next)).isFalse();
    for (MasterKey one : List.of(master, next)) {
      assertThatThrownBy(() -> open(mixed, one)).isInstanceOf(SecretIntegrityException.class);
    }
  }

  @Test
  void newKey_sealsWhileTheOldOneStillOpens() {
    Envelope before = Envelope.create(LABEL, storeId, master);
    OpaqueBytes old = sealed(before, place, VALUE);
    OpaqueBytes oldSeal = before.seal(3, CONTENT, CONTENT.length);

    Envelope after = before.withNewKey(5, List.of(EnvelopeFixtures.key(2), master), STORE);

    assertThat(after.sealingKey()).isEqualTo(5);
    assertThat(after.wrappedKeys()).extracting(WrappedKey::id).containsExactly(1L, 5L);
    assertThat(after.wrappedKeys()).startsWith(before.wrappedKeys().get(0));
    OpaqueBytes young = sealed(after, place, VALUE);
    OpaqueBytes seal = after.seal(3, CONTENT, CONTENT.length);
    for (Envelope same : List.of(after, open(after.wrappedKeys(), master))) {
      assertThat(opened(same, 1, place, old)).isEqualTo(VALUE);
      assertThat(opened(same, 5, place, young)).isEqualTo(VALUE);
      assertThat(opened(same, 1, place, young)).isNull();
      assertThat(same.verifies(seal, 3, CONTENT, CONTENT.length)).isTrue();
      assertThat(same.verifies(oldSeal, 3, CONTENT, CONTENT.length)).isFalse();
    }
    assertThat(opened(before, 5, place, young)).isNull();
    assertThat(before.sealingKey()).isEqualTo(1);
  }

  @Test
  void newKey_needsTheGreatestIdAndTheMasterKey() {
    Envelope envelope =
        Envelope.create(LABEL, storeId, master).withNewKey(5, List.of(master), STORE);

    for (long id : new long[] {5, 4, 1, 0, -1, Long.MIN_VALUE}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> envelope.withNewKey(id, List.of(master), STORE))
          .withMessageContaining("greater than 5")
          .withMessageContaining(String.valueOf(id));
    }
    assertThatThrownBy(() -> envelope.withNewKey(6, List.of(EnvelopeFixtures.key(2)), STORE))
        .isInstanceOf(SecretIntegrityException.class)
        .hasMessageContaining(STORE);
    assertThatThrownBy(() -> envelope.withNewKey(6, List.of(), STORE))
        .isInstanceOf(SecretIntegrityException.class);
  }

  @Test
  void droppedKeys_openNothingMore() {
    List<MasterKey> masters = List.of(master);
    Envelope one = Envelope.create(LABEL, storeId, master);
    Envelope two = one.withNewKey(2, masters, STORE);
    Envelope three = two.withNewKey(3, masters, STORE);
    OpaqueBytes first = sealed(one, place, VALUE);
    OpaqueBytes second = sealed(two, place, VALUE);
    OpaqueBytes third = sealed(three, place, VALUE);
    OpaqueBytes seal = three.seal(3, CONTENT, CONTENT.length);

    Envelope left = three.withoutKeysBefore(2);

    assertThat(left.wrappedKeys()).isEqualTo(three.wrappedKeys().subList(1, 3));
    assertThat(opened(left, 1, place, first)).isNull();
    assertThat(opened(left, 2, place, second)).isEqualTo(VALUE);
    assertThat(opened(left, 3, place, third)).isEqualTo(VALUE);
    assertThat(left.verifies(seal, 3, CONTENT, CONTENT.length)).isTrue();
    assertThat(opened(three, 1, place, first)).as("the one before").isEqualTo(VALUE);
    assertThat(three.withoutKeysBefore(1).wrappedKeys()).isEqualTo(three.wrappedKeys());
    assertThat(three.withoutKeysBefore(3).wrappedKeys()).hasSize(1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> three.withoutKeysBefore(4))
        .withMessageContaining("3");
  }

  @Test
  void knownKeys_areKeptThoughTheirEntriesWereRewrapped() {
    MasterKey unknown = EnvelopeFixtures.key(2);
    Envelope previous = Envelope.create(LABEL, storeId, master);
    OpaqueBytes value = sealed(previous, place, VALUE);
    OpaqueBytes seal = previous.seal(3, CONTENT, CONTENT.length);
    Envelope rewrapped = previous.rewrap(unknown, List.of(master), STORE);
    List<MasterKey> masters = List.of(master);

    Envelope opened =
        Envelope.open(LABEL, storeId, rewrapped.wrappedKeys(), masters, previous, STORE);

    assertThat(opened.wrappedKeys()).isEqualTo(rewrapped.wrappedKeys());
    assertThat(opened(opened, 1, place, value)).isEqualTo(VALUE);
    assertThat(opened.verifies(seal, 3, CONTENT, CONTENT.length)).isTrue();
    assertThat(opened.isOf(unknown)).isTrue();
    assertThat(opened.isOf(master)).isFalse();
    assertThatThrownBy(() -> opened.withNewKey(2, masters, STORE))
        .as("a new key would have to be encrypted with the unknown one")
        .isInstanceOf(SecretIntegrityException.class);
    assertThatThrownBy(
            () -> Envelope.open(LABEL, storeId, rewrapped.wrappedKeys(), masters, null, STORE))
        .as("without the previous envelope")
        .isInstanceOf(SecretIntegrityException.class);
  }

  @Test
  void unknownKeys_areNotKnownByThePreviousEnvelope() {
    MasterKey unknown = EnvelopeFixtures.key(2);
    Envelope previous = Envelope.create(LABEL, storeId, master);
    List<WrappedKey> grown = previous
        .rewrap(unknown, List.of(master), STORE)
        .withNewKey(2, List.of(unknown), STORE)
        .wrappedKeys();

    assertThatThrownBy(() -> Envelope.open(LABEL, storeId, grown, List.of(master), previous, STORE))
        .isInstanceOf(SecretIntegrityException.class);
    Envelope opened =
        Envelope.open(LABEL, storeId, grown, List.of(master, unknown), previous, STORE);
    assertThat(opened.sealingKey()).isEqualTo(2);
  }

  /** Its data keys have the same ids but other bytes. */
  @Test
  void envelopeOfAnotherStore_lendsNoKeys() {
    MasterKey unknown = EnvelopeFixtures.key(2);
    List<WrappedKey> keys = Envelope.create(LABEL, storeId, unknown).wrappedKeys();
    for (Envelope foreign : List.of(
        Envelope.create(LABEL, OpaqueBytes.random(16), master),
        Envelope.create("test-stores", storeId, master))) {
      assertThatThrownBy(() -> Envelope.open(LABEL, storeId, keys, List.of(master), foreign, STORE))
          .isInstanceOf(SecretIntegrityException.class);
      OpaqueBytes value = sealed(
          Envelope.open(LABEL, storeId, keys, List.of(unknown), foreign, STORE), place, VALUE);
      assertThat(opened(open(keys, unknown), 1, place, value)).isEqualTo(VALUE);
    }
  }

  /** The key that is known stays in use, whatever the entry with its id holds now. */
  @Test
  void replacedEntryOfAKnownKey_changesNoKey() {
    Envelope previous = Envelope.create(LABEL, storeId, master);
    OpaqueBytes seal = previous.seal(3, CONTENT, CONTENT.length);
    List<WrappedKey> others = Envelope.create(LABEL, storeId, master).wrappedKeys();

    Envelope opened = Envelope.open(LABEL, storeId, others, List.of(master), previous, STORE);

    assertThat(opened.verifies(seal, 3, CONTENT, CONTENT.length)).isTrue();
    assertThat(opened(opened, 1, place, sealed(previous, place, VALUE))).isEqualTo(VALUE);
    assertThat(open(others, master).verifies(seal, 3, CONTENT, CONTENT.length)).isFalse();
  }

  @Test
  void wrongMasterKey_isToldWithAHint() {
    MasterKey passphrase = passphrase("a long passphrase");
    MasterKey kms = kms("kms://one", 9);
    Map<MasterKey, String> hints = new LinkedHashMap<>();
    hints.put(
        master,
        "Check which key file belongs to the store: the key's fingerprint is "
            + EnvelopeFixtures.fingerprint(master) + ". Nothing is lost as long as there is a copy"
            + " of that key; without one the values are, and the names, descriptions and labels can"
            + " still be read");
    hints.put(passphrase, "It needs a passphrase; check that this is the right one");
    hints.put(kms, "It needs the KMS key whose name stands in it; check which one that is");
    List<MasterKey> wrong =
        List.of(EnvelopeFixtures.key(2), passphrase("another passphrase"), kms("kms://other", 9));
    hints.forEach((right, hint) -> {
      List<WrappedKey> keys = Envelope.create(LABEL, storeId, right).wrappedKeys();
      for (List<MasterKey> masters : List.of(wrong, List.of(wrong.get(0)), List.<MasterKey>of())) {
        assertThatThrownBy(() -> Envelope.open(LABEL, storeId, keys, masters, null, STORE))
            .isInstanceOf(SecretIntegrityException.class)
            .hasMessage("The " + STORE + " can't be opened: this is not the master key that the"
                + " store was made with. " + hint)
            .hasNoCause();
      }
      assertThat(open(keys, right).sealingKey()).isEqualTo(1);
    });
  }

  @Test
  void damagedEntry_isToldFromAWrongMasterKey() {
    for (MasterKey right : List.of(master, passphrase("a long passphrase"), kms("kms://one", 9))) {
      Envelope envelope =
          Envelope.create(LABEL, storeId, right).withNewKey(2, List.of(right), STORE);
      WrappedKey good = envelope.wrappedKeys().get(1);
      for (OpaqueBytes wrapped : List.of(
          flipped(good.wrapped().toArray(), 77),
          OpaqueBytes.adopt(new byte[0]),
          envelope.wrappedKeys().get(0).wrapped())) {
        WrappedKey damaged = new WrappedKey(2, good.protection(), good.masterKey(), wrapped);
        List<WrappedKey> keys = List.of(envelope.wrappedKeys().get(0), damaged);
        for (List<MasterKey> masters :
            List.of(List.of(right), List.of(EnvelopeFixtures.key(2), right))) {
          assertThatThrownBy(() -> Envelope.open(LABEL, storeId, keys, masters, null, STORE))
              .isInstanceOf(SecretIntegrityException.class)
              .hasMessage("The " + STORE + " was damaged or edited: its key entry 2 does not open,"
                  + " though it is of this master key. Nothing was read from it; restore it from"
                  + " a backup")
              .hasNoCause();
        }
      }
    }
  }

  /** The three master keys have the same bytes, so only the stated kind tells them apart. */
  @Test
  void entryOfAnotherKind_doesNotOpen() {
    MasterKey kms = kms("kms://one", 1);
    MasterKey otherKms = kms("kms://other", 1);
    List<MasterKey> masters = List.of(master, kms, otherKms);
    for (MasterKey one : masters) {
      List<WrappedKey> keys = Envelope.create(LABEL, storeId, one).wrappedKeys();
      for (MasterKey other : masters) {
        if (other == one) {
          assertThat(open(keys, other).sealingKey()).isEqualTo(1);
        } else {
          assertThatThrownBy(() -> open(keys, other)).isInstanceOf(SecretIntegrityException.class);
        }
      }
    }
  }

  /**
   * A fingerprint only names a key: the right key opens an entry with a wrong fingerprint, and a
   * wrong key does not open one that names it.
   */
  @Test
  void fingerprint_provesNothing() {
    Envelope envelope = Envelope.create(LABEL, storeId, master);
    WrappedKey key = envelope.wrappedKeys().get(0);
    WrappedKey misnamed =
        new WrappedKey(1, key.protection(), OpaqueBytes.random(16), key.wrapped());

    Envelope opened = open(List.of(misnamed), master);

    assertThat(opened.isOf(master)).isFalse();
    assertThat(opened(opened, 1, place, sealed(envelope, place, VALUE))).isEqualTo(VALUE);
    MasterKey other = EnvelopeFixtures.key(2);
    WrappedKey forged = new WrappedKey(
        1,
        key.protection(),
        OpaqueBytes.copyOf(HexFormat.of().parseHex(other.fingerprint().orElseThrow())),
        key.wrapped());
    assertThatThrownBy(() -> open(List.of(forged), other))
        .isInstanceOf(SecretIntegrityException.class);
  }

  @Test
  void isOf_comparesEveryEntryWithTheMasterKey() {
    MasterKey passphrase = passphrase("a long passphrase");
    List<MasterKey> masters = List.of(
        master,
        EnvelopeFixtures.key(2),
        passphrase,
        passphrase("another passphrase"),
        kms("kms://one", 9),
        kms("kms://other", 9));
    for (MasterKey one : masters) {
      Envelope envelope = Envelope.create(LABEL, storeId, one).withNewKey(2, List.of(one), STORE);
      for (MasterKey other : masters) {
        assertThat(envelope.isOf(other)).isEqualTo(other == one);
      }
    }
    assertThat(Envelope.create(LABEL, storeId, master).isOf(EnvelopeFixtures.key(1)))
        .isTrue();
    assertThat(Envelope.create(LABEL, storeId, passphrase).isOf(passphrase("a long passphrase")))
        .as("another instance of the same passphrase")
        .isTrue();
  }

  @Test
  void kms_isAskedForDataKeysOnly() {
    CountingKms kms = new CountingKms(9);
    MasterKey key = MasterKey.fromKms("kms://one", kms);

    Envelope envelope = Envelope.create(LABEL, storeId, key);
    OpaqueBytes value = sealed(envelope, place, VALUE);
    OpaqueBytes seal = envelope.seal(3, CONTENT, CONTENT.length);
    assertThat(opened(envelope, 1, place, value)).isEqualTo(VALUE);
    assertThat(envelope.verifies(seal, 3, CONTENT, CONTENT.length)).isTrue();
    assertThat(envelope.isOf(key)).isTrue();

    assertThat(kms.calls).hasValue(1);
    open(envelope.wrappedKeys(), key);
    assertThat(kms.calls).hasValue(2);
    Envelope.open(LABEL, storeId, envelope.wrappedKeys(), List.of(key), envelope, STORE);
    assertThat(kms.calls).as("a known key").hasValue(2);
    assertThatThrownBy(() -> open(envelope.wrappedKeys(), kms("kms://other", 9)))
        .as("of another name, which is not asked")
        .isInstanceOf(SecretIntegrityException.class);
  }

  /** A service's message could hold a secret. */
  @Test
  void failingKms_isUnavailableWithoutItsWords() {
    String foreign = "token=hunter2";
    List<WrappedKey> keys = Envelope.create(LABEL, storeId, kms("kms://one", 9)).wrappedKeys();
    Map<Exception, String> failures = new LinkedHashMap<>();
    failures.put(new IllegalStateException(foreign), "java.lang.IllegalStateException");
    failures.put(
        new IllegalStateException(foreign, new ConnectException(foreign)),
        "java.net.ConnectException");
    failures.put(
        new GeneralSecurityException(foreign, new ConnectException(foreign)),
        "java.net.ConnectException");
    failures.put(
        new GeneralSecurityException(
            foreign, new GeneralSecurityException(foreign, new ConnectException(foreign))),
        "java.security.GeneralSecurityException");
    failures.forEach((failure, named) -> {
      MasterKey failing = MasterKey.fromKms("kms://one", new FailingKms(failure));
      Map<String, Runnable> attempts = new LinkedHashMap<>();
      attempts.put("encrypt", () -> Envelope.create(LABEL, storeId, failing));
      attempts.put("decrypt", () -> open(keys, failing));
      attempts.forEach((attempt, call) -> assertThatThrownBy(call::run)
          .isInstanceOf(SecretUnavailableException.class)
          .hasMessageContaining("kms://one")
          .hasMessageContaining("could not " + attempt)
          .hasMessageContaining("(" + named + ")")
          .hasMessageNotContaining("hunter2")
          .hasNoCause()
          .hasNoSuppressedExceptions());
    });
  }

  @Test
  void kmsThatRefuses_hasTheWrongKey() {
    List<WrappedKey> keys = Envelope.create(LABEL, storeId, kms("kms://one", 9)).wrappedKeys();
    for (Exception refusal : List.of(
        new GeneralSecurityException("token=hunter2"),
        new AEADBadTagException("token=hunter2"),
        new GeneralSecurityException("token=hunter2", new AEADBadTagException("hunter2")))) {
      MasterKey refusing = MasterKey.fromKms("kms://one", new FailingKms(refusal));

      assertThatThrownBy(() -> open(keys, refusing))
          .isInstanceOf(SecretIntegrityException.class)
          .hasMessageContaining(STORE)
          .hasMessageNotContaining("hunter2")
          .hasNoCause();
      assertThatThrownBy(() -> Envelope.create(LABEL, storeId, refusing))
          .as("encrypting has no wrong key")
          .isInstanceOf(SecretUnavailableException.class)
          .hasMessageNotContaining("hunter2");
    }
  }

  @Test
  void kmsWithUselessAnswers_isRefused() {
    List<WrappedKey> keys = Envelope.create(LABEL, storeId, kms("kms://one", 9)).wrappedKeys();
    List<byte[]> answers =
        new ArrayList<>(List.of(new byte[16 * 1024 + 1], new byte[0], new byte[31], new byte[33]));
    answers.add(null);
    for (byte[] answer : answers) {
      MasterKey useless = MasterKey.fromKms("kms://one", new ConstantKms(answer));

      assertThatThrownBy(() -> open(keys, useless)).isInstanceOf(SecretIntegrityException.class);
      if (answer == null || answer.length == 0 || answer.length > 1_000) {
        assertThatThrownBy(() -> Envelope.create(LABEL, storeId, useless))
            .isInstanceOf(SecretStorageException.class)
            .hasMessageContaining("16384 bytes");
      }
    }
  }

  @Test
  void envelope_neverShowsItsKeys() {
    Envelope envelope =
        Envelope.create(LABEL, storeId, master).withNewKey(2, List.of(master), STORE);

    assertThat(envelope).hasToString("Envelope[2 data keys]").isNotInstanceOf(Serializable.class);
    assertThat(Envelope.class.getFields()).isEmpty();
    assertThat(envelope.wrappedKeys()).isUnmodifiable();
  }

  private Envelope open(List<WrappedKey> keys, MasterKey key) {
    return Envelope.open(LABEL, storeId, keys, List.of(key), null, STORE);
  }

  private static MasterKey passphrase(String text) {
    return EnvelopeFixtures.fromPassphrase(text.toCharArray(), FEW_ITERATIONS);
  }

  private static MasterKey kms(String name, int number) {
    return MasterKey.fromKms(name, EnvelopeFixtures.cipher(EnvelopeFixtures.rawKey(number)));
  }

  private static OpaqueBytes flipped(byte[] bytes, int bit) {
    byte[] flipped = bytes.clone();
    flipped[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
    return OpaqueBytes.adopt(flipped);
  }

  private static final class CountingKms implements Aead {

    private final Aead cipher;
    private final AtomicInteger calls = new AtomicInteger();

    CountingKms(int number) {
      cipher = EnvelopeFixtures.cipher(EnvelopeFixtures.rawKey(number));
    }

    @Override
    public byte[] encrypt(byte[] plaintext, byte[] associatedData) throws GeneralSecurityException {
      calls.incrementAndGet();
      return cipher.encrypt(plaintext, associatedData);
    }

    @Override
    public byte[] decrypt(byte[] ciphertext, byte[] associatedData)
        throws GeneralSecurityException {
      calls.incrementAndGet();
      return cipher.decrypt(ciphertext, associatedData);
    }
  }

  private record FailingKms(Exception failure) implements Aead {

    @Override
    public byte[] encrypt(byte[] plaintext, byte[] associatedData) throws GeneralSecurityException {
      throw thrown();
    }

    @Override
    public byte[] decrypt(byte[] ciphertext, byte[] associatedData)
        throws GeneralSecurityException {
      throw thrown();
    }

    private GeneralSecurityException thrown() {
      if (failure instanceof RuntimeException unchecked) {
        throw unchecked;
      }
      return (GeneralSecurityException) failure;
    }
  }

  private record ConstantKms(byte[] answer) implements Aead {

    @Override
    public byte[] encrypt(byte[] plaintext, byte[] associatedData) {
      return answer;
    }

    @Override
    public byte[] decrypt(byte[] ciphertext, byte[] associatedData) {
      return answer;
    }
  }

  @Test
  void reseal_encryptsWithTheNewestKey_andRefusesWhatDoesNotOpen() {
    Envelope before = Envelope.create(LABEL, storeId, master);
    OpaqueBytes old = sealed(before, place, VALUE);
    Envelope after = before.withNewKey(2, List.of(master), STORE);

    OpaqueBytes young = after.resealValue(1, place, old);

    assertThat(opened(after, 2, place, young)).isEqualTo(VALUE);
    assertThat(opened(after, 1, place, young)).isNull();
    assertThat(after.resealValue(2, place, old)).as("of another key").isNull();
    assertThat(after.resealValue(1, place, OpaqueBytes.random(60)))
        .as("damaged")
        .isNull();
  }

  private static OpaqueBytes sealed(Envelope envelope, Envelope.Place place, byte[] bytes) {
    try (SecretValue value = SecretValue.copyOf(bytes)) {
      return envelope.sealValue(place, value);
    }
  }

  /** Null where the envelope gives none. */
  private static byte[] opened(
      Envelope envelope, long key, Envelope.Place place, OpaqueBytes ciphertext) {
    try (SecretValue value =
        envelope.openValue(key, place, ciphertext, SecretMetadata.unversioned())) {
      return value == null ? null : value.<byte[], RuntimeException>withBytes(byte[]::clone);
    }
  }
}
