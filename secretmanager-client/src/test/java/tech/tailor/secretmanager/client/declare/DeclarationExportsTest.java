package tech.tailor.secretmanager.client.declare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static tech.tailor.secretmanager.SecretDefinition.defineSecret;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.DeclaredSecret;
import tech.tailor.secretmanager.SecretDefinition;

/**
 * The exports, beside golden files and before the programs that read them. To accept a change, run
 * with {@code -Dexports.update=true} and review the files.
 */
class DeclarationExportsTest {

  private static final ObjectMapper JACKSON = new ObjectMapper();
  private static final Path GOLDEN =
      Path.of("src/test/resources/tech/tailor/secretmanager/client/exports");

  /** What each syntax could trip over. */
  private static final String AWKWARD =
      "\"quoted\" 'single' `tick` \\ */ // ${var.x} $${y} %{if} %%{z} <b> é 😀 \u202e \u00a0";

  private static final SecretDefinition ONE =
      defineSecret("my-secrets").secret("api-key", "External API key").build();

  private static final SecretDefinition[] SEVERAL = {
    defineSecret("my-secrets")
        .secret("api-key", "External API key")
        .secret("webhook-token", secret -> secret.description("Signs webhooks").optional())
        .secret("awkward-key", secret -> secret.description(AWKWARD).valueVersion(3))
        .build(),
    defineSecret("default").secret("class", "").build(),
    defineSecret("0-and--more").secret("1--2---3", "Looks like arithmetic").build()
  };

  @TempDir
  Path work;

  @Test
  void terraform_isAsAgreed() throws Exception {
    assertIsGolden("secrets.tf.json", DeclarationExports.terraformJson(SEVERAL));
  }

  @Test
  void typeScript_isAsAgreed() throws Exception {
    assertIsGolden("secrets.ts", DeclarationExports.typeScript(SEVERAL));
  }

  @Test
  void typeScriptOfOneVault_isAsInTheDocumentationOfTailor() {
    assertThat(DeclarationExports.typeScript(ONE)).isEqualTo("""
            import { defineSecret } from "@tailor-platform/sdk";

            export const secrets = defineSecret("my-secrets", {
              "api-key": { description: "External API key" },
            });
            """);
  }

  @Test
  void terraform_isJson_withTheDescriptionsAsTheyWere() throws Exception {
    JsonNode root = JACKSON.readTree(DeclarationExports.terraformJson(SEVERAL));

    assertThat(root.at("/variable/my_secrets__awkward_key/description").textValue())
        .isEqualTo(AWKWARD);
    root.get("variable").properties().forEach(variable -> {
      boolean plain =
          Set.of("workspace_id", "my_secrets__webhook_token__wanted").contains(variable.getKey());
      assertThat(variable.getValue().path("sensitive").asBoolean()).isNotEqualTo(plain);
      assertThat(variable.getValue().path("ephemeral").asBoolean()).isNotEqualTo(plain);
    });
    root.at("/resource/tailor_secretmanager_secret")
        .properties()
        .forEach(secret -> assertThat(secret.getValue().get("value_wo").textValue())
            .isEqualTo("${var." + secret.getKey() + "}"));
  }

  @Test
  void identifiers_areLegal_andNoTwoSecretsHaveTheSame() throws Exception {
    Random random = new Random(0x7e44a);
    Map<String, Set<String>> namesByVault = new TreeMap<>();
    for (int i = 0; i < 5_000; i++) {
      namesByVault
          .computeIfAbsent(randomName(random), vault -> new HashSet<>())
          .add(randomName(random));
    }
    List<SecretDefinition> definitions = new ArrayList<>();
    int declared = 0;
    for (Map.Entry<String, Set<String>> vault : namesByVault.entrySet()) {
      SecretDefinition.Builder builder = defineSecret(vault.getKey());
      vault.getValue().forEach(name -> builder.secret(name, secret -> secret.optional()));
      definitions.add(builder.build());
      declared += vault.getValue().size();
    }
    SecretDefinition[] all = definitions.toArray(SecretDefinition[]::new);

    JsonNode root = JACKSON.readTree(DeclarationExports.terraformJson(all));

    assertThat(root.at("/resource/tailor_secretmanager_vault")).hasSize(namesByVault.size());
    assertThat(root.at("/resource/tailor_secretmanager_secret")).hasSize(declared);
    assertThat(root.get("variable")).hasSize(2 * declared + 1);
    root.get("variable")
        .fieldNames()
        .forEachRemaining(name -> assertThat(name).matches("[a-z_][a-z0-9_]*"));
    String[] constants = DeclarationExports.typeScript(all)
        .lines()
        .filter(line -> line.startsWith("export const "))
        .map(line -> line.split(" ", -1)[2])
        .toArray(String[]::new);
    assertThat(constants)
        .hasSize(namesByVault.size())
        .doesNotHaveDuplicates()
        .allMatch(constant -> constant.matches("vault_[a-z0-9_]+"));
  }

