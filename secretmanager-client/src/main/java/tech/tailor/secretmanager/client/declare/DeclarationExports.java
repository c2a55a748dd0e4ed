package tech.tailor.secretmanager.client.declare;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tech.tailor.secretmanager.DeclaredSecret;
import tech.tailor.secretmanager.SecretDefinition;
import tech.tailor.secretmanager.SecretRef;

/**
 * Writes declared secrets in the form that other tools of Tailor Platform take: names and
 * descriptions, never a value. The same declaration always gives the same text, to be kept in
 * version control; it ends with a line feed.
 */
public final class DeclarationExports {

  private DeclarationExports() {}

  /**
   * The declared vaults and secrets as Terraform resources, in Terraform's JSON syntax: the content
   * of a file such as {@code secrets.tf.json}, for Terraform 1.11 or newer.
   *
   * <p>A value is given when Terraform is applied, through a variable that is neither shown nor
   * stored; for the secret {@code api-key} of the vault {@code my-secrets} that is
   * {@code my_secrets__api_key}, whose environment variable is {@code TF_VAR_my_secrets__api_key}.
   * It is sent again when the declared value version changes. An optional secret is created if
   * {@code my_secrets__api_key__wanted} is true. {@code workspace_id} names the workspace.
   *
   * @throws IllegalArgumentException if there is no definition, or two declare the same secret
   */
  public static String terraformJson(SecretDefinition... definitions) {
    Map<String, List<DeclaredSecret>> byVault = byVault(definitions);
    Map<String, Object> variables = new LinkedHashMap<>();
    Map<String, Object> vaults = new LinkedHashMap<>();
    Map<String, Object> secrets = new LinkedHashMap<>();
    variables.put(
        "workspace_id",
        object("type", "string", "description", "The workspace that holds the secrets"));
    byVault.forEach((vault, declared) -> {
      vaults.put(identifier(vault), object("workspace_id", "${var.workspace_id}", "name", vault));
      declared.forEach(secret -> addSecret(secret, variables, secrets));
    });
    return Json.indented(object(
        "terraform",
        object(
            "required_version",
            ">= 1.11.0",
            "required_providers",
            object("tailor", object("source", "tailor-platform/tailor"))),
        "variable",
        variables,
        "resource",
        object("tailor_secretmanager_vault", vaults, "tailor_secretmanager_secret", secrets)));
  }

  /**
   * The declared secrets as a source of the TypeScript SDK: a constant by {@code defineSecret} for
   * each vault. The constant of a single vault is {@code secrets}; of several, the one of
   * {@code my-secrets} is {@code vault_my_secrets}.
   *
   * @throws IllegalArgumentException if there is no definition, or two declare the same secret
   */
  public static String typeScript(SecretDefinition... definitions) {
    Map<String, List<DeclaredSecret>> byVault = byVault(definitions);
    StringBuilder source =
        new StringBuilder("import { defineSecret } from \"@tailor-platform/sdk\";\n");
    byVault.forEach((vault, declared) -> {
      source
          .append("\nexport const ")
          .append(byVault.size() == 1 ? "secrets" : "vault_" + vault.replace('-', '_'))
          .append(" = defineSecret(")
          .append(Json.quoted(vault))
          .append(", {\n");
      declared.forEach(secret -> source
          .append("  ")
          .append(Json.quoted(secret.ref().name()))
          .append(": { description: ")
          .append(Json.quoted(secret.description()))
          .append(secret.isRequired() ? " },\n" : " }, // optional\n"));
      source.append("});\n");
    });
    return source.toString();
  }

  private static void addSecret(
      DeclaredSecret secret, Map<String, Object> variables, Map<String, Object> secrets) {
    SecretRef ref = secret.ref();
    String identifier = identifier(ref.vault()) + "__" + hyphensReplaced(ref.name());
    // A variable's description is taken as it stands, not as a template: nothing to escape.
    Map<String, Object> variable = object("type", "string", "description", secret.description());
    Map<String, Object> resource = new LinkedHashMap<>();
    if (!secret.isRequired()) {
      String wanted = identifier + "__wanted";
      variable.put("default", null);
      variables.put(
          wanted,
          object(
              "type",
              "bool",
              "description",
              "Whether to create the optional secret " + ref,
              "default",
              false));
      resource.put("count", "${var." + wanted + " ? 1 : 0}");
    }
    variable.put("sensitive", true);
    variable.put("ephemeral", true);
    variables.put(identifier, variable);
    resource.put("workspace_id", "${var.workspace_id}");
    resource.put(
        "vault_name", "${tailor_secretmanager_vault." + identifier(ref.vault()) + ".name}");
    resource.put("name", ref.name());
    resource.put("value_wo", "${var." + identifier + "}");
    resource.put("value_wo_version", secret.valueVersion());
    secrets.put(identifier, resource);
  }

  /**
   * A vault's identifier. None begins with a digit, and no two vaults have the same: a name has
   * neither an underscore nor a hyphen at its beginning.
   */
  private static String identifier(String vault) {
    boolean digitFirst = Character.isDigit(vault.charAt(0));
    return (digitFirst ? "_" : "") + hyphensReplaced(vault);
  }

  /**
   * A name with underscores, as variables of the environment need them: one for a hyphen, and two
   * more for each further hyphen of a row. So exactly two occur nowhere but where names are joined,
   * and no two secrets have the same identifier.
   */
  private static String hyphensReplaced(String name) {
    return name.replaceAll("(?<=-)-", "__").replace('-', '_');
  }

  private static Map<String, List<DeclaredSecret>> byVault(SecretDefinition... definitions) {
    requireNonNull(definitions, "definitions");
    if (definitions.length == 0) {
      throw new IllegalArgumentException("No definition is given");
    }
    Map<String, List<DeclaredSecret>> byVault = new LinkedHashMap<>();
    Set<SecretRef> seen = new LinkedHashSet<>();
    for (SecretDefinition definition : definitions) {
      for (DeclaredSecret secret : requireNonNull(definition, "a definition").secrets()) {
        if (!seen.add(secret.ref())) {
          throw new IllegalArgumentException(
              "The secret " + secret.ref() + " is declared by two definitions");
        }
        byVault
            .computeIfAbsent(secret.ref().vault(), vault -> new ArrayList<>())
            .add(secret);
      }
    }
    return byVault;
  }

  private static Map<String, Object> object(Object... namesAndValues) {
    Map<String, Object> object = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      object.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return object;
  }
}
