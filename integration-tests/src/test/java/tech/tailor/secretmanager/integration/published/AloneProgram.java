package tech.tailor.secretmanager.integration.published;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A program that uses one published artifact.
 *
 * @param artifact its artifactId
 * @param added what its page tells an application to add
 * @param modules what a module requires to use it; none if it can't be used as a module
 * @param imports the packages that the program imports
 * @param body of its {@code main}, whose arguments are a directory for files, and an emulator's
 *     endpoint, workspace and token
 * @param output what it prints
 */
record AloneProgram(
    String artifact,
    List<String> added,
    List<String> modules,
    List<String> imports,
    String body,
    String output) {

  private static final String OURS = "tech.tailor.secretmanager:";

  /** A manager over memory, for an artifact that works with any. */
  private static final String MANAGER = """
      InMemorySecretStore store = InMemorySecretStore.create();
      store.createVault("default");
      store.put("default", "api-key", "from memory");
      SecretManager secrets = SecretManagers.open(store);
      """;

  private static final String READ = """
      try (SecretManager secrets = SecretManagers.open(store)) {
        System.out.println(secrets.withSecret("default", "api-key", SecretValue::revealString));
      }
      """;

  private static final String PUT_INTO_A_FILE = """
      Path key = Path.of(args[0], "key");
      Path directory = Path.of(args[0], "store");
      try (FileSecretStore store = FileSecretStore.create(directory, MasterKey.createFile(key));
          SecretValue value = SecretValue.of("from a file")) {
        store.createVault("default");
        store.put("default", "api-key", value);
      }
      """;

  private static final List<String> WITH_A_MANAGER = List.of(
      "tech.tailor.secretmanager",
      "tech.tailor.secretmanager.client",
      "tech.tailor.secretmanager.client.memory");

  private static final List<String> WITH_A_FILE = List.of(
      "java.nio.file",
      "tech.tailor.secretmanager",
      "tech.tailor.secretmanager.client",
      "tech.tailor.secretmanager.envelope",
      "tech.tailor.secretmanager.file");

  /** A program for each artifact. */
  static List<AloneProgram> all(Reactor reactor) {
    return List.of(
        new AloneProgram(
            "secretmanager-api",
            List.of(),
            List.of("tech.tailor.secretmanager"),
            List.of("tech.tailor.secretmanager"),
            """
            System.out.println(SecretRef.parse("default/api-key").name());
            """,
            "api-key"),
        new AloneProgram(
            "secretmanager-client",
            List.of(),
            List.of("tech.tailor.secretmanager.client"),
            WITH_A_MANAGER,
            MANAGER + """
            System.out.println(secrets.withSecret("default", "api-key", SecretValue::revealString));
            """,
            "from memory"),
        new AloneProgram(
            "secretmanager-envelope",
            List.of(),
            List.of("tech.tailor.secretmanager.envelope"),
            List.of("java.nio.file", "tech.tailor.secretmanager.envelope"),
            """
            Path key = Path.of(args[0], "key");
            System.out.println(
                MasterKey.createFile(key).fingerprint().equals(MasterKey.fromFile(key).fingerprint()));
            """,
            "true"),
        new AloneProgram(
            "secretmanager-file",
            List.of(),
            List.of("tech.tailor.secretmanager.file"),
            WITH_A_FILE,
            PUT_INTO_A_FILE + """
            FileSecretStore store = FileSecretStore.open(directory, MasterKey.fromFile(key));
            """ + READ,
            "from a file"),
        new AloneProgram(
            "secretmanager-http",
            List.of(),
            List.of("tech.tailor.secretmanager.http"),
            List.of(
                "tech.tailor.secretmanager",
                "tech.tailor.secretmanager.client",
                "tech.tailor.secretmanager.http"),
            """
            HttpSecretStore store = HttpSecretStore.builder()
                .endpoint(args[1])
                .workspaceId(args[2])
                .accessToken(AccessTokenSource.of(args[3]))
                .build();
            """ + READ,
            "over http"),
        new AloneProgram(
            "secretmanager-postgresql",
            List.of("org.postgresql:postgresql:" + reactor.version("pgjdbc")),
            List.of("tech.tailor.secretmanager.postgresql", "org.postgresql.jdbc", "java.naming"),
            List.of(
                "java.nio.file",
                "org.postgresql.ds",
                "tech.tailor.secretmanager",
                "tech.tailor.secretmanager.envelope",
                "tech.tailor.secretmanager.postgresql"),
            """
            PGSimpleDataSource nobody = new PGSimpleDataSource();
            nobody.setURL("jdbc:postgresql://127.0.0.1:1/none");
            try {
              PostgresSecretStore.builder(
                      nobody, "orders", MasterKey.createFile(Path.of(args[0], "key")))
                  .open();
            } catch (SecretUnavailableException e) {
              System.out.println("unavailable");
            }
            """,
            "unavailable"),
        new AloneProgram(
            "secretmanager-etcd",
            List.of(),
            List.of(),
            List.of(
                "java.nio.file",
                "java.time",
                "io.etcd.jetcd",
                "tech.tailor.secretmanager",
                "tech.tailor.secretmanager.envelope",
                "tech.tailor.secretmanager.etcd"),
            """
            try (Client nobody = Client.builder().endpoints("http://127.0.0.1:1").build()) {
              EtcdSecretStore.builder(
                      nobody, "orders", MasterKey.createFile(Path.of(args[0], "key")))
                  .timeout(Duration.ofMillis(200))
                  .open();
            } catch (SecretUnavailableException e) {
              System.out.println("unavailable");
            }
            """,
            "unavailable"),
        new AloneProgram(
            "secretmanager-testing",
            List.of(),
            List.of("tech.tailor.secretmanager.client", "tech.tailor.secretmanager.testing"),
            List.of("tech.tailor.secretmanager", "tech.tailor.secretmanager.testing"),
            """
            try (FakeSecretManager secrets = FakeSecretManager.create()) {
              secrets.put("default", "api-key", "from a fake");
              System.out.println(
                  secrets.withSecret("default", "api-key", SecretValue::revealString));
            }
            """,
            "from a fake"),
        new AloneProgram(
            "secretmanager-cli",
            List.of(),
            List.of(),
            WITH_A_FILE,
            PUT_INTO_A_FILE + """
            var main =
                Class.forName("tech.tailor.secretmanager.cli.Main").getMethod("main", String[].class);
            main.setAccessible(true); // as the launcher of the JVM does
            main.invoke(null, (Object) new String[] {
              "get", "default/api-key", "--reveal",
              "--store", "file:" + directory, "--key-file", key.toString()
            });
            """,
            "from a file"),
        new AloneProgram(
            "secretmanager-jdbc",
            List.of(OURS + "secretmanager-client"),
            List.of("tech.tailor.secretmanager.client", "tech.tailor.secretmanager.jdbc"),
            with(WITH_A_MANAGER, "java.sql", "tech.tailor.secretmanager.jdbc"),
            MANAGER + """
            try {
              SecretDataSource.builder(secrets)
                  .user("orders")
                  .password(SecretRef.of("default", "api-key"))
                  .connector((user, password) -> {
                    System.out.println(user + " logs in with " + password);
                    throw new SQLException("no database is there");
                  })
                  .build()
                  .getConnection();
            } catch (SQLException e) {
              System.out.println("refused");
            }
            """,
            "orders logs in with from memory\nrefused"),
        new AloneProgram(
            "secretmanager-logging",
            List.of(),
            List.of("tech.tailor.secretmanager.logging"),
            List.of("tech.tailor.secretmanager", "tech.tailor.secretmanager.logging"),
            """
            try (SecretMask mask = SecretMask.create();
                SecretValue value = SecretValue.of("hunter-two")) {
              mask.add(SecretRef.of("default", "api-key"), value);
              System.out.println(mask.mask("hunter-two was refused"));
            }
            """,
            "*** was refused"),
        new AloneProgram(
            "secretmanager-micrometer",
            List.of(OURS + "secretmanager-client"),
            List.of("tech.tailor.secretmanager.client", "tech.tailor.secretmanager.micrometer"),
            with(
                WITH_A_MANAGER,
                "io.micrometer.core.instrument.simple",
                "tech.tailor.secretmanager.micrometer"),
            MANAGER + """
            SimpleMeterRegistry registry = new SimpleMeterRegistry();
            SecretManagerMetrics.of(secrets, "orders").bindTo(registry);
            secrets.useSecret("default", "api-key", value -> {});
            System.out.println(registry.get("secretmanager.loads").functionCounter().count());
            """,
            "1.0"),
        new AloneProgram(
            "secretmanager-smallrye-config",
            List.of(
                OURS + "secretmanager-file",
                "io.smallrye.config:smallrye-config:" + reactor.version("smallrye.config")),
            List.of("tech.tailor.secretmanager.smallrye", "tech.tailor.secretmanager.file"),
            with(WITH_A_FILE, "io.smallrye.config"),
            PUT_INTO_A_FILE + """
            SmallRyeConfig config = new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .addDiscoveredSecretKeysHandlers()
                .withDefaultValue("secretmanager.url", "file:" + directory)
                .withDefaultValue("secretmanager.key-file", key.toString())
                .withDefaultValue("app.api-key", "${tailor::default/api-key}")
                .build();
            System.out.println(config.getRawValue("app.api-key"));
            """,
            "from a file"),
        new AloneProgram(
            "secretmanager-kotlin",
            List.of(OURS + "secretmanager-client"),
            List.of("tech.tailor.secretmanager.client", "tech.tailor.secretmanager.kotlin"),
            with(WITH_A_MANAGER, "tech.tailor.secretmanager.kotlin"),
            MANAGER + """
            System.out.println(SecretExtensions.<String>read(
                secrets, "default", "api-key", value -> value.revealString()));
            """,
            "from memory"),
        new AloneProgram(
            "secretmanager-spring-boot-starter",
            List.of(
                OURS + "secretmanager-file",
                "org.springframework.boot:spring-boot-autoconfigure:"
                    + reactor.version("spring.boot")),
            List.of(),
            with(
                WITH_A_FILE,
                "org.springframework.boot.autoconfigure",
                "org.springframework.boot.builder"),
            PUT_INTO_A_FILE + """
            try (var context = new SpringApplicationBuilder(Application.class)
                .properties(
                    "spring.main.banner-mode=off",
                    "secretmanager.url=file:" + directory,
                    "secretmanager.key-file=" + key,
                    "app.api-key=${secret@default/api-key}")
                .run()) {
              System.out.println(context.getEnvironment().getProperty("app.api-key"));
            }
            """,
            "from a file"));
  }

  private static List<String> with(List<String> imports, String... more) {
    List<String> all = new ArrayList<>(imports);
    all.addAll(List.of(more));
    return all;
  }

  boolean isModular() {
    return !modules.isEmpty();
  }

  /** The project, which depends on the artifact and on what is added. */
  Application application() {
    return Application.of(
        "uses-" + artifact,
        Stream.concat(Stream.of(OURS + artifact), added.stream()).toArray(String[]::new));
  }

  String source() {
    return imports.stream()
            .map(each -> "import " + each + ".*;\n")
            .collect(
                Collectors.joining("", "package consumer;\n\n", "\npublic final class Main {\n"))
        + (artifact.endsWith("starter")
            ? "  @EnableAutoConfiguration static class Application {}\n"
            : "")
        + "  public static void main(String[] args) throws Exception {\n"
        + body.indent(4)
        + "  }\n}\n";
  }

  String descriptor() {
    return modules.stream()
        .map(each -> "  requires " + each + ";\n")
        .collect(Collectors.joining("", "module consumer {\n", "}\n"));
  }

  @Override
  public String toString() {
    return artifact;
  }
}
