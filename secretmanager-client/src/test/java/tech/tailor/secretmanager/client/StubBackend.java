package tech.tailor.secretmanager.client;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import tech.tailor.secretmanager.Freshness;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretMetadata;
import tech.tailor.secretmanager.SecretNotFoundException.Missing;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretBackend;
import tech.tailor.secretmanager.spi.SecretOutcome;

/** Answers what a test told it to, by name, and remembers what it was asked. Any vault will do. */
public final class StubBackend implements SecretBackend {

  public final List<Set<String>> fetches = Collections.synchronizedList(new ArrayList<>());
  private final Map<String, Supplier<SecretOutcome>> answers = new ConcurrentHashMap<>();
  volatile Runnable beforeAnswer = () -> {};
  volatile Runnable afterAnswer = () -> {};
  volatile Runnable beforeClose = () -> {};
  volatile boolean closed;

  public StubBackend with(String name, String text) {
    answers.put(name, () -> new SecretOutcome.Found(SecretValue.of(text)));
    return this;
  }

  public StubBackend withStale(String name, String text, Freshness freshness) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    SecretMetadata metadata = SecretMetadata.unversioned().withFreshness(freshness);
    answers.put(name, () -> new SecretOutcome.Found(SecretSupport.adopt(bytes.clone(), metadata)));
    return this;
  }

  public StubBackend withClosed(String name) {
    SecretValue closed = SecretValue.of("closed");
    closed.close();
    answers.put(name, () -> new SecretOutcome.Found(closed));
    return this;
  }

  public StubBackend giving(String name, Supplier<SecretValue> value) {
    answers.put(name, () -> new SecretOutcome.Found(value.get()));
    return this;
  }

  public StubBackend without(String name) {
    answers.remove(name);
    return this;
  }

  public StubBackend failing(String name, SecretManagerException failure) {
    answers.put(name, () -> new SecretOutcome.Failed(SecretSupport.forCaller(failure)));
    return this;
  }

  public int calls() {
    return fetches.size();
  }

  @Override
  public Map<String, SecretOutcome> fetch(String vault, Set<String> names) {
    fetches.add(Set.copyOf(names));
    beforeAnswer.run();
    Map<String, SecretOutcome> outcomes = new LinkedHashMap<>();
    names.forEach(name -> outcomes.put(
        name,
        answers
            .getOrDefault(name, () -> new SecretOutcome.Missing(Missing.SECRET))
            .get()));
    afterAnswer.run();
    return outcomes;
  }

  @Override
  public void close() {
    closed = true;
    beforeClose.run();
  }
}
