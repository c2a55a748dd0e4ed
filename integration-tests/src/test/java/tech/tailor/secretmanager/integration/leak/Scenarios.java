package tech.tailor.secretmanager.integration.leak;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import tech.tailor.secretmanager.DeclaredSecret;
import tech.tailor.secretmanager.SecretDefinition;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretMetadata;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretShape;
import tech.tailor.secretmanager.SecretSource;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.SecretVerificationException;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.client.declare.ApplyReport;
import tech.tailor.secretmanager.client.declare.SecretPlan;
import tech.tailor.secretmanager.client.declare.VerificationReport;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;
import tech.tailor.secretmanager.spi.SecretBackend;
import tech.tailor.secretmanager.spi.SecretOutcome;
import tech.tailor.secretmanager.store.VersionedSecretStore;

/**
 * What goes wrong around a secret, beyond wrong arguments: backends that fail with the secret in
 * their message, backends that break their contract, outages, readers that are turned away.
 */
final class Scenarios {

  private static final String VAULT = "default";
  private static final String NAME = "api-key";
  private static final SecretRef REF = SecretRef.of(VAULT, NAME);
  private static final SecretDefinition DEFINITION =
      SecretDefinition.defineSecret(VAULT).secret(NAME, "External API key").build();

  private final String secret;
  private final List<Scenario> scenarios = new ArrayList<>();

  private Scenarios(String secret) {
    this.secret = secret;
  }

  /** Something that a user does; what it returns or throws is looked at. */
  interface Action {
    Object run() throws Exception;
  }

  /** An action with a name. */
  record Scenario(String name, Action action) {}

  /** A backend as short as it gets. */
  interface Fetch {
    Map<String, SecretOutcome> fetch(String vault, Set<String> names);
  }

  /** The scenarios around the given secret. */
  static List<Scenario> around(String secret) {
    Scenarios scenarios = new Scenarios(secret);
    scenarios.addFailingBackends();
    scenarios.addContractBreakers();
    scenarios.addOutages();
    scenarios.addReaders();
    scenarios.addPlans();
    return scenarios.scenarios;
  }

  private void addFailingBackends() {
    Map<String, RuntimeException> failures = new LinkedHashMap<>();
    failures.put("a RuntimeException", new RuntimeException(secret));
    failures.put("an IllegalStateException", new IllegalStateException(secret));
    failures.put("an IllegalArgumentException", new IllegalArgumentException("got " + secret));
    failures.put("a NullPointerException", new NullPointerException(secret));
    failures.put(
        "an exception with a cause",
        new UnsupportedOperationException("no", new IllegalStateException(secret)));
    RuntimeException suppressing = new RuntimeException("no");
    suppressing.addSuppressed(new IllegalStateException(secret));
    failures.put("an exception that suppresses another", suppressing);
    RuntimeException unprintable = new RuntimeException() {
      private static final long serialVersionUID = 1L;

      @Override
      public String getMessage() {
        return secret;
      }

      @Override
      public String toString() {
        return secret;
      }
    };
    failures.put("an exception that shows it", unprintable);
    failures.forEach((kind, failure) -> addReads("a backend throws " + kind, (vault, names) -> {
      throw failure;
    }));
  }

  private void addContractBreakers() {
    addReads("a backend answers null", (vault, names) -> nothing());
    addReads("a backend answers nothing", (vault, names) -> Map.of());
    addReads("a backend answers with null", (vault, names) -> {
      Map<String, SecretOutcome> outcomes = new HashMap<>();
      names.forEach(name -> outcomes.put(name, null));
      return outcomes;
    });
    addReads("a backend answers for others", (vault, names) -> Map.of("another-key", found()));
    addReads("a backend names the secret as a name", (vault, names) -> Map.of(secret, found()));
    addReads("a backend gives a closed value", (vault, names) -> {
      SecretValue closed = SecretValue.of(secret);
      closed.close();
      return answer(names, new SecretOutcome.Found(closed));
    });
    addReads("a backend gives one value for all", (vault, names) -> answer(names, found()));
    addReads("a backend throws that it is not there", (vault, names) -> {
      throw SecretNotFoundException.of(REF, SecretNotFoundException.Missing.SECRET);
    });
    addReads("a backend's answer can't be read", (vault, names) -> new HashMap<>() {
      private static final long serialVersionUID = 1L;

      @Override
      public Set<Entry<String, SecretOutcome>> entrySet() {
        throw new IllegalStateException(secret);
      }

      @Override
      public int size() {
        throw new IllegalStateException(secret);
      }
    });
    add("a backend fails to close", () -> {
      SecretManager manager = SecretManagers.open(new Backend((vault, names) -> Map.of()) {
        @Override
        public void close() {
          throw new IllegalStateException(secret);
        }
      });
      manager.close();
      return manager;
    });
  }

