package tech.tailor.secretmanager;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.ReferenceText.Place;

/**
 * Finds the references in a configuration, and makes of it a template that can be filled with their
 * values. Not thread-safe; the templates are.
 */
final class ReferenceFinder {

  private static final int DEEPEST = 64;
  private static final int MOST_VALUES = 100_000;

  /** The two members of an object that is a reference: in Terraform, SDKs and the protocol. */
  private static final Set<String> FORMS =
      Set.of("vault key", "vault_name secret_name", "vault_name secret_key", "vaultName secretKey");

  private static final List<String> VAULT_MEMBERS = List.of("vault", "vault_name", "vaultName");
  private static final List<String> NAME_MEMBERS =
      List.of("key", "secret_name", "secret_key", "secretKey", "secretName");

  private final Set<SecretRef> refs = new LinkedHashSet<>();
  private int values;

  /** A configuration with gaps. */
  interface Template<T> {
    T fill(Map<SecretRef, String> values);
  }

  /** One of its values, with gaps. */
  private interface Slot {
    @Nullable
    Object fill(Map<SecretRef, String> values);
  }

  /** What was found, in the order of its first occurrence. */
  Set<SecretRef> refs() {
    return Collections.unmodifiableSet(refs);
  }

  Template<String> text(String text, Place place) {
    return ReferenceText.parse(text, place, refs::add)::fill;
  }

  Template<Map<String, @Nullable Object>> map(Map<String, ?> map) {
    if (reference(map, Place.ITSELF).isPresent()) {
      throw new IllegalArgumentException(
          "The configuration is itself a reference to a secret; give the map that holds it, or read"
              + " it with SecretTemplate.whole");
    }
    return entries(map, Place.ITSELF, 1);
  }

  Template<Properties> properties(Properties properties) {
    Map<Object, Slot> slots = new LinkedHashMap<>();
    properties.forEach((key, value) -> slots.put(key, value(value, Place.ITSELF.key(key), 1)));
    for (String name : properties.stringPropertyNames()) { // the defaults as well
      slots.computeIfAbsent(
          name, key -> value(properties.getProperty(name), Place.ITSELF.key(name), 1));
    }
    return found -> {
      Properties filled = new Properties();
      slots.forEach((key, slot) -> filled.put(key, slot.fill(found)));
      return filled;
    };
  }

  /**
   * The secret that the value refers to, if it is a reference and nothing else.
   *
   * @throws IllegalArgumentException if it is a malformed reference
   */
  static Optional<SecretRef> whole(Object value) {
    if (value instanceof SecretRef ref) {
      return Optional.of(ref);
    }
    if (value instanceof Map<?, ?> map) {
      Optional<SecretRef> ref = reference(map, Place.ITSELF);
      if (ref.isEmpty()) {
        map.forEach((key, member) -> requireResolvable(member, Place.ITSELF.key(key)));
      }
      return ref;
    }
    if (value instanceof CharSequence text) {
      List<SecretRef> found = new ArrayList<>();
      ReferenceText parsed = ReferenceText.parse(text.toString(), Place.ITSELF, found::add);
      return parsed.isOneReference() ? Optional.of(found.get(0)) : Optional.empty();
    }
    requireResolvable(value, Place.ITSELF);
    return Optional.empty();
  }

  private Slot value(@Nullable Object value, Place place, int depth) {
    if (depth > DEEPEST || ++values > MOST_VALUES) {
      throw new IllegalArgumentException("The configuration is deeper than " + DEEPEST
          + " levels or larger than " + MOST_VALUES + " values; does it hold itself?");
    }
    if (value instanceof CharSequence text) {
      return text(text.toString(), place)::fill;
    }
    if (value instanceof SecretRef ref) {
      return slot(ref);
    }
    if (value instanceof Map<?, ?> map) {
      Optional<SecretRef> ref = reference(map, place);
      return ref.isPresent() ? slot(ref.get()) : entries(map, place, depth + 1)::fill;
    }
    if (value instanceof Collection<?> collection) {
      return elements(collection, place, depth + 1);
    }
    requireResolvable(value, place);
    return found -> value;
  }

