package tech.tailor.secretmanager.etcd;

import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.GetOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.BiPredicate;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.envelope.shared.Budget;
import tech.tailor.secretmanager.envelope.shared.SealedContent;
import tech.tailor.secretmanager.envelope.shared.SecretRecord;
import tech.tailor.secretmanager.envelope.shared.VaultRecord;
import tech.tailor.secretmanager.spi.OpaqueBytes;
import tech.tailor.secretmanager.spi.StoreContent.SecretId;

/**
 * The records of a store at one revision of etcd; it notes which of them were read. For one read or
 * one commit.
 */
final class Snapshot implements SealedContent.Source {

  private final Etcd etcd;
  private final Keys keys;
  private final Records records;
  private final long revision;
  private final Budget budget;
  private final ReadSet reads = new ReadSet();

  /**
   * A snapshot.
   *
   * @param budget of the call that it is read for
   */
  Snapshot(Etcd etcd, Keys keys, Records records, long revision, Budget budget) {
    this.etcd = etcd;
    this.keys = keys;
    this.records = records;
    this.revision = revision;
    this.budget = budget;
  }

  ReadSet reads() {
    return reads;
  }

  /** Gives each key and value that begins with a prefix. */
  void each(String prefix, BiConsumer<String, byte[]> each) {
    BooleanSupplier goesOn = () -> true;
    until(prefix, prefix, goesOn, (key, content) -> {
      each.accept(key, content);
      return true;
    });
  }

  /**
   * Gives each key and value that begins with a prefix, from a key on, until one is declined.
   *
   * @param goesOn whether more may be read, asked before each request but the first
   * @return from where to go on: the key that was declined, or the first that was not read; null if
   *     there are no more
   */
  @Nullable
  String until(
      String prefix, String from, BooleanSupplier goesOn, BiPredicate<String, byte[]> each) {
    int most = prefix.equals(keys.values()) ? Etcd.VALUES_PAGE : Etcd.PAGE;
    String next = from;
    while (true) {
      GetResponse page = read(next, Etcd.upTo(prefix, most));
      for (KeyValue found : page.getKvs()) {
        String key = Etcd.key(found);
        if (!each.test(key, found.getValue().getBytes())) {
          return key;
        }
        next = key + "\0";
      }
      if (!page.isMore()) {
        return null;
      }
      if (!goesOn.getAsBoolean()) {
        return next;
      }
    }
  }

  private GetResponse read(String from, GetOption.Builder option) {
    return etcd.read(budget, from, option.withRevision(revision));
  }

  private Optional<byte[]> value(String key) {
    return Etcd.value(read(key, GetOption.builder()));
  }

  /** The wrapped data keys. */
  Optional<byte[]> dataKeys() {
    return value(keys.dataKeys());
  }

  private int count(String prefix) {
    GetOption.Builder all = GetOption.builder().withRange(Etcd.end(prefix)).withCountOnly(true);
    return Math.toIntExact(read(prefix, all).getCount());
  }

  @Override
  public Optional<VaultRecord> vault(String name) {
    reads.vault(name);
    return value(keys.vault(name)).map(content -> records.vault(name, content));
  }

  @Override
  public List<VaultRecord> vaults() {
    reads.allVaults();
    List<VaultRecord> all = new ArrayList<>();
    each(keys.vaults(), (key, content) -> {
      all.add(records.vault(key.substring(keys.vaults().length()), content));
    });
    return all;
  }

  @Override
  public int vaultCount() {
    return count(keys.vaults());
  }

  @Override
  public List<SecretRecord> secrets(String vault, Set<String> names) {
    names.forEach(name -> reads.secret(SecretRef.of(vault, name)));
    List<SecretRecord> found = new ArrayList<>();
    List<String> all = List.copyOf(names);
    for (int from = 0; from < all.size(); from += Etcd.PAGE) {
      List<String> some = all.subList(from, Math.min(all.size(), from + Etcd.PAGE));
      List<Op> gets = some.stream()
          .map(name ->
              Etcd.get(keys.secret(vault, name), GetOption.builder().withRevision(revision)))
          .toList();
      for (GetResponse answer : etcd.read(budget, gets).getGetResponses()) {
        answer.getKvs().forEach(kv -> found.add(secret(kv)));
      }
    }
    return found;
  }

  @Override
  public List<SecretRecord> secrets(String vault) {
    reads.allSecrets(vault);
    List<SecretRecord> all = new ArrayList<>();
    each(keys.secrets(vault), (key, content) -> all.add(records.secret(key, content)));
    return all;
  }

  @Override
  public List<SecretRecord> secretsAfter(String vault, String after, int limit) {
    reads.allSecrets(vault);
    List<SecretRecord> found = new ArrayList<>();
    String from = keys.secret(vault, after) + "\0";
    while (found.size() < limit) {
      int wanted = Math.min(Etcd.PAGE, limit - found.size());
      GetResponse page = read(from, Etcd.upTo(keys.secrets(vault), wanted));
      for (KeyValue kv : page.getKvs()) {
        from = Etcd.key(kv) + "\0";
        found.add(secret(kv));
      }
      if (!page.isMore()) {
        break;
      }
    }
    return found;
  }

  private SecretRecord secret(KeyValue found) {
    return records.secret(Etcd.key(found), found.getValue().getBytes());
  }

  @Override
  public int secretCount(String vault) {
    return count(keys.secrets(vault));
  }

  @Override
  public Optional<OpaqueBytes> ciphertext(String vault, SecretId secret, long version) {
    return value(keys.value(vault, secret.name(), version)).map(OpaqueBytes::adopt);
  }
}