  private void addOutages() {
    add("a stale value", () -> {
      AtomicBoolean down = new AtomicBoolean();
      AtomicLong now = new AtomicLong();
      SecretManager manager = SecretManagers.builder(new Backend((vault, names) -> {
            if (down.get()) {
              throw new IllegalStateException(secret);
            }
            return answer(names, found());
          }))
          .ticker(now::get)
          .build();
      manager.requireSecret(REF).close();
      down.set(true);
      now.addAndGet(Duration.ofMinutes(6).toNanos());
      return List.of(manager.requireSecret(REF), manager.getSecrets(VAULT, List.of(NAME)), manager);
    });
    add("too stale a value", () -> {
      AtomicBoolean down = new AtomicBoolean();
      AtomicLong now = new AtomicLong();
      SecretManager manager = SecretManagers.builder(new Backend((vault, names) -> {
            if (down.get()) {
              throw new SecretUnavailableException("The backend is down");
            }
            return answer(names, found());
          }))
          .ticker(now::get)
          .build();
      manager.requireSecret(REF).close();
      down.set(true);
      now.addAndGet(Duration.ofHours(2).toNanos());
      return manager.requireSecret(REF);
    });
    add("a call that takes too long for another reader", () -> {
      CountDownLatch entered = new CountDownLatch(1);
      CountDownLatch release = new CountDownLatch(1);
      try (SecretManager manager = SecretManagers.builder(new Backend((vault, names) -> {
            entered.countDown();
            awaitQuietly(release);
            return answer(names, found());
          }))
          .fetchTimeout(Duration.ofMillis(5))
          .build()) {
        Thread first = new Thread(() -> manager.requireSecret(REF).close());
        first.start();
        while (entered.getCount() > 0 && first.isAlive()) {
          Thread.onSpinWait(); // on a busy machine, 5 ms may be over before the call begins
        }
        try {
          return manager.requireSecret(REF);
        } finally {
          release.countDown();
          first.join();
        }
      }
    });
  }

  private void addReaders() {
    add("a verification that fails", () -> {
      InMemorySecretStore store = InMemorySecretStore.create();
      store.createVault(VAULT);
      store.put(VAULT, "another-key", secret);
      return SecretManagers.builder(store).declaredOnly(DEFINITION).build();
    });
    add("an undeclared read", () -> {
      InMemorySecretStore store = store();
      store.put(VAULT, "another-key", secret);
      return SecretManagers.builder(store)
          .declaredOnly(DEFINITION)
          .build()
          .requireSecret(VAULT, "another-key");
    });
    add("a bundle with an undeclared name", () -> {
      InMemorySecretStore store = store();
      store.put(VAULT, "another-key", secret);
      return SecretManagers.builder(store)
          .declaredOnly(DEFINITION)
          .build()
          .getSecrets(VAULT, List.of(NAME, "another-key"));
    });
    add("a use that fails with the secret in its message, unseen by the caller", () -> {
      try (SecretManager manager = SecretManagers.open(store())) {
        manager.withSecretAsync(REF, value -> {
          throw new IllegalStateException(value.revealString());
        });
        return manager;
      }
    });
    add("a future that nobody takes", () -> {
      SecretManager manager = SecretManagers.open(store());
      manager.getSecretAsync(REF).cancel(true);
      manager.getSecretsAsync(VAULT, List.of(NAME)).cancel(true);
      return manager;
    });
    add("a value larger than the cache", () -> {
      InMemorySecretStore store = store();
      store.put(
          VAULT, NAME, secret.repeat(SecretValue.MAX_SIZE_BYTES / secret.getBytes(UTF_8).length));
      return SecretManagers.builder(store)
          .maximumEntries(1)
          .maximumBytes(1)
          .build()
          .requireSecret(REF);
    });
    add("an interrupted reader", () -> {
      try (SecretManager manager = SecretManagers.open(store())) {
        Thread.currentThread().interrupt();
        return manager.requireSecret(REF);
      } finally {
        Thread.interrupted();
      }
    });
    add("a vault that holds the secret is deleted", () -> {
      store().deleteVault(VAULT);
      return "deleted";
    });
    add("the secret is created twice", () -> {
      try (SecretValue value = SecretValue.of(secret)) {
        return store().createSecret(VAULT, NAME, value);
      }
    });
    add("the secret is updated, listed and deleted", () -> {
      InMemorySecretStore store = store();
      try (SecretValue value = SecretValue.of(secret)) {
        store.updateSecret(VAULT, NAME, value);
      }
      List<Object> told = new ArrayList<>();
      told.add(store.listSecrets(VAULT));
      told.add(store.describeSecret(VAULT, NAME));
      told.add(store.listVaults());
      store.deleteSecret(VAULT, NAME);
      told.add(store.fetch(VAULT, Set.of(NAME)));
      return told;
    });
  }

