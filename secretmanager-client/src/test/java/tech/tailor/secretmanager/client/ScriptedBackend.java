package tech.tailor.secretmanager.client;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretBackend;
import tech.tailor.secretmanager.spi.SecretOutcome;

/**
 * Answers by a script that may change at any time, and counts its calls. It keeps nothing of them,
 * so that millions are no burden.
 */
final class ScriptedBackend implements SecretBackend {

  private final AtomicLong calls = new AtomicLong();
  volatile Function<SecretRef, SecretOutcome> script;

  ScriptedBackend(Function<SecretRef, SecretOutcome> script) {
    this.script = script;
  }

  static ScriptedBackend giving(String text) {
    return new ScriptedBackend(ref -> found(text));
  }

  static SecretOutcome found(String text) {
    return new SecretOutcome.Found(SecretValue.of(text));
  }

  void give(String text) {
    script = ref -> found(text);
  }

  void fail(SecretManagerException failure) {
    script = ref -> new SecretOutcome.Failed(SecretSupport.forCaller(failure));
  }

  long calls() {
    return calls.get();
  }

  @Override
  public Map<String, SecretOutcome> fetch(String vault, Set<String> names) {
    calls.incrementAndGet();
    Map<String, SecretOutcome> outcomes = new LinkedHashMap<>();
    names.forEach(name -> outcomes.put(name, script.apply(SecretRef.of(vault, name))));
    return outcomes;
  }

  @Override
  public void close() {}
}
