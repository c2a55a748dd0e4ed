package tech.tailor.secretmanager.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tech.tailor.secretmanager.SecretProtocolException;
import tech.tailor.secretmanager.SecretRateLimitedException;
import tech.tailor.secretmanager.SecretUnavailableException;

/** When a read is repeated, how often, and after what pause. */
class RetryTest {

  private static final Endpoint ENDPOINT =
      Endpoint.of("https://api.tailor.tech", false, "The endpoint");
  private static final String VAULT =
      "{\"vault\":{\"name\":\"default\",\"createTime\":\"2026-11-01T00:00:00Z\"}}";

  private final FakeTime time = new FakeTime();

  /** Answers what it is told, in turn; the last answer again and again. */
  private static final class Scripted implements Transport {
    private final List<Object> answers;
    private int calls;

    Scripted(Object... answers) {
      this.answers = List.of(answers);
    }

    @Override
    public Reply send(Request request, Deadline deadline) throws NoReplyException {
      Object answer = answers.get(Math.min(calls++, answers.size() - 1));
      if (answer instanceof NoReplyException e) {
        throw e;
      }
      Reply reply = (Reply) answer;
      return new Reply(
          reply.status(), reply.contentType(), reply.retryAfter(), reply.body().clone());
    }

    @Override
    public void close() {}
  }

  @Test
  void failureInPassing_isOvercome() {
    Scripted transport = new Scripted(
        new NoReplyException(NoReplyException.Reason.UNREACHABLE, true, "x"),
        reply(503, "", null),
        reply(200, VAULT, null));

    assertThat(store(transport, 0.5).describeVault("default")).isPresent();

    assertThat(time.slept).containsExactly(100_000_000L, 200_000_000L);
  }

  @Test
  void retryAfter_isWaitedFor_ifThereIsTime() {
    Scripted transport =
        new Scripted(reply(429, "", "3"), reply(503, "", "4"), reply(200, VAULT, null));

    assertThat(store(transport, 0).describeVault("default")).isPresent();
    assertThat(time.slept).containsExactly(3_000_000_000L, 4_000_000_000L);

    Scripted impatient = new Scripted(reply(429, "", "30"));
    assertThatThrownBy(() -> store(impatient, 0).describeVault("default"))
        .isInstanceOf(SecretRateLimitedException.class);
    assertThat(impatient.calls).isEqualTo(1);
  }

  /** A server that fails altogether gets few calls more, and the pauses are spread evenly. */
  @Test
  void budget_keepsAFailingServerFromAStorm() {
    Scripted failing = new Scripted(reply(503, "", null));
    Random random = new Random(7);
    HttpSecretStore store = store(failing, random);
    int requests = 10_000;
    for (int i = 0; i < requests; i++) {
      assertThatThrownBy(() -> store.describeVault("default"))
          .isInstanceOf(SecretUnavailableException.class);
    }
    System.out.println(
        "a server that always fails: " + requests + " reads, " + failing.calls + " calls");
    assertThat(failing.calls).isEqualTo(requests + 10);
  }

  @Test
  void budget_growsByATenthOfWhatSucceeds() {
    RetryBudget budget = new RetryBudget();
    int taken = 0;
    while (budget.take()) {
      taken++;
    }
    assertThat(taken).isEqualTo(10);
    for (int i = 0; i < 9; i++) {
      budget.succeeded();
    }
    assertThat(budget.take()).isFalse();
    budget.succeeded();
    assertThat(budget.take()).isTrue();
    assertThat(budget.take()).isFalse();
  }

  /** Kolmogorov and Smirnov: 1.63 / √n is exceeded by chance once in a hundred. */
  @Test
  void pauses_areSpreadEvenly() {
    int reads = 1_000;
    Random random = new Random(11);
    List<Long> first = new ArrayList<>();
    for (int i = 0; i < reads; i++) {
      time.slept.clear();
      store(new Scripted(reply(503, "", null), reply(200, VAULT, null)), random)
          .describeVault("default");
      first.add(time.slept.get(0));
    }
    double[] sorted =
        first.stream().mapToDouble(pause -> pause / 200e6).sorted().toArray();
    double distance = 0;
    for (int i = 0; i < sorted.length; i++) {
      distance = Math.max(distance, Math.abs(sorted[i] - (i + 0.5) / sorted.length));
    }
    System.out.println("pauses of " + reads + " reads: distance from even " + distance);
    assertThat(distance).isLessThan(1.63 / Math.sqrt(reads));
    double[] constant = new double[reads]; // control: without jitter it must show
    Arrays.fill(constant, 0.5);
    assertThat(Math.abs(constant[0] - 0.5 / reads)).isGreaterThan(1.63 / Math.sqrt(reads));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "9, 9",
    "60, 60",
    "61, 60",
    "99999999999, 60",
    "-1, 0",
    "1.5, 0",
    "canary, 0",
    "'', 0",
    "'Tue, 24 Nov 2026 12:00:30 GMT', 30",
    "'Tue, 24 Nov 2026 11:59:30 GMT', 0",
    "'Tue, 31 Dec 2199 23:59:59 GMT', 60"
  })
  void retryAfter_isReadWhateverItSays(String header, long seconds) {
    assertThat(RetryAfter.parse(header, time)).isEqualTo(Duration.ofSeconds(seconds));
  }

  @Test
  void pagesWithoutEnd_areCutOff() {
    AtomicInteger pages = new AtomicInteger();
    Transport endless = new Transport() {
      @Override
      public Reply send(Request request, Deadline deadline) {
        String token = "page-" + pages.incrementAndGet();
        return reply(200, "{\"nextPageToken\":\"" + token + "\"}", null);
      }

      @Override
      public void close() {}
    };

    assertThatThrownBy(() -> store(endless, 0).listVaults())
        .isInstanceOf(SecretProtocolException.class)
        .hasMessageContaining("more than 1000 pages");
    assertThat(pages).hasValue(HttpLimits.PAGES);
  }

  @Test
  void interrupt_endsThePause_andIsKept() {
    Pauses interrupted = new Pauses(
        time.pauses(0).ticker(),
        nanos -> {
          throw new InterruptedException();
        },
        () -> 0.5);
    Scripted failing = new Scripted(reply(503, "", null));

    assertThatThrownBy(() -> store(failing, interrupted).describeVault("default"))
        .isInstanceOf(SecretUnavailableException.class);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(failing.calls).isEqualTo(1);
  }

  private HttpSecretStore store(Transport transport, double random) {
    return store(transport, time.pauses(random));
  }

  private HttpSecretStore store(Transport transport, Random random) {
    Pauses pauses = time.pauses(0);
    return store(transport, new Pauses(pauses.ticker(), pauses.sleeper(), random::nextDouble));
  }

  private HttpSecretStore store(Transport transport, Pauses pauses) {
    ConnectClient client =
        new ConnectClient(ENDPOINT, transport, new FixedToken("token"), pauses, time);
    return new HttpSecretStore(
        ENDPOINT,
        MockPlatform.WORKSPACE,
        transport,
        client,
        new RuntimeServiceReads(client),
        HttpLimits.CALL_TIMEOUT,
        pauses.ticker());
  }

  private static Transport.Reply reply(int status, String body, @Nullable String retryAfter) {
    return new Transport.Reply(status, "application/json", retryAfter, body.getBytes(UTF_8));
  }
}
