package tech.tailor.secretmanager.etcd;

import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.GetOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.envelope.shared.Budget;
import tech.tailor.secretmanager.envelope.shared.SecretRecord;
import tech.tailor.secretmanager.envelope.shared.StoredValue;
import tech.tailor.secretmanager.spi.OpaqueBytes;
import tech.tailor.secretmanager.spi.StoreContent.Secret;
import tech.tailor.secretmanager.spi.StoreContent.Version;

/** Answers questions from one snapshot of etcd each, after the head was verified. Thread-safe. */
final class Reads {

  /** How often etcd may be compacted while one question is answered. */
  private static final int ATTEMPTS = 5;

  private final Etcd etcd;
  private final Keys keys;
  private final HeadReader heads;
  private final String store;
  private final Duration timeout;

  Reads(Etcd etcd, Keys keys, HeadReader heads, EtcdSettings settings) {
    this.etcd = etcd;
    this.keys = keys;
    this.heads = heads;
    this.store = settings.describe();
    this.timeout = settings.timeout();
  }

  /** Asks a question over one snapshot. */
  <T> T ask(Budget budget, Function<HeadReader.Opened, T> question) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      try {
        return question.apply(heads.require(budget, null, List.of()));
      } catch (Etcd.CompactedException e) {
        // The next attempt is at a newer revision.
      }
    }
    throw compacted();
  }

  /** Asks a question over the content at one snapshot. */
  <T> T askContent(Function<EtcdContent, T> question) {
    Budget budget = Budget.of(timeout);
    return ask(budget, opened -> question.apply(content(opened, budget, records(opened))));
  }

  /** Asks for the current values of secrets of a vault; up to 24 in one round trip. */
  <T> T fetch(String vault, Set<String> names, Function<EtcdContent, T> question) {
    Budget budget = Budget.of(timeout);
    List<String> all = List.copyOf(names);
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      try {
        return question.apply(fetch(budget, vault, all));
      } catch (Etcd.CompactedException e) {
        // The next attempt is at a newer revision.
      }
    }
    throw compacted();
  }

  private SecretUnavailableException compacted() {
    return new SecretUnavailableException(
        "The " + store + " is compacted faster than it can be read; try again");
  }

  private EtcdContent fetch(Budget budget, String vault, List<String> names) {
    List<String> first = names.subList(0, Math.min(Etcd.VALUES_PAGE, names.size()));
    List<Op> gets = new ArrayList<>();
    gets.add(Etcd.get(keys.vault(vault)));
    gets.addAll(gets(vault, first, 0));
    HeadReader.Opened opened = heads.require(budget, null, gets);
    Records records = records(opened);
    EtcdContent content = content(opened, budget, records);
    List<GetResponse> found = opened.more();
    content.keep(vault, Etcd.value(found.get(0)).map(stored -> records.vault(vault, stored)));
    keep(content, records, vault, first, found.subList(1, found.size()));
    for (int from = first.size(); from < names.size(); from += Etcd.VALUES_PAGE) {
      List<String> next = names.subList(from, Math.min(from + Etcd.VALUES_PAGE, names.size()));
      keep(
          content,
          records,
          vault,
          next,
          etcd.read(budget, gets(vault, next, opened.revision())).getGetResponses());
    }
    return content;
  }

  /** For each name the record, and the newest of its ciphertexts. */
  private List<Op> gets(String vault, List<String> names, long revision) {
    List<Op> gets = new ArrayList<>();
    for (String name : names) {
      gets.add(Etcd.get(keys.secret(vault, name), GetOption.builder().withRevision(revision)));
      gets.add(Etcd.get(
          keys.values(vault, name),
          Etcd.upTo(keys.values(vault, name), 1)
              .withSortField(GetOption.SortTarget.KEY)
              .withSortOrder(GetOption.SortOrder.DESCEND)
              .withRevision(revision)));
    }
    return gets;
  }

  private void keep(
      EtcdContent content,
      Records records,
      String vault,
      List<String> names,
      List<GetResponse> found) {
    for (int i = 0; i < names.size(); i++) {
      String name = names.get(i);
      Optional<KeyValue> newest = found.get(2 * i + 1).getKvs().stream().findFirst();
      content.keep(
          SecretRef.of(vault, name),
          Etcd.value(found.get(2 * i))
              .map(stored -> records.secret(keys.secret(vault, name), stored))
              .map(record -> with(record, newest.orElse(null))));
    }
  }

  /** The secret with the ciphertext of its current version, if the newest one is that. */
  private SecretRecord with(SecretRecord record, @Nullable KeyValue newest) {
    Secret<StoredValue> secret = record.content();
    if (secret == null || newest == null) {
      return record;
    }
    Version<StoredValue> current = secret.current();
    StoredValue value = current.value();
    String expected = keys.value(record.ref().vault(), record.ref().name(), current.number());
    if (value == null || !Etcd.key(newest).equals(expected)) {
      return record;
    }
    List<Version<StoredValue>> versions = new ArrayList<>(secret.versions());
    versions.set(
        versions.size() - 1,
        new Version<>(
            current.number(),
            current.createTime(),
            current.state(),
            value.with(OpaqueBytes.adopt(newest.getValue().getBytes()))));
    return record.with(new Secret<>(
        secret.name(),
        secret.id(),
        secret.createTime(),
        secret.description(),
        secret.labels(),
        versions));
  }

  private Records records(HeadReader.Opened opened) {
    return new Records(keys, opened.envelope(), store);
  }

  private EtcdContent content(HeadReader.Opened opened, Budget budget, Records records) {
    return new EtcdContent(
        new Snapshot(etcd, keys, records, opened.revision(), budget),
        opened.envelope(),
        store,
        Instant.EPOCH); // a question changes nothing
  }
}
