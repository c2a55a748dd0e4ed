package tech.tailor.secretmanager.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.fixtures.JavaProcess;

/** An application that records nothing doesn't pay for the start of the Flight Recorder. */
class FlightEventsTest {

  private static final String EVENT = FlightEvents.class.getName() + "$Load";

  @Test
  void firstRead_loadsEvents_onlyWhereSomethingIsRecorded() throws Exception {
    assertThat(classesOfARead()).contains(FlightEvents.class.getName()).doesNotContain(EVENT);
    assertThat(classesOfARead("-XX:StartFlightRecording")).as("the control").contains(EVENT);
  }

  /** What the JVM prints, each class that it loads included. */
  private static String classesOfARead(String... options) throws Exception {
    List<String> all = new ArrayList<>(List.of(options));
    all.add("-Xlog:class+load");
    Process child = JavaProcess.start(List.of(), all, OneRead.class);
    try {
      String printed = new String(child.getInputStream().readAllBytes(), UTF_8);
      assertThat(child.waitFor()).isZero();
      return printed;
    } finally {
      child.destroyForcibly();
    }
  }

  static final class OneRead {

    private OneRead() {}

    public static void main(String[] arguments) {
      try (SecretManager manager = SecretManagers.open(new StubBackend().with("one", "made up"))) {
        manager.requireSecret("default", "one").close();
      }
    }
  }
}
