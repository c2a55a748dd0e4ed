package tech.tailor.secretmanager.postgresql;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.envelope.shared.StoredValue;
import tech.tailor.secretmanager.spi.StoreContent.Secret;
import tech.tailor.secretmanager.spi.StoreContent.Version;
import tech.tailor.secretmanager.store.SecretVersionInfo.State;

/** What a commit changed of one secret, in the words of the trail. */
final class SecretChanges {

  private SecretChanges() {}

  static List<Change> between(
      String vault, @Nullable Secret<StoredValue> was, @Nullable Secret<StoredValue> next) {
    List<Change> changes = new ArrayList<>();
    boolean replaced = was != null && (next == null || !was.id().equals(next.id()));
    if (was != null && replaced) {
      changes.add(new Change(vault, was.name(), Change.DELETE, was.current().number()));
    }
    if (next == null) {
      return changes;
    }
    long current = next.current().number();
    if (was == null || replaced) {
      changes.add(new Change(vault, next.name(), Change.CREATE, current));
    } else {
      if (current > was.current().number()) {
        changes.add(new Change(vault, next.name(), Change.UPDATE, current));
      }
      changes.addAll(states(vault, was, next));
    }
    Map<String, String> labels = was == null || replaced ? Map.of() : was.labels();
    if (!labels.equals(next.labels())) {
      changes.add(new Change(vault, next.name(), Change.LABELS, 0));
    }
    String description = was == null || replaced ? "" : was.description();
    if (!description.equals(next.description())) {
      changes.add(new Change(vault, next.name(), Change.DESCRIPTION, 0));
    }
    return changes;
  }

  private static List<Change> states(
      String vault, Secret<StoredValue> was, Secret<StoredValue> next) {
    List<Change> changes = new ArrayList<>();
    for (Version<StoredValue> version : next.versions()) {
      for (Version<StoredValue> old : was.versions()) {
        if (old.number() == version.number() && old.state() != version.state()) {
          changes.add(new Change(vault, next.name(), word(version.state()), version.number()));
        }
      }
    }
    return changes;
  }

  private static String word(State state) {
    return switch (state) {
      case ENABLED -> Change.ENABLE;
      case DISABLED -> Change.DISABLE;
      case DESTROYED -> Change.DESTROY;
    };
  }
}
