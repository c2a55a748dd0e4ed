package tech.tailor.secretmanager.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.etcd.jetcd.kv.GetResponse;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.w3c.dom.Document;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.file.FileSecretStore;
import tech.tailor.secretmanager.fixtures.EtcdServer;
import tech.tailor.secretmanager.spi.SecretOutcome;

/** What is compared does the same. Nothing is measured here. */
class BenchmarksTest {

  @Test
  void everyCacheIsFilledWithTheSameValues() {
    Caches.Ours ours = new Caches.Ours();
    Caches.Aws aws = new Caches.Aws();
    for (String name : Secrets.NAMES) {
      String text = Secrets.text(name);
      assertThat(text.getBytes(UTF_8)).hasSize(32);
      assertThat(ours.manager.<String, RuntimeException>withSecret(
              Secrets.VAULT, name, SecretValue::revealString))
          .isEqualTo(text);
    }
    String last = Secrets.NAMES.get(Secrets.COUNT - 1);
    byte[] bytes = Secrets.bytes(last);
    assertThat(new Caches.CaffeineAndCopy().read(Secrets.VAULT, last)).isEqualTo(bytes);
    assertThat(new Caches.PlainMap().read(Secrets.VAULT, last)).isEqualTo(bytes);
    assertThat(aws.read(last)).isEqualTo(Secrets.text(last));
    ours.close();
    aws.close();
  }

  @ParameterizedTest
  @EnumSource
  void everyLoaderReadsThroughAnEmptyCache(Loader loader) {
    Upstream upstream = new Upstream();
    try (Loader.Reader reader = loader.open(upstream)) {
      String name = Secrets.NAMES.get(7);
      assertThat(reader.read(name)).isEqualTo(Secrets.bytes(name));
      int calls = upstream.calls();
      assertThat(reader.read(name)).isEqualTo(Secrets.bytes(name));
      assertThat(upstream.calls()).isEqualTo(calls).isPositive();
    }
  }