  /** Refuses what would be passed on with a reference in it that nobody has looked for. */
  private static void requireResolvable(@Nullable Object value, Place place) {
    if (value == null
        || value instanceof CharSequence
        || value instanceof SecretRef
        || value instanceof Map
        || value instanceof Collection) {
      return;
    }
    String at = place.path().isEmpty() ? "" : " at \"" + place.path() + "\"";
    if (ForeignNodes.isNode(value)) {
      throw new IllegalArgumentException("The configuration holds "
          + (value instanceof Object[] ? "an array" : "a " + value.getClass().getName()) + at
          + ", in which references are not looked for; use a List or a Map, or a text");
    }
    if (ForeignNodes.showsReference(value)) {
      throw new IllegalArgumentException("The configuration holds a "
          + value.getClass().getName()
          + at + " that shows a reference, and could not be resolved; give the text itself, or a"
          + " Map or a List");
    }
  }

  private Slot slot(SecretRef ref) {
    refs.add(ref);
    return found -> found.get(ref);
  }

  private <K> Template<Map<K, @Nullable Object>> entries(Map<K, ?> map, Place place, int depth) {
    Map<K, Slot> slots = new LinkedHashMap<>();
    map.forEach((key, value) -> slots.put(key, value(value, place.key(key), depth)));
    return found -> {
      Map<K, @Nullable Object> filled = new LinkedHashMap<>();
      slots.forEach((key, slot) -> filled.put(key, slot.fill(found)));
      return Collections.unmodifiableMap(filled);
    };
  }

  private Slot elements(Collection<?> collection, Place place, int depth) {
    List<Slot> slots = new ArrayList<>();
    for (Object element : collection) {
      slots.add(value(element, place.index(slots.size()), depth));
    }
    boolean isSet = collection instanceof Set;
    return found -> {
      List<@Nullable Object> filled = new ArrayList<>();
      slots.forEach(slot -> filled.add(slot.fill(found)));
      return isSet
          ? Collections.unmodifiableSet(new LinkedHashSet<>(filled))
          : Collections.unmodifiableList(filled);
    };
  }

  /**
   * What an object refers to: it has the two members of one of the forms, both text, and no other.
   *
   * @throws IllegalArgumentException if its names are invalid, or its members are of two forms
   */
  private static Optional<SecretRef> reference(Map<?, ?> map, Place place) {
    if (map.size() != 2) {
      return Optional.empty();
    }
    Map<String, String> members = new HashMap<>();
    map.forEach((key, value) -> {
      if (key instanceof String member && value instanceof CharSequence text) {
        members.put(member, text.toString());
      }
    });
    String vaultMember = memberOf(members, VAULT_MEMBERS);
    String nameMember = memberOf(members, NAME_MEMBERS);
    if (vaultMember == null || nameMember == null) {
      return Optional.empty();
    }
    String vault = members.getOrDefault(vaultMember, "");
    String name = members.getOrDefault(nameMember, "");
    if (!FORMS.contains(vaultMember + " " + nameMember)) {
      throw invalid(place, vaultMember, nameMember, "don't go together");
    }
    // An error of SecretRef would quote what may be meant as something else, and a flight recorder
    // records errors that are caught.
    if (!SecretRef.isValid(vault) || !SecretRef.isValid(name)) {
      throw invalid(place, vaultMember, nameMember, "must match " + SecretRef.NAME_GRAMMAR);
    }
    return Optional.of(SecretRef.of(vault, name));
  }

  private static @Nullable String memberOf(Map<String, String> members, List<String> names) {
    return names.stream().filter(members::containsKey).findFirst().orElse(null);
  }

  private static IllegalArgumentException invalid(
      Place place, String vaultMember, String nameMember, String broken) {
    return new IllegalArgumentException("Invalid reference"
        + (place.path().isEmpty() ? "" : " at " + place.path()) + ": \"" + vaultMember
        + "\" and \"" + nameMember + "\" " + broken
        + ". The members of a reference are vault and key, vault_name and secret_name,"
        + " vault_name and secret_key, or vaultName and secretKey. If the object is no reference,"
        + " it needs another member beside the two");
  }
}