  @Test
  void nothingDeclared_orDeclaredTwice_isRefused() {
    assertThatIllegalArgumentException().isThrownBy(DeclarationExports::terraformJson);
    assertThatIllegalArgumentException().isThrownBy(DeclarationExports::typeScript);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DeclarationExports.terraformJson(ONE, ONE))
        .withMessageContaining("my-secrets/api-key");
  }

  @Test
  void twoDefinitionsOfOneVault_areOneVault() throws Exception {
    SecretDefinition more = defineSecret("my-secrets").secret("another-key", "").build();

    JsonNode root = JACKSON.readTree(DeclarationExports.terraformJson(ONE, more));

    assertThat(root.at("/resource/tailor_secretmanager_vault")).hasSize(1);
    assertThat(root.at("/resource/tailor_secretmanager_secret")).hasSize(2);
    assertThat(DeclarationExports.typeScript(ONE, more)).containsOnlyOnce("defineSecret(\"");
  }

  @Test
  void terraform_loadsTheExport() throws Exception {
    requireTerraform();
    write("secrets.tf.json", DeclarationExports.terraformJson(SEVERAL));

    // The provider isn't at hand, so that this is as far as it goes with the export as it is.
    assertThat(run(0, Map.of(), "terraform", "providers")).contains("tailor-platform/tailor");
    System.out.println("terraform export: loaded by terraform");
  }

  @Test
  void terraform_control_whatIsNoConfiguration_isRefused() throws Exception {
    requireTerraform();
    String export = DeclarationExports.terraformJson(SEVERAL);
    List<String> broken = List.of(
        export.replace("\"my_secrets__api_key\"", "\"0my_secrets__api_key\""),
        export.replace("\"type\": \"bool\"", "\"type\": \"boolean\""),
        export.replaceFirst("\\}\\s*$", ""));
    for (String text : broken) {
      write("secrets.tf.json", text);
      run(1, Map.of(), "terraform", "providers");
    }
  }

  /**
   * The same with resources that Terraform itself has in place of the provider's: its identifiers,
   * expressions and types are checked, and it shows the descriptions when it asks for values.
   */
  @Test
  void terraform_understandsTheExpressions_andShowsTheDescriptionsAsTheyWere() throws Exception {
    requireTerraform();
    write("secrets.tf.json", withBuiltInResources(DeclarationExports.terraformJson(SEVERAL)));
    run(0, Map.of(), "terraform", "init", "-backend=false", "-no-color");
    run(0, Map.of(), "terraform", "validate", "-no-color");

    Map<String, String> values = new TreeMap<>();
    Stream.of(
            "workspace_id",
            "my_secrets__api_key",
            "my_secrets__webhook_token",
            "my_secrets__awkward_key",
            "default__class",
            "_0_and___more__1___2_____3")
        .forEach(variable -> values.put("TF_VAR_" + variable, "made up"));
    values.put("TF_VAR_my_secrets__webhook_token__wanted", "true");
    // One at a time: at the end of its input, Terraform may hang when it asks for a second one.
    assertThat(asksFor("my_secrets__awkward_key", values)).contains(AWKWARD);
    assertThat(asksFor("my_secrets__api_key", values)).contains("External API key");
    assertThat(asksFor("_0_and___more__1___2_____3", values)).contains("Looks like arithmetic");
    assertThat(run(0, values, "terraform", "plan", "-no-color", "-input=false"))
        .contains("terraform_data.my_secrets__webhook_token[0] will be created")
        .contains("terraform_data._0_and___more__1___2_____3 will be created")
        .contains("Plan: 8 to add");
    System.out.println("terraform export: validated and planned with built-in resources");
  }

  /** What Terraform says when it has a value for each variable but one. */
  private String asksFor(String variable, Map<String, String> values) throws Exception {
    Map<String, String> others = new TreeMap<>(values);
    assertThat(others.remove("TF_VAR_" + variable)).isNotNull();
    return run(1, others, "terraform", "plan", "-no-color");
  }

  @Test
  void terraform_control_anExpressionThatNamesNothing_isRefused() throws Exception {
    requireTerraform();
    write(
        "secrets.tf.json",
        withBuiltInResources(DeclarationExports.terraformJson(SEVERAL))
            .replace("${var.my_secrets__api_key}", "${var.my_secrets_api_key}"));
    run(0, Map.of(), "terraform", "init", "-backend=false", "-no-color");

    assertThat(run(1, Map.of(), "terraform", "validate", "-no-color"))
        .contains("undeclared input variable");
  }

  /** It has no types in it, so that it is JavaScript as well: node runs it. */
  @Test
  void typeScript_declaresInJavaScriptWhatWasDeclared() throws Exception {
    requireProgram("node");
    Path sdk = work.resolve("node_modules/@tailor-platform/sdk");
    Files.createDirectories(sdk);
    Files.writeString(
        sdk.resolve("package.json"),
        "{\"name\":\"@tailor-platform/sdk\",\"type\":\"module\",\"exports\":\"./index.js\"}");
    Files.writeString(
        sdk.resolve("index.js"),
        "export const defineSecret = (vault, secrets) => ({vault, secrets});");
    write("secrets.mjs", DeclarationExports.typeScript(SEVERAL));
    write(
        "show.mjs",
        "import * as all from './secrets.mjs'; console.log(JSON.stringify(Object.values(all)));");

    JsonNode shown = JACKSON.readTree(run(0, Map.of(), "node", "show.mjs"));

    Map<String, Map<String, String>> actual = new TreeMap<>();
    shown.forEach(vault -> {
      Map<String, String> descriptions = new TreeMap<>();
      vault
          .get("secrets")
          .properties()
          .forEach(secret -> descriptions.put(
              secret.getKey(), secret.getValue().get("description").textValue()));
      actual.put(vault.get("vault").textValue(), descriptions);
    });
    Map<String, Map<String, String>> expected = new TreeMap<>();
    for (SecretDefinition definition : SEVERAL) {
      Map<String, String> descriptions = new TreeMap<>();
      for (DeclaredSecret secret : definition.secrets()) {
        descriptions.put(secret.ref().name(), secret.description());
      }
      expected.put(definition.vault(), descriptions);
    }
    assertThat(actual).isEqualTo(expected);
    System.out.println("TypeScript export: run by node");
  }

  private static String withBuiltInResources(String export) throws Exception {
    ObjectNode root = (ObjectNode) JACKSON.readTree(export.replaceAll(
        "\\$\\{tailor_secretmanager_vault\\.([a-z0-9_]+)\\.name\\}",
        "\\${terraform_data.$1.input.name}"));
    ObjectNode resources = JACKSON.createObjectNode();
    ObjectNode values = JACKSON.createObjectNode();
    for (String type : List.of("tailor_secretmanager_vault", "tailor_secretmanager_secret")) {
      root.at("/resource/" + type).properties().forEach(resource -> {
        ObjectNode arguments = (ObjectNode) resource.getValue();
        ObjectNode builtIn = resources.putObject(resource.getKey());
        JsonNode count = arguments.remove("count");
        if (count != null) {
          builtIn.set("count", count);
        }
        JsonNode value = arguments.remove("value_wo");
        if (value != null) {
          values.set(resource.getKey(), value);
        }
        builtIn.set("input", arguments);
      });
    }
    root.remove("terraform");
    root.putObject("resource").set("terraform_data", resources);
    root.set("locals", values);
    return root.toString();
  }

  private static void assertIsGolden(String file, String actual) throws Exception {
    if (Boolean.getBoolean("exports.update")) {
      Files.writeString(GOLDEN.resolve(file), actual);
    }
    assertThat(actual).isEqualTo(Files.readString(GOLDEN.resolve(file)));
  }

  private static String randomName(Random random) {
    String letters = "ab1---";
    StringBuilder name = new StringBuilder();
    name.append("ab1".charAt(random.nextInt(3)));
    for (int i = 1 + random.nextInt(4); i > 0; i--) {
      name.append(letters.charAt(random.nextInt(letters.length())));
    }
    return name.append("ab1".charAt(random.nextInt(3))).toString();
  }

  private void write(String file, String text) throws Exception {
    Files.writeString(work.resolve(file), text);
  }

  private void requireTerraform() throws Exception {
    requireProgram("terraform");
    String version = JACKSON
        .readTree(run(0, Map.of(), "terraform", "version", "-json"))
        .path("terraform_version")
        .asText();
    require(version.matches("1\\.(1[1-9]|[2-9][0-9]).*|[2-9].*"), "terraform is older than 1.11");
  }

  private static void requireProgram(String program) {
    boolean there = Stream.of(
            System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
        .filter(directory -> !directory.isEmpty())
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
    require(there, "there is no " + program);
  }

  private static void require(boolean holds, String reason) {
    if (!holds) {
      System.out.println("SKIPPED: an export before the program that reads it: " + reason);
    }
    assumeTrue(holds, "SKIPPED: " + reason);
  }

  /** The standard output of a program, run in the working directory; both outputs if it failed. */
  private String run(int status, Map<String, String> environment, String... command)
      throws Exception {
    Path out = work.resolve("out");
    Path err = work.resolve("err");
    ProcessBuilder builder = new ProcessBuilder(command)
        .directory(work.toFile())
        .redirectOutput(out.toFile())
        .redirectError(err.toFile());
    builder.environment().putAll(Map.of("CHECKPOINT_DISABLE", "1", "TF_IN_AUTOMATION", "1"));
    builder.environment().putAll(environment);
    Process process = builder.start();
    try {
      process.getOutputStream().close();
      assertThat(process.waitFor(5, TimeUnit.MINUTES))
          .as("%s ends", List.of(command))
          .isTrue();
      String printed = Files.readString(out);
      String both = printed + Files.readString(err);
      assertThat(process.exitValue()).as(both).isEqualTo(status);
      return status == 0 ? printed : both;
    } finally {
      process.destroyForcibly();
    }
  }
}