  /** Each reads what the other wrote, in turn. */
  @Test
  void theStoreByHandAndOursReadAndWriteTheSame(@TempDir Path directory) throws Exception {
    byte[] key = new byte[32];
    key[0] = 1;
    Path keyFile = directory.resolve("master.key");
    Files.createFile(
        keyFile,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(
        keyFile, "tailor-secretmanager-key-1 " + Base64.getEncoder().encodeToString(key) + "\n");
    StoreByHand byHand = new StoreByHand(directory.resolve("secrets.json"), key);
    List<String> names = List.of("one", "three", "two");
    byHand.create("default", names, "start".getBytes(UTF_8));
    try (FileSecretStore ours = FileSecretStore.open(directory, MasterKey.fromFile(keyFile))) {
      assertThat(ours.listSecrets("default")).extracting("name").isEqualTo(names);
      for (int turn = 0; turn < 3; turn++) {
        for (int index = 0; index < names.size(); index++) {
          String name = names.get(index);
          byHand.hasChanged();
          assertThat(byHand.hasChanged()).isFalse();
          byHand.update("default", index, ("by hand " + turn).getBytes(UTF_8));
          assertThat(byHand.hasChanged()).isTrue();
          assertThat(read(ours, name)).isEqualTo("by hand " + turn);
          try (SecretValue value = SecretValue.of("ours " + turn)) {
            ours.updateSecret("default", name, value);
          }
          StoreByHand.Content content = byHand.open();
          byte[] value = byHand
              .dataKey(content)
              .decrypt(byHand.ciphertext(content, index), byHand.place(content, index));
          assertThat(new String(value, UTF_8)).isEqualTo("ours " + turn);
        }
      }
    }
  }

  private static String read(FileSecretStore store, String name) {
    SecretOutcome outcome = store.fetch("default", Set.of(name)).get(name);
    try (SecretValue value = ((SecretOutcome.Found) outcome).value()) {
      return value.revealString();
    }
  }

  @Test
  void missesOverHttp_readTheSameValue() throws Exception {
    String name = Secrets.NAMES.get(7);
    HttpMissBenchmark.Ours ours = new HttpMissBenchmark.Ours();
    ours.start();
    try (EmulatorProcess server = new EmulatorProcess();
        SealedReadByHand byHand = new SealedReadByHand(server)) {
      assertThat(byHand.read(name)).isEqualTo(Secrets.bytes(name));
      assertThat(ours.fetch(name)).isEqualTo(Secrets.bytes(name));
    } finally {
      ours.close();
    }
  }

  /** All that the store needs, and in one answer: its floor would be too low otherwise. */
  @Test
  void etcdByHand_readsTheKeysThatTheStoreReads() throws Exception {
    EtcdServer.require("the floors of etcd");
    EtcdStores stores = new EtcdStores();
    stores.count = 20;
    stores.make();
    try {
      SecretRef ref = stores.ref();
      assertThat(stores.getSameKeys(ref.vault(), Set.of(ref.name())).getGetResponses())
          .extracting(GetResponse::getCount)
          .as("head, log since then, vault, record, newest value")
          .containsExactly(1L, 0L, 1L, 1L, 1L);
      assertThat(stores.get(ref.name()).get(0).getValue().getBytes()).isEqualTo(FileStores.value());
      assertThat(stores.change(ref.name()).isSucceeded()).isTrue();
      assertThat(stores.list()).hasSize(20);
      assertThat(stores.getAll(stores.ten()).getGetResponses())
          .hasSize(10)
          .allMatch(answer -> answer.getCount() == 1);
    } finally {
      stores.delete();
    }
  }

  @Test
  void chart_isXmlWithEachPointAndEachLine() throws Exception {
    List<Growth.Line> lines = List.of(
        new Growth.Line(GrowthStores.Kind.FILE, false, List.of(0.5, 5.0, 50.0)),
        new Growth.Line(GrowthStores.Kind.FILE, true, List.of(0.25, 2.5, 25.0)),
        new Growth.Line(GrowthStores.Kind.ETCD, false, List.of(4.0, 4.0, 4.0, 4.0, 5.0)));
    String svg = new GrowthChart("update", lines).draw();
    Document chart = DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(svg.getBytes(UTF_8)));
    assertThat(chart.getElementsByTagName("circle").getLength()).isEqualTo(3 + 3 + 5);
    assertThat(svg)
        .contains("file, by hand: 0.25, 2.5, 25 ms", "prefers-color-scheme:dark")
        .doesNotContain("NaN", "Infinity");
  }

  @Test
  void chartOfRatios_hasABarForEachRatio() throws Exception {
    List<Figure> measured = Stream.of(
            "CachedReadBenchmark.plainMap:50",
            "CachedReadBenchmark.caffeineAndCopy:100",
            "CachedReadBenchmark.getSecret:125",
            "CachedReadBenchmark.withSecret:75",
            "CachedReadBenchmark.aws:400",
            "BatchBenchmark.caffeineAndCopy:1000",
            "BatchBenchmark.getSecrets:600",
            "BatchBenchmark.aws:4000")
        .map(each -> each.split(":"))
        .map(each -> new Figure(
            each[0], "MANY", 1, Double.parseDouble(each[1]), 0, 0, Double.NaN, Double.NaN))
        .toList();
    String svg = RatioChart.ofCachedReads(new Figures(measured)).orElseThrow();
    Document chart = DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(svg.getBytes(UTF_8)));
    assertThat(chart.getElementsByTagName("rect").getLength())
        .as("and the ground")
        .isEqualTo(9);
    assertThat(svg)
        .contains("getSecret: 1.25; withSecret: 0.75; AWS caching client: 4.00")
        .doesNotContain("NaN", "Infinity");
    assertThat(RatioChart.ofStores(new Figures(measured))).as("not measured").isEmpty();
  }

  @Test
  void aTargetIsMetUpToItsLimit() {
    assertThat(new Target("a ratio", 0.5, 0.5).isMet()).isTrue();
    assertThat(new Target("a ratio", 0.51, 0.5).isMet()).isFalse();
  }
}
