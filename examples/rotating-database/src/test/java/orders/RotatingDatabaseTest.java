package orders;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import org.junit.jupiter.api.Test;

class RotatingDatabaseTest {

  @Test
  void orders_areTakenThroughEachRotation() throws Exception {
    PrintStream before = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, UTF_8));
    try {
      RotatingDatabase.main(new String[0]);
    } finally {
      System.setOut(before);
    }
    assertThat(printed.toString(UTF_8).lines())
        .containsExactly(
            "Orders are taken; the pool has logged in with password 1",
            "Orders are taken; the pool has logged in with password 2",
            "Orders are taken; the pool has logged in with password 3",
            "Orders are taken; the pool has logged in with password 4");
  }
}
