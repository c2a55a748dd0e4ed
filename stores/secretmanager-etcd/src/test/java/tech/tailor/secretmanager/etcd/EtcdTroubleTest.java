package tech.tailor.secretmanager.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tech.tailor.secretmanager.SecretManagerException;

class EtcdTroubleTest {

  @ParameterizedTest
  @CsvSource({
    "INVALID_ARGUMENT, etcdserver: user name is empty, SecretAccessDeniedException",
    "INVALID_ARGUMENT, etcdserver: revision of auth store is old, SecretAccessDeniedException",
    "INVALID_ARGUMENT, etcdserver: request is too large, SecretLimitException",
    "INVALID_ARGUMENT, etcdserver: too many operations in txn request, SecretLimitException",
    "PERMISSION_DENIED, etcdserver: permission denied, SecretAccessDeniedException",
    "RESOURCE_EXHAUSTED, etcdserver: mvcc: database space exceeded, SecretStorageException",
    "UNAVAILABLE, etcdserver: leader changed, SecretUnavailableException",
  })
  void code_andWhatTheServerSays_decide(Status.Code code, String text, String type) {
    SecretManagerException trouble = EtcdTrouble.of(
        Status.fromCode(code).withDescription(text).asRuntimeException(), "store of the test");
    assertThat(trouble.getClass().getSimpleName()).isEqualTo(type);
    assertThat(trouble).hasMessageContaining(code.name()).hasMessageNotContaining("etcdserver");
  }
}
