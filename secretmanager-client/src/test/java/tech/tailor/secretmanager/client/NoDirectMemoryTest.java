package tech.tailor.secretmanager.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.SecretListener;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.fixtures.JavaProcess;

/** A value that the JVM has no memory for is served, and not cached. */
class NoDirectMemoryTest {

  @Test
  void newerValueIsServed_theOlderOneIsDropped_andTheChangeIsReported() throws Exception {
    Process child = JavaProcess.start(
        List.of(), List.of("-XX:MaxDirectMemorySize=1m"), WithoutDirectMemory.class);
    String printed;
    try {
      printed = new String(child.getInputStream().readAllBytes(), UTF_8);
      assertThat(child.waitFor()).isZero();
    } finally {
      child.destroyForcibly();
    }

    assertThat(printed.lines())
        .containsExactly(
            "old after 1 calls",
            "old after 1 calls", // cached
            "changed: default/certificate",
            "new after 3 calls",
            "new after 4 calls", // not cached
            "new after 5 calls",
            "new after 5 calls"); // cached again
  }

  static final class WithoutDirectMemory {

    private static final SecretRef REF = SecretRef.of("default", "certificate");

    private WithoutDirectMemory() {}

    public static void main(String[] args) throws Exception {
      Logger.getLogger("tech.tailor.secretmanager").setLevel(Level.OFF); // it warns, as it should
      String rest = "x".repeat(4_000); // too long to share a block of memory with others
      StubBackend backend = new StubBackend();
      backend.with("certificate", "old" + rest);
      CountDownLatch changed = new CountDownLatch(1);
      try (SecretManager manager = SecretManagers.builder(backend)
          .timeToLive(Duration.ofDays(1))
          .listener(new SecretListener() {
            @Override
            public void onChanged(SecretRef ref) {
              System.out.println("changed: " + ref);
              changed.countDown();
            }
          })
          .build()) {
        read(manager, backend);
        read(manager, backend);
        List<ByteBuffer> taken = takeAll();
        backend.with("certificate", "new" + rest.repeat(10)); // more than the older one frees
        manager.refresh(REF);
        if (!changed.await(60, TimeUnit.SECONDS)) {
          System.out.println("no change is reported");
        }
        read(manager, backend);
        read(manager, backend);
        taken.clear(); // the JVM collects what it lacks
        read(manager, backend);
        read(manager, backend);
      }
    }

    private static void read(SecretManager manager, StubBackend backend) {
      String start = manager.withSecret(REF, value -> value.revealString().substring(0, 3));
      System.out.println(start + " after " + backend.calls() + " calls");
    }

    private static List<ByteBuffer> takeAll() {
      List<ByteBuffer> taken = new ArrayList<>();
      for (int bytes : new int[] {1 << 16, 1 << 10}) {
        try {
          while (true) {
            taken.add(ByteBuffer.allocateDirect(bytes));
          }
        } catch (OutOfMemoryError e) {
          continue; // try with less
        }
      }
      return taken;
    }
  }
}
