package tech.tailor.secretmanager.testing.emulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WireTest {

  /**
   * The numbers of the fields, as the descriptors say that Tailor publishes with its SDK
   * (tailor-platform/sdk, packages/tailor-proto). They stand here once more, since a client that is
   * made from our own descriptors agrees with any mistake in them. A message that is missing here
   * has no field. The published ones may have more, which nobody here asks for.
   */
  private static final String PUBLISHED = """
      AuthInvoker namespace=1 machine_user_name=2
      BulkSetMetadataRequest requests=1
      BulkSetMetadataResponse results=1
      BulkSetMetadataResult trn=1 metadata=2
      CreateSecretManagerSecretRequest workspace_id=1 secretmanager_vault_name=2 \
      secretmanager_secret_name=3 secretmanager_secret_value=4
      CreateSecretManagerSecretResponse secret=1
      CreateSecretManagerVaultRequest workspace_id=1 secretmanager_vault_name=2
      CreateSecretManagerVaultResponse vault=1
      DeleteSecretManagerSecretRequest workspace_id=1 secretmanager_vault_name=2 \
      secretmanager_secret_name=3
      DeleteSecretManagerVaultRequest workspace_id=1 secretmanager_vault_name=2
      FunctionErrorInfo name=1 message=2
      FunctionExecution id=1 workspace_id=2 script_name=3 status=4 logs=5 started_at=6 \
      finished_at=7 type=8 result=9 error=10 error_kind=11
      GetFunctionExecutionRequest workspace_id=1 execution_id=2
      GetFunctionExecutionResponse execution=1
      GetMetadataRequest trn=1
      GetMetadataResponse metadata=1
      GetSecretManagerSecretRequest workspace_id=1 secretmanager_vault_name=2 \
      secretmanager_secret_name=3
      GetSecretManagerSecretResponse secret=1
      GetSecretManagerVaultRequest workspace_id=1 secretmanager_vault_name=2
      GetSecretManagerVaultResponse vault=1
      ListMetadataRequest workspace_id=1 labels=2 page_token=3 page_size=4 page_direction=5
      ListMetadataResponse results=1 next_page_token=2 total_count=3
      ListMetadataResult trn=1 metadata=2
      ListSecretManagerSecretsRequest workspace_id=1 secretmanager_vault_name=2 page_token=3 \
      page_size=4 page_direction=5
      ListSecretManagerSecretsResponse secrets=1 next_page_token=2 total_count=3
      ListSecretManagerVaultsRequest workspace_id=1 page_token=2 page_size=3 page_direction=4
      ListSecretManagerVaultsResponse vaults=1 next_page_token=2 total_count=3
      Metadata labels=1
      SecretManagerSecret name=1 create_time=2 update_time=3
      SecretManagerVault name=1 create_time=2 update_time=3
      SetMetadataRequest trn=1 labels=2
      SetMetadataResponse metadata=1
      TestExecScriptRequest workspace_id=1 name=2 code=3 arg=4 invoker=5
      TestExecScriptResponse result=1 execution_id=3
      UpdateSecretManagerSecretRequest workspace_id=1 secretmanager_vault_name=2 \
      secretmanager_secret_name=3 secretmanager_secret_value=4
      UpdateSecretManagerSecretResponse secret=1
      """;

  @Test
  void operatorService_hasTheNumbersThatArePublished() {
    List<String> ours = Wire.OPERATOR.getMessageTypes().stream()
        .filter(message -> !message.getFields().isEmpty())
        .map(message -> message.getName() + " "
            + message.getFields().stream()
                .map(field -> field.getName() + "=" + field.getNumber())
                .collect(Collectors.joining(" ")))
        .sorted()
        .toList();

    assertThat(ours).containsExactlyElementsOf(PUBLISHED.lines().toList());
  }

  /** {@code docs/proto} is generated from the table; -Dapi.update=true writes it again. */
  @ParameterizedTest
  @ValueSource(strings = {"tailor/v1/operator.proto", "tailor/secretmanager/v1/runtime.proto"})
  void protoFiles_areWhatTheTableSays(String name) throws IOException {
    Path file = Path.of("..", "docs", "proto", name);
    String text = ProtoText.of(name.contains("operator") ? Wire.OPERATOR : Wire.RUNTIME);
    if (Boolean.getBoolean("api.update")) {
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
    }

    assertThat(file).hasContent(text);
  }
}
