package tech.tailor.secretmanager.cli;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import tech.tailor.secretmanager.store.AuditedSecretStore;
import tech.tailor.secretmanager.store.SecretStore;
import tech.tailor.secretmanager.store.VersionedSecretStore;

/** A command about one store, which it opens and closes. */
abstract class StoreCommand extends CliCommand {

  @Mixin
  ConnectionOptions connection = new ConnectionOptions();

  StoreCommand(Io io) {
    super(io);
  }

  /** Does it. */
  abstract int run(SecretStore store) throws IOException, InterruptedException;

  @Override
  public Integer call() throws IOException, InterruptedException {
    try (SecretStore store = connection.open(io())) {
      return run(store);
    }
  }

  /** What a change prints as JSON. */
  final Map<String, @Nullable Object> changed(@Nullable Object... namesAndValues) {
    Map<String, @Nullable Object> object = new LinkedHashMap<>();
    object.put("changed", true);
    object.put("workspaceId", connection.workspace(io()));
    object.putAll(Json.object(namesAndValues));
    return object;
  }

  /** The store as one that keeps versions. */
  static VersionedSecretStore versioned(SecretStore store) {
    if (store instanceof VersionedSecretStore versioned) {
      return versioned;
    }
    throw CliException.of(
        "UNSUPPORTED",
        "This store keeps no versions of a secret.",
        "A store in a file, in PostgreSQL or in etcd does.");
  }

  /** The store as one that keeps a trail of its changes. */
  static AuditedSecretStore audited(SecretStore store) {
    if (store instanceof AuditedSecretStore audited) {
      return audited;
    }
    throw CliException.of(
        "UNSUPPORTED",
        "This store keeps no trail of its changes.",
        "A store in PostgreSQL does (jdbc:postgresql://HOST/DATABASE?secretmanager.workspace=NAME).");
  }
}
