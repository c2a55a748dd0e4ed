package tech.tailor.secretmanager.etcd;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.GetOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.BiPredicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/** The records of a store at one revision of etcd. For one read or one commit. */
final class Snapshot {

  private final Etcd etcd;
  private final Keys keys;
  private final Records records;
  private final long revision;
  private final Supplier<Deadline> deadline;
  private final String store;

  /**
   * A snapshot.
   *
   * @param deadline of each call to etcd
   */
  Snapshot(
      Etcd etcd,
      Keys keys,
      Records records,
      long revision,
      Supplier<Deadline> deadline,
      String store) {
    this.etcd = etcd;
    this.keys = keys;
    this.records = records;
    this.revision = revision;
    this.deadline = deadline;
    this.store = store;
  }

  /** Gives each key and value that begins with a prefix. */
  void each(String prefix, BiConsumer<String, byte[]> each) {
    until(prefix, prefix, (key, content) -> {
      each.accept(key, content);
      return true;
    });
  }

  /**
   * Gives each key and value that begins with a prefix, from a key on, until one is declined.
   *
   * @return the key that was declined; null if there are no more
   */
  @Nullable
  String until(String prefix, String from, BiPredicate<String, byte[]> each) {
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
    }
  }

  private GetResponse read(String from, GetOption.Builder option) {
    return etcd.read(deadline.get(), from, option.withRevision(revision));
  }

  private Optional<byte[]> value(String key) {
    return read(key, GetOption.builder()).getKvs().stream()
        .findFirst()
        .map(found -> found.getValue().getBytes());
  }

  private int count(String prefix) {
    GetOption.Builder all = GetOption.builder().withRange(Etcd.end(prefix)).withCountOnly(true);
    return Math.toIntExact(read(prefix, all).getCount());
  }

  Optional<Records.VaultRecord> vault(String name) {
    return value(keys.vault(name)).map(content -> records.vault(name, content));
  }

  List<Records.VaultRecord> vaults() {
    List<Records.VaultRecord> all = new ArrayList<>();
    each(keys.vaults(), (key, content) -> {
      all.add(records.vault(key.substring(keys.vaults().length()), content));
    });
    return all;
  }

  int vaultCount() {
    return count(keys.vaults());
  }

  /** Those of the secrets that exist, by name. */
  Map<String, Records.SecretRecord> secrets(String vault, Collection<String> names) {
    Map<String, Records.SecretRecord> found = new LinkedHashMap<>();
    List<String> all = List.copyOf(names);
    for (int from = 0; from < all.size(); from += Etcd.PAGE) {
      List<String> some = all.subList(from, Math.min(all.size(), from + Etcd.PAGE));
      List<Op> gets = some.stream()
          .map(name ->
              Etcd.get(keys.secret(vault, name), GetOption.builder().withRevision(revision)))
          .toList();
      for (GetResponse answer : etcd.read(deadline.get(), gets).getGetResponses()) {
        for (KeyValue kv : answer.getKvs()) {
          Records.SecretRecord record = secret(Etcd.key(kv), kv.getValue());
          found.put(record.secret().name(), record);
        }
      }
    }
    return found;
  }

  /** The secrets of a vault. */
  List<Records.SecretRecord> secrets(String vault) {
    List<Records.SecretRecord> all = new ArrayList<>();
    each(keys.secrets(vault), (key, content) -> all.add(secret(key, content)));
    return all;
  }

  /** One page of the secrets of a vault. */
  List<Records.SecretRecord> secretsAfter(String vault, String after, int limit) {
    List<Records.SecretRecord> found = new ArrayList<>();
    String from = keys.secret(vault, after) + "\0";
    while (found.size() < limit) {
      int wanted = Math.min(Etcd.PAGE, limit - found.size());
      GetResponse page = read(from, Etcd.upTo(keys.secrets(vault), wanted));
      for (KeyValue kv : page.getKvs()) {
        from = Etcd.key(kv) + "\0";
        found.add(secret(Etcd.key(kv), kv.getValue()));
      }
      if (!page.isMore()) {
        break;
      }
    }
    return found;
  }

  private Records.SecretRecord secret(String key, ByteSequence content) {
    return secret(key, content.getBytes());
  }

  /** The secret whose record stands at a key. */
  Records.SecretRecord secret(String key, byte[] content) {
    SecretRef ref = keys.secretAt(key);
    if (ref == null) {
      throw Seals.damaged(store, "record of a secret with an impossible name");
    }
    return records.secret(ref.vault(), ref.name(), content);
  }

  int secretCount(String vault) {
    return count(keys.secrets(vault));
  }

  Optional<OpaqueBytes> ciphertext(String vault, String name, long version) {
    return value(keys.value(vault, name, version)).map(OpaqueBytes::adopt);
  }
}
