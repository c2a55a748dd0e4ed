package tech.tailor.secretmanager.benchmarks;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.etcd.EtcdSecretStore;
import tech.tailor.secretmanager.fixtures.EtcdServer;

/**
 * A store of secrets of 64 bytes in etcd, and beside it as many plain keys with values of the same
 * size, over one client. etcd is on the same machine, with its data in memory where there is such a
 * file system: each commit is flushed, which would hide what the client does.
 */
@State(Scope.Benchmark)
public class EtcdStores {

  private static final int TEN = 10;
  private static final int VAULT_SIZE = 10_000; // as many secrets as a vault holds
  private static final int AT_ONCE = 40; // about as many as one transaction of etcd takes
  private static final String PREFIX = "/benchmark/";

  /** Any of them at random. */
  @Param("MANY")
  public Keys.Choice keys = Keys.Choice.MANY;

  /** How many secrets, and plain keys, there are. */
  @Param("10000")
  public int count = 10_000;

  /** Another process, whose cache is told of changes of these secrets. */
  @State(Scope.Benchmark)
  public static class Watcher {

    private WatcherProcess process;

    @Setup(Level.Trial)
    public void start(EtcdStores stores) throws IOException {
      process = stores.startWatcher();
    }

    @TearDown(Level.Trial)
    public void stop() {
      process.close();
    }

    WatcherProcess process() {
      return process;
    }
  }

  private List<SecretRef> refs = List.of();
  private Path directory;
  private EtcdServer server;
  private Client client;
  private MasterKey key;
  private EtcdSecretStore store;

  @Setup(Level.Trial)
  public void make() throws Exception {
    refs = IntStream.range(0, count)
        .mapToObj(index -> SecretRef.of(
            "vault-" + index / VAULT_SIZE, String.format(Locale.ROOT, "secret-%06d", index)))
        .toList();
    directory = FileStores.newDirectory();
    server = EtcdServer.start(directory);
    client = Client.builder().endpoints(server.url()).build();
    key = MasterKey.createFile(directory.resolve("master.key"));
    store = EtcdSecretStore.builder(client, PREFIX, key).createIfMissing().open();
    refs.stream().map(SecretRef::vault).distinct().forEach(store::createVault);
    try (SecretValue value = SecretValue.copyOf(FileStores.value())) {
      for (int from = 0; from < count; from += AT_ONCE) {
        List<SecretRef> some = refs.subList(from, Math.min(count, from + AT_ONCE));
        store.inOneCommit(changes -> {
          String vault = some.get(0).vault(); // 40 secrets don't cross vaults of 10,000
          changes.describeSecrets(vault, some.stream().map(SecretRef::name).toList());
          some.forEach(ref -> changes.createSecret(vault, ref.name(), value));
        });
        List<Op> puts = new ArrayList<>();
        some.forEach(ref -> puts.add(put(ref.name())));
        kv().txn().Then(puts.toArray(Op[]::new)).commit().get();
      }
    }
  }

  @TearDown(Level.Trial)
  public void delete() throws IOException {
    store.close();
    client.close();
    server.close();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  WatcherProcess startWatcher() throws IOException {
    return new WatcherProcess(server.url(), PREFIX, directory.resolve("master.key"), refs.get(0));
  }

  EtcdSecretStore store() {
    return store;
  }

  /** Another store on the same keys. */
  EtcdSecretStore open() {
    return EtcdSecretStore.builder(client, PREFIX, key).open();
  }

  List<SecretRef> refs() {
    return refs;
  }

  SecretRef ref() {
    return refs.get(ThreadLocalRandom.current().nextInt(refs.size()));
  }

  /** The vault of {@link #ten}. */
  String firstVault() {
    return refs.get(0).vault();
  }

  /** Names of ten secrets of one vault. */
  Set<String> ten() {
    int many = Math.min(VAULT_SIZE, refs.size());
    Set<String> ten = new LinkedHashSet<>();
    while (ten.size() < Math.min(TEN, many)) {
      ten.add(refs.get(ThreadLocalRandom.current().nextInt(many)).name());
    }
    return ten;
  }

  /** Reads all plain keys, in pages that gRPC takes: etcd counts what is left at each page. */
  List<KeyValue> list() throws Exception {
    List<KeyValue> all = new ArrayList<>();
    ByteSequence from = plain("");
    boolean isMore = true;
    while (isMore) {
      GetResponse page = kv().get(
              from,
              GetOption.builder().withRange(bytes("/plain0")).withLimit(10_000).build())
          .get();
      all.addAll(page.getKvs());
      isMore = page.isMore();
      from = bytes(all.get(all.size() - 1).getKey().toString(US_ASCII) + "\0");
    }
    return all;
  }

  /** Reads a plain key. */
  List<KeyValue> get(String name) throws Exception {
    return kv().get(plain(name)).get().getKvs();
  }

  /** Reads plain keys in one transaction. */
  TxnResponse getAll(Set<String> asked) throws Exception {
    Op[] gets =
        asked.stream().map(name -> Op.get(plain(name), GetOption.DEFAULT)).toArray(Op[]::new);
    return kv().txn().Then(gets).commit().get();
  }

  /** Reads in one transaction what the store reads, as docs/etcd-format.md describes it. */
  TxnResponse getSameKeys(String vault, Set<String> asked) throws Exception {
    List<Op> gets = new ArrayList<>();
    gets.add(Op.get(bytes(PREFIX + "head"), GetOption.DEFAULT));
    gets.add(Op.get(
        bytes(PREFIX + "log/" + "f".repeat(16)), // after the last commit
        GetOption.builder().withRange(bytes(PREFIX + "log0")).withLimit(100).build()));
    gets.add(Op.get(bytes(PREFIX + "vault/" + vault), GetOption.DEFAULT));
    for (String name : asked) {
      gets.add(Op.get(bytes(PREFIX + "secret/" + vault + "/" + name), GetOption.DEFAULT));
      String values = PREFIX + "value/" + vault + "/" + name;
      gets.add(Op.get(
          bytes(values + "/"),
          GetOption.builder()
              .withRange(bytes(values + "0"))
              .withLimit(1)
              .withSortField(GetOption.SortTarget.KEY)
              .withSortOrder(GetOption.SortOrder.DESCEND)
              .build()));
    }
    return kv().txn().Then(gets.toArray(Op[]::new)).commit().get();
  }

  /** Changes a plain key if nobody else changed it meanwhile: read, compare and put. */
  TxnResponse change(String name) throws Exception {
    long revision = get(name).get(0).getModRevision();
    return kv().txn()
        .If(new Cmp(plain(name), Cmp.Op.EQUAL, CmpTarget.modRevision(revision)))
        .Then(put(name))
        .commit()
        .get();
  }

  private KV kv() {
    return client.getKVClient();
  }

  private static Op put(String name) {
    return Op.put(plain(name), ByteSequence.from(FileStores.value()), PutOption.DEFAULT);
  }

  private static ByteSequence plain(String name) {
    return bytes("/plain/" + name);
  }

  private static ByteSequence bytes(String text) {
    return ByteSequence.from(text, US_ASCII);
  }
}
