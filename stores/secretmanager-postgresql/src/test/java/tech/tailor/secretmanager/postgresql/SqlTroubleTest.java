package tech.tailor.secretmanager.postgresql;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.SocketTimeoutException;
import java.sql.BatchUpdateException;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretTimeoutException;

class SqlTroubleTest {

  @ParameterizedTest
  @CsvSource({
    "55P03, SecretTimeoutException, another writer",
    "25P03, SecretTimeoutException, stood still",
    "57014, SecretTimeoutException, raise timeout",
    "42501, SecretAccessDeniedException, rolesScript",
    "25006, SecretStorageException, replica",
    "42P01, SecretStorageException, createOrUpgrade",
    "26000, SecretUnavailableException, prepareThreshold=0",
    "40001, SecretUnavailableException, can't answer now",
    "53300, SecretUnavailableException, can't answer now",
    "28P01, SecretUnavailableException, refused the login",
    "08004, SecretUnavailableException, refused the login",
    "08006, SecretUnavailableException, can't be reached",
    "57P01, SecretUnavailableException, can't be reached",
    "XX000, SecretStorageException, server's log",
  })
  void state_decides(String state, String type, String text) {
    SecretManagerException trouble = SqlTrouble.of(new SQLException("x", state), "workspace \"w\"");
    assertThat(trouble.getClass().getSimpleName()).isEqualTo(type);
    assertThat(trouble).hasMessageContaining(text).hasMessageContaining(state);
  }

  @Test
  void networkTimeout_isATimeout() {
    SQLException broken = new SQLException("x", "08006", new SocketTimeoutException("x"));
    assertThat(SqlTrouble.of(broken, "workspace")).isInstanceOf(SecretTimeoutException.class);
  }

  @Test
  void batch_isNotQuoted() {
    SQLException batch = new BatchUpdateException("VALUES ('canary')", "23505", new int[0]);
    assertThat(SqlTrouble.of(batch, "workspace"))
        .hasMessageContaining("23505")
        .hasStackTraceContaining("A batch")
        .satisfies(trouble -> assertThat(trouble.getCause()).hasMessageNotContaining("canary"));
    batch.setNextException(new SQLException("duplicate key", "23505"));
    assertThat(SqlTrouble.of(batch, "workspace").getCause()).hasMessage("duplicate key");
  }
}
