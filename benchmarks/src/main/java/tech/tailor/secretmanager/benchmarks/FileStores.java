package tech.tailor.secretmanager.benchmarks;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.google.crypto.tink.Aead;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.file.FileSecretStore;

/** A store of secrets of 64 bytes in a file, for us and by hand. */
public class FileStores {

  static final String VAULT = "default";

  private static final Path MEMORY = Path.of("/dev/shm");
  private static final int VALUE_SIZE_BYTES = 64;
  private static final byte[] MASTER_KEY = new byte[32]; // of benchmarks only

  private final List<String> names;
  private final Path directory;
  private final StoreByHand byHand;

  FileStores(int count) throws IOException, GeneralSecurityException {
    names = IntStream.range(0, count)
        .mapToObj(index -> String.format(Locale.ROOT, "secret-%05d", index))
        .toList();
    directory = newDirectory();
    byHand = new StoreByHand(directory.resolve("secrets.json"), MASTER_KEY);
    byHand.create(VAULT, names, value());
  }

  /** In memory, where there is such a file system: a disk would hide what the store does. */
  static Path newDirectory() throws IOException {
    return Files.isWritable(MEMORY)
        ? Files.createTempDirectory(MEMORY, "benchmark")
        : Files.createTempDirectory("benchmark");
  }

  static byte[] value() {
    byte[] value = new byte[VALUE_SIZE_BYTES];
    Arrays.fill(value, (byte) 'v');
    return value;
  }

  int index() {
    return ThreadLocalRandom.current().nextInt(names.size());
  }

  void delete() throws IOException {
    try (var files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(directory);
  }

  /** Read and written by the library. */
  @State(Scope.Benchmark)
  public static class Ours {

    /** Any of them at random. */
    @Param("MANY")
    public Keys.Choice keys = Keys.Choice.MANY;

    /** How many secrets there are. */
    @Param("10000")
    public int count = 10_000;

    private FileStores files;
    private MasterKey key;
    private FileSecretStore store;

    @Setup(Level.Trial)
    public void make() throws IOException, GeneralSecurityException {
      files = new FileStores(count);
      Path keyFile = files.directory.resolve("master.key");
      Files.createFile(
          keyFile,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      String line =
          "tailor-secretmanager-key-1 " + Base64.getEncoder().encodeToString(MASTER_KEY) + "\n";
      Files.writeString(keyFile, line, US_ASCII);
      key = MasterKey.fromFile(keyFile);
      store = open();
    }

    @TearDown(Level.Trial)
    public void delete() throws IOException {
      store.close();
      files.delete();
    }

    FileSecretStore open() {
      return FileSecretStore.open(files.directory, key);
    }

    FileSecretStore store() {
      return store;
    }

    String name() {
      return files.names.get(files.index());
    }
  }

  /** Read and written by hand. */
  @State(Scope.Benchmark)
  public static class ByHand {

    /** Any of them at random. */
    @Param("MANY")
    public Keys.Choice keys = Keys.Choice.MANY;

    /** How many secrets there are. */
    @Param("10000")
    public int count = 10_000;

    private FileStores files;
    private Aead dataKey;
    private byte[][] ciphertexts;
    private byte[][] places;

    @Setup(Level.Trial)
    public void make() throws IOException, GeneralSecurityException {
      files = new FileStores(count);
      StoreByHand.Content content = files.byHand.open();
      dataKey = files.byHand.dataKey(content);
      ciphertexts = new byte[count][];
      places = new byte[count][];
      for (int index = 0; index < count; index++) {
        ciphertexts[index] = files.byHand.ciphertext(content, index);
        places[index] = files.byHand.place(content, index);
      }
    }

    @TearDown(Level.Trial)
    public void delete() throws IOException {
      files.delete();
    }

    Object open() throws IOException, GeneralSecurityException {
      return files.byHand.open();
    }

    byte[] decrypt() throws GeneralSecurityException {
      int index = files.index();
      return dataKey.decrypt(ciphertexts[index], places[index]);
    }

    byte[] lookAndDecrypt() throws IOException, GeneralSecurityException {
      if (files.byHand.hasChanged()) {
        throw new IllegalStateException("Nobody changes the file in this benchmark");
      }
      return decrypt();
    }

    Object update() throws IOException, GeneralSecurityException {
      files.byHand.update(VAULT, files.index(), value());
      return files;
    }
  }
}
