package tech.tailor.secretmanager.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.store.SecretStore;

/** Shows and changes the labels of a vault or a secret. */
@Command(
    name = "labels",
    description = "Shows the labels of a secret, or of a vault, and changes them.",
    footer = {
      "",
      "Labels are no secret.",
      "",
      "Examples:",
      "  secretmanager labels default/api-key",
      "  secretmanager labels default/api-key --set team=orders --remove owner",
      "  secretmanager labels -V default"
    })
final class SecretLabelsCommand extends ChangeCommand {

  @Mixin
  SecretAddress secret = new SecretAddress();

  @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Add or replace. Repeatable.")
  List<String> set = new ArrayList<>();

  @Option(names = "--remove", paramLabel = "KEY", description = "Take away. Repeatable.")
  List<String> remove = new ArrayList<>();

  SecretLabelsCommand(Io io) {
    super(io);
  }

  @Override
  int run(SecretStore store) throws IOException {
    String vault = secret.vault;
    boolean ofVault = secret.address == null && secret.name == null && vault != null;
    SecretRef ref = ofVault ? null : secret.ref();
    Map<String, String> labels = new TreeMap<>(
        ref == null
            ? store.vaultLabels(String.valueOf(vault))
            : store.labels(ref.vault(), ref.name()));
    if (set.isEmpty() && remove.isEmpty()) {
      show(labels);
      return OK;
    }
    List<String> named = new ArrayList<>();
    for (String label : set) {
      int equals = label.indexOf('=');
      if (equals < 0) {
        throw CliException.usage("--set must be KEY=VALUE.");
      }
      named.add(label.substring(0, equals));
      labels.put(label.substring(0, equals), label.substring(equals + 1));
    }
    labels.keySet().removeAll(remove);
    ManagedVaults managed = confirmed(store, ref == null ? String.valueOf(vault) : ref.vault());
    if (ref == null) {
      store.setVaultLabels(String.valueOf(vault), labels);
    } else {
      store.setLabels(ref.vault(), ref.name(), labels);
    }
    if (ref != null || !ManagedVaults.nameDeployment(named)) { // not what was just asked for
      managed.release();
    }
    output()
        .done(
            "Labels: " + (ref == null ? vault : ref) + " has " + labels.size()
                + (labels.size() == 1 ? " label" : " labels"),
            changed("labels", labels));
    return OK;
  }

  private void show(Map<String, String> labels) {
    if (json) {
      output().json(labels);
      return;
    }
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    labels.forEach((key, value) -> rows.add(Json.object("key", key, "value", value)));
    output().rows(rows);
  }
}
