package tech.tailor.secretmanager.benchmarks;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import tech.tailor.secretmanager.SecretDefinition;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;
import tech.tailor.secretmanager.store.VersionedSecretStore;

/**
 * A store of a kind and a size, which all benchmarks of one run share: to make 100,000 secrets
 * takes longer than to measure them.
 */
@State(Scope.Benchmark)
public class GrowthStores {

  /** What stores there are, and up to which number of secrets they are measured. */
  public enum Kind {
    MEMORY("memory", 10_000),
    FILE("file", 10_000),
    POSTGRESQL("PostgreSQL", 100_000),
    ETCD("etcd", 100_000);

    private final String text;
    private final int most;

    Kind(String text, int most) {
      this.text = text;
      this.most = most;
    }

    /** Its name in a table or chart. */
    String text() {
      return text;
    }

    int most() {
      return most;
    }

    /** The benchmarks that it has: memory is not opened, and not everything is done by hand. */
    Set<String> methods() {
      Set<String> methods = new LinkedHashSet<>(List.of("read", "update", "list", "plan"));
      if (this != MEMORY) {
        methods.addAll(List.of("open", "readByHand", "updateByHand"));
        methods.add(this == FILE ? "openByHand" : "listByHand");
      }
      return methods;
    }

    private Made make(int count) throws Exception {
      return switch (this) {
        case MEMORY -> new InMemory(count);
        case FILE -> new InFile(count);
        case POSTGRESQL -> new InPostgres(count);
        case ETCD -> new InEtcd(count);
      };
    }
  }

  /** A store that was made, with what is done by hand beside it. */
  abstract static class Made {

    private final List<SecretRef> refs;

    Made(List<SecretRef> refs) {
      this.refs = refs;
    }

    /** Any of the secrets. */
    SecretRef ref() {
      return refs.get(ThreadLocalRandom.current().nextInt(refs.size()));
    }

    abstract VersionedSecretStore store();

    VersionedSecretStore open() throws Exception {
      throw new UnsupportedOperationException();
    }

    Object openByHand() throws Exception {
      throw new UnsupportedOperationException();
    }

    Object readByHand() throws Exception {
      throw new UnsupportedOperationException();
    }

    Object updateByHand() throws Exception {
      throw new UnsupportedOperationException();
    }

    Object listByHand() throws Exception {
      throw new UnsupportedOperationException();
    }

    abstract void delete() throws Exception;
  }

  @Param
  public Kind kind = Kind.MEMORY;

  /** How many secrets there are. */
  @Param("10")
  public int count = 10;

  private static Optional<Made> shared = Optional.empty();
  private static String sharedIs = "";

  private List<SecretDefinition> declared = List.of();

  /** Makes the store, unless it is that of the last benchmark. */
  @Setup(Level.Trial)
  public void make() throws Exception {
    String wanted = kind + " " + count;
    if (!wanted.equals(sharedIs)) {
      end();
      shared = Optional.of(kind.make(count));
      sharedIs = wanted;
    }
    declared = made().refs.stream()
        .map(SecretRef::vault)
        .distinct()
        .map(this::declared)
        .toList();
  }

  /** Ends the last store. */
  static void end() throws Exception {
    if (shared.isPresent()) {
      shared.get().delete();
      shared = Optional.empty();
      sharedIs = "";
    }
  }

  Made made() {
    return shared.orElseThrow();
  }

  SecretDefinition[] declared() {
    return declared.toArray(SecretDefinition[]::new);
  }

  private SecretDefinition declared(String vault) {
    SecretDefinition.Builder builder = SecretDefinition.defineSecret(vault);
    made().refs.stream()
        .filter(ref -> ref.vault().equals(vault))
        .forEach(ref -> builder.secret(
            ref.name(),
            secret -> secret.source(any -> Optional.of(SecretValue.copyOf(FileStores.value())))));
    return builder.build();
  }

  private static List<SecretRef> refs(String vault, String format, int count) {
    return IntStream.range(0, count)
        .mapToObj(index -> SecretRef.of(vault, String.format(Locale.ROOT, format, index)))
        .toList();
  }

  private static final class InMemory extends Made {

    private static final String VAULT = "default";

    private final InMemorySecretStore store = InMemorySecretStore.create();

    private InMemory(int count) {
      this(refs(VAULT, "secret-%05d", count));
    }

    private InMemory(List<SecretRef> refs) {
      super(refs);
      store.createVault(VAULT);
      try (SecretValue value = SecretValue.copyOf(FileStores.value())) {
        refs.forEach(ref -> store.createSecret(VAULT, ref.name(), value));
      }
    }

    @Override
    VersionedSecretStore store() {
      return store;
    }

    @Override
    void delete() {
      store.close();
    }
  }

  private static final class InFile extends Made {

    private final FileStores.Ours ours = new FileStores.Ours();
    private final FileStores.ByHand byHand = new FileStores.ByHand();

    private InFile(int count) throws Exception {
      super(refs(FileStores.VAULT, "secret-%05d", count));
      ours.count = count;
      ours.make();
      byHand.count = count;
      byHand.make();
    }

    @Override
    VersionedSecretStore store() {
      return ours.store();
    }

    @Override
    VersionedSecretStore open() {
      return ours.open();
    }

    @Override
    Object openByHand() throws Exception {
      return byHand.open();
    }

    @Override
    Object readByHand() throws Exception {
      return byHand.lookAndDecrypt();
    }

    @Override
    Object updateByHand() throws Exception {
      return byHand.update();
    }

    @Override
    void delete() throws Exception {
      ours.delete();
      byHand.delete();
    }
  }

  private static final class InPostgres extends Made {

    private final PostgresStores stores = new PostgresStores();

    private InPostgres(int count) throws Exception {
      super(refs(PostgresStores.VAULT, "secret-%06d", count));
      stores.count = count;
      stores.make();
    }

    @Override
    VersionedSecretStore store() {
      return stores.store();
    }

    @Override
    VersionedSecretStore open() {
      return stores.open();
    }

    @Override
    Object readByHand() throws Exception {
      return stores.select(Set.of(stores.name()));
    }

    @Override
    Object updateByHand() throws Exception {
      return stores.change(stores.name());
    }

    @Override
    Object listByHand() throws Exception {
      return stores.list();
    }

    @Override
    void delete() throws Exception {
      stores.delete();
    }
  }

  private static final class InEtcd extends Made {

    private final EtcdStores stores;

    private InEtcd(int count) throws Exception {
      this(made(count));
    }

    private InEtcd(EtcdStores stores) {
      super(stores.refs());
      this.stores = stores;
    }

    private static EtcdStores made(int count) throws Exception {
      EtcdStores stores = new EtcdStores();
      stores.count = count;
      stores.make();
      return stores;
    }

    @Override
    VersionedSecretStore store() {
      return stores.store();
    }

    @Override
    VersionedSecretStore open() {
      return stores.open();
    }

    @Override
    Object readByHand() throws Exception {
      return stores.get(ref().name());
    }

    @Override
    Object updateByHand() throws Exception {
      return stores.change(ref().name());
    }

    @Override
    Object listByHand() throws Exception {
      return stores.list();
    }

    @Override
    void delete() throws Exception {
      stores.delete();
    }
  }
}
