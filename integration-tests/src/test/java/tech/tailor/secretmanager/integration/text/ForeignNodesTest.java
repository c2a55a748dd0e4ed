package tech.tailor.secretmanager.integration.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.gson.Gson;
import com.google.gson.JsonParser;
import java.io.StringReader;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretTemplate;
import tech.tailor.secretmanager.testing.FakeSecretManager;

/**
 * Configurations as the libraries of applications read them: as maps they are resolved, as trees of
 * nodes they are refused, and never passed on as they are.
 */
class ForeignNodesTest {

  private static final List<String> DOCUMENTS = List.of(
      "\"${secret@api-keys/token}\"",
      "\"${secret:api-keys/token}\"",
      "{\"vault\": \"api-keys\", \"key\": \"token\"}",
      "{\"vault_name\": \"api-keys\", \"secret_name\": \"token\"}",
      "{\"vault_name\": \"api-keys\", \"secret_key\": \"token\"}",
      "{\"vaultName\": \"api-keys\", \"secretKey\": \"token\"}");

  private static final ObjectMapper JACKSON = new ObjectMapper();
  private static final tools.jackson.databind.ObjectMapper JACKSON_3 =
      new tools.jackson.databind.ObjectMapper();
  private static final Gson GSON = new Gson();

  @ParameterizedTest
  @MethodSource("nodes")
  void node_isRefused_whereverItIs(Object node) {
    Map<String, Object> mixed = new HashMap<>();
    mixed.put("vault", node);
    mixed.put("key", "token");
    for (Map<String, ?> configuration : List.of(
        Map.of("client", node),
        Map.of("clients", List.of(Map.of("secret", node))),
        Map.of("client", mixed))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> SecretTemplate.in(configuration))
          .withMessageContaining("client")
          .withMessageContaining("references are not looked for");
    }
    assertThatIllegalArgumentException().isThrownBy(() -> SecretTemplate.whole(node));
    assertThatIllegalArgumentException().isThrownBy(() -> SecretTemplate.whole(mixed));
  }

  static Stream<Object> nodes() throws Exception {
    Stream.Builder<Object> nodes = Stream.builder();
    for (String document : DOCUMENTS) {
      for (String each : List.of(document, "[" + document + "]", "{\"in\": " + document + "}")) {
        nodes.add(JACKSON.readTree(each));
        nodes.add(JACKSON_3.readTree(each));
        nodes.add(JsonParser.parseString(each));
        nodes.add(new Yaml().compose(new StringReader(each)));
      }
    }
    return nodes.build();
  }

  @ParameterizedTest
  @MethodSource("maps")
  void map_isResolved_whoeverReadIt(Map<String, ?> configuration) {
    try (FakeSecretManager secrets = FakeSecretManager.with("api-keys", "token", "t0ken")) {
      SecretManager secretManager = secrets;

      assertThat(SecretTemplate.in(configuration).reveal(secretManager))
          .isEqualTo(Map.of("clients", List.of(Map.of("secret", "t0ken"))));
    }
  }

  static Stream<Arguments> maps() throws Exception {
    Stream.Builder<Arguments> maps = Stream.builder();
    for (String document : DOCUMENTS) {
      String whole = "{\"clients\": [{\"secret\": " + document + "}]}";
      maps.add(Arguments.of(JACKSON.readValue(whole, Map.class)));
      maps.add(Arguments.of(JACKSON.convertValue(JACKSON.readTree(whole), Map.class)));
      maps.add(Arguments.of(JACKSON_3.readValue(whole, Map.class)));
      maps.add(Arguments.of(GSON.fromJson(whole, Map.class)));
      Map<String, ?> yaml = new Yaml(new SafeConstructor(new LoaderOptions())).load(whole);
      maps.add(Arguments.of(yaml));
    }
    return maps.build();
  }
}
