package tech.tailor.secretmanager.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tech.tailor.secretmanager.SecretValue;

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

  @Test
  void aTargetIsMetUpToItsLimit() {
    assertThat(new Target("a ratio", 0.5, 0.5).isMet()).isTrue();
    assertThat(new Target("a ratio", 0.51, 0.5).isMet()).isFalse();
  }
}
