package tech.tailor.secretmanager.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpellingTest {

  @ParameterizedTest
  @CsvSource({"lsit,list", "creat,create", "udpate,update", "vualt,vault", "xyz,", "l,"})
  void closest_isTheNameThatWasMeant(String typed, String meant) {
    assertThat(Spelling.closest(typed, List.of("vault", "create", "update", "list", "delete")))
        .isEqualTo(Optional.ofNullable(meant));
  }
}