  /** Everything that can go wrong with the value when a plan is applied, and that tells of it. */
  private void addPlans() {
    addPlan("a plan that is applied", key -> key.source(source()));
    addPlan(
        "a plan with a malformed value",
        key -> key.source(source())
            .shape(SecretShape.json())
            .shape(SecretShape.uri())
            .shape(SecretShape.pem())
            .shape(SecretShape.length(0, 1))
            .shape(SecretShape.pattern("x")));
    addPlan(
        "a plan with a check that throws",
        key -> key.source(source()).shape(SecretShape.of("must be made up", value -> {
          throw new IllegalStateException(value.revealString());
        })));
    addPlan(
        "a plan with a source that throws",
        key -> key.source(ref -> {
          throw new IllegalStateException(secret);
        }));
    addPlan(
        "a plan with a source that gives a closed value",
        key -> key.source(ref -> {
          SecretValue closed = SecretValue.of(secret);
          closed.close();
          return Optional.of(closed);
        }));
    addPlan(
        "a plan with a source that is not text",
        key -> key.source(ref -> {
              byte[] bytes = (secret + "?").getBytes(UTF_8);
              bytes[bytes.length - 1] = (byte) 0xff;
              return Optional.of(SecretValue.copyOf(bytes));
            })
            .shape(SecretShape.json()));
    for (String method : List.of("createSecret", "setLabels", "setDescription", "describeSecret")) {
      add("a plan over a store whose " + method + " throws the value", () -> {
        VersionedSecretStore failing = (VersionedSecretStore) Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {VersionedSecretStore.class},
            new FailingStore(InMemorySecretStore.create(), method, secret));
        return told(SecretPlan.builder(failing, "leak-suite")
            .declare(SecretDefinition.defineSecret(VAULT)
                .secret(NAME, key -> key.description("A key").source(source()))
                .build())
            .plan());
      });
    }
    add("a report of malformed values", () -> {
      SecretDefinition definition = SecretDefinition.defineSecret(VAULT)
          .secret(NAME, key -> key.shape(SecretShape.json()).shape(SecretShape.length(0, 1)))
          .secret("missing-key", "Nowhere")
          .build();
      try (SecretManager manager = SecretManagers.open(store())) {
        VerificationReport report = VerificationReport.of(manager, definition);
        List<Object> told = new ArrayList<>(List.of(report, report.toJson(), report.problems()));
        try {
          report.requireVerified();
        } catch (SecretVerificationException e) {
          told.add(e);
        }
        return told;
      }
    });
  }

  private void addPlan(String name, Consumer<DeclaredSecret.Builder> declaration) {
    add(
        name,
        () -> told(SecretPlan.builder(InMemorySecretStore.create(), "leak-suite")
            .declare(
                SecretDefinition.defineSecret(VAULT).secret(NAME, declaration).build())
            .plan()));
  }

  /** The plan, and all that it tells when it is applied. */
  private static List<Object> told(SecretPlan plan) {
    List<Object> told = new ArrayList<>(List.of(plan, plan.toString(), plan.toJson()));
    try {
      ApplyReport report = plan.apply();
      told.addAll(List.of(report, report.toString(), report.toJson()));
      report.results().forEach(result -> result.failure().ifPresent(told::add));
      report.requireComplete();
    } catch (RuntimeException e) {
      told.add(e);
    }
    return told;
  }

  private SecretSource source() {
    return ref -> Optional.of(SecretValue.of(secret));
  }

  /** A store that throws the secret from one method, inside a commit too, once it is in use. */
  private record FailingStore(VersionedSecretStore store, String method, String secret)
      implements InvocationHandler {
    @Override
    @SuppressWarnings("unchecked") // inOneCommit takes no other argument
    public Object invoke(Object proxy, Method called, Object[] arguments) throws Throwable {
      if (called.getName().equals("inOneCommit")) {
        Consumer<VersionedSecretStore> changes = (Consumer<VersionedSecretStore>) arguments[0];
        store.inOneCommit(inner -> changes.accept((VersionedSecretStore) Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {VersionedSecretStore.class},
            new FailingStore(inner, method, secret))));
        return null;
      }
      if (called.getName().equals(method)) {
        throw new IllegalStateException(secret);
      }
      try {
        return called.invoke(store, arguments);
      } catch (InvocationTargetException e) {
        throw e.getCause();
      }
    }

    @Override
    public String toString() {
      return "FailingStore";
    }
  }

  /** Every way of reading, from a manager over the backend. */
  private void addReads(String what, Fetch fetch) {
    add(what + ": getSecret", () -> open(fetch).getSecret(REF));
    add(what + ": getSecrets", () -> open(fetch).getSecrets(VAULT, List.of(NAME, "second-key")));
    add(what + ": requireSecret", () -> open(fetch).requireSecret(VAULT, NAME));
    add(what + ": withSecret", () -> open(fetch).withSecret(REF, value -> value.version()));
    add(what + ": getSecretAsync", () -> open(fetch).getSecretAsync(REF));
    add(what + ": getSecretsAsync", () -> open(fetch).getSecretsAsync(VAULT, List.of(NAME)));
    add(what + ": requireSecretAsync", () -> open(fetch).requireSecretAsync(REF));
    add(what + ": withSecretAsync", () -> open(fetch).withSecretAsync(REF, SecretValue::version));
    add(
        what + ": declaredOnly",
        () ->
            SecretManagers.builder(new Backend(fetch)).declaredOnly(DEFINITION).build());
  }

  private void add(String name, Action action) {
    scenarios.add(new Scenario(name, action));
  }

  private SecretManager open(Fetch fetch) {
    return SecretManagers.open(new Backend(fetch));
  }

  private InMemorySecretStore store() {
    InMemorySecretStore store = InMemorySecretStore.create();
    store.createVault(VAULT);
    store.put(VAULT, NAME, secret);
    return store;
  }

  private SecretOutcome found() {
    return new SecretOutcome.Found(
        SecretSupport.adopt(secret.getBytes(UTF_8), SecretMetadata.unversioned()));
  }

  private static Map<String, SecretOutcome> answer(
      Collection<String> names, SecretOutcome outcome) {
    Map<String, SecretOutcome> outcomes = new LinkedHashMap<>();
    names.forEach(name -> outcomes.put(name, outcome));
    return outcomes;
  }

  private static Map<String, SecretOutcome> nothing() {
    return null;
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A user's backend; its text shows the secret, which nobody may print. */
  private class Backend implements SecretBackend {

    private final Fetch fetch;

    Backend(Fetch fetch) {
      this.fetch = fetch;
    }

    @Override
    public Map<String, SecretOutcome> fetch(String vault, Set<String> names) {
      return fetch.fetch(vault, names);
    }

    @Override
    public void close() {}

    @Override
    public String toString() {
      return "Backend[" + secret + "]";
    }
  }
}
