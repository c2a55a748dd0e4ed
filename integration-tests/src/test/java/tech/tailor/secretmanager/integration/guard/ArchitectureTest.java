package tech.tailor.secretmanager.integration.guard;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.GeneralCodingRules.USE_JAVA_UTIL_LOGGING;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Who may see whom. Each law comes with a violation that is compiled and shown to it, so that a law
 * that can't fail does.
 */
class ArchitectureTest {

  private static final String ROOT = "tech.tailor.secretmanager";
  private static final String[] JUNIT_AND_ASSERTJ = {
    "org.junit..", "org.opentest4j..", "org.apiguardian..", "org.assertj.."
  };

  private static final Map<LibraryModule, JavaClasses> CLASSES = classesByModule();

  /**
   * A rule, where it holds, and sources that break it.
   *
   * @param modules the modules it is checked on, each for itself
   * @param violation sources that together break it
   */
  record Law(String name, Set<LibraryModule> modules, ArchRule rule, String... violation) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Law> laws() {
    Set<LibraryModule> all = Set.of(LibraryModule.values());
    Set<LibraryModule> withPublicTypes =
        EnumSet.complementOf(EnumSet.of(LibraryModule.CLI, LibraryModule.SPRING));
    Set<LibraryModule> api = Set.of(LibraryModule.API);
    Set<LibraryModule> client = Set.of(LibraryModule.CLIENT);
    Set<LibraryModule> envelope = Set.of(LibraryModule.ENVELOPE);
    Set<LibraryModule> file = Set.of(LibraryModule.FILE);
    Set<LibraryModule> http = Set.of(LibraryModule.HTTP);
    Set<LibraryModule> testing = Set.of(LibraryModule.TESTING);
    return Stream.of(
        new Law(
            "the api needs the JDK and JSpecify alone",
            api,
            needsOnly(),
            using(ROOT, "com.fasterxml.jackson.core.JsonFactory")),
        new Law(
            "the api knows no other module",
            api,
            neverUses(ROOT + ".client..", ROOT + ".envelope..", ROOT + ".file..", ROOT + ".http.."),
            using(ROOT, ROOT + ".client.Planted"),
            type(ROOT + ".client")),
        new Law(
            "the client needs the api and Caffeine alone",
            client,
            needsOnly(
                ROOT + ".client..",
                "com.github.benmanes.caffeine..",
                "javax.crypto..",
                "javax.net.ssl",
                "jdk.jfr"),
            using(ROOT + ".client", ROOT + ".envelope.MasterKey")),
        new Law(
            "the envelope needs the api and Tink alone",
            envelope,
            needsOnly(ROOT + ".envelope..", "javax.crypto..", "com.google.crypto.tink.."),
            using(ROOT + ".envelope", "com.google.gson.Gson")),
        new Law(
            "Tink is used without keysets, configurations and protobuf",
            envelope,
            noClasses()
                .should()
                .dependOnClassesThat()
                .haveNameMatching("com\\.google\\.crypto\\.tink\\."
                    + "(KeysetHandle|Configuration|Registry|.*Config.*|.*KeyManager|proto\\..*)"),
            using(ROOT + ".envelope", "com.google.crypto.tink.KeysetHandle")),
        new Law(
            "the file store needs the api and the envelope alone",
            file,
            needsOnly(ROOT + ".file", ROOT + ".envelope"),
            using(ROOT + ".file", "com.fasterxml.jackson.core.JsonFactory")),
        new Law(
            "the HTTP store needs the api, the envelope, the rule for headers, Jackson and OkHttp"
                + " alone",
            http,
            needsOnly(
                ROOT + ".http",
                ROOT + ".client.headers",
                ROOT + ".envelope",
                "javax.net",
                "javax.net.ssl..",
                "com.fasterxml.jackson.core..",
                "com.fasterxml.jackson.dataformat.yaml..",
                "okhttp3..",
                "okio.."),
            using(ROOT + ".http", "com.github.benmanes.caffeine.cache.Cache")),
        new Law(
            "the command line needs the library, picocli, Jackson and the progress bar alone",
            Set.of(LibraryModule.CLI),
            needsOnly(
                ROOT + ".cli",
                ROOT + ".client..",
                ROOT + ".envelope",
                ROOT + ".file",
                ROOT + ".postgresql",
                "com.fasterxml.jackson.core..",
                "com.fasterxml.jackson.dataformat.yaml..",
                "com.sun.net.httpserver",
                "me.tongfei.progressbar..",
                "picocli.."),
            using(ROOT + ".cli", ROOT + ".http.HttpSecretStore")),
        new Law(
            "picocli is for the command line",
            all,
            only(List.of(ROOT + ".cli"), "picocli.."),
            using(ROOT + ".client", "picocli.CommandLine")),
        new Law(
            "the PostgreSQL store needs the api, the envelope, JDBC and the driver alone",
            Set.of(LibraryModule.POSTGRESQL),
            needsOnly(
                ROOT + ".postgresql", ROOT + ".envelope..", "javax.sql..", "org.postgresql.."),
            using(ROOT + ".postgresql", ROOT + ".client.SecretManagers")),
        new Law(
            "PostgreSQL's driver is for its store",
            all,
            only(List.of(ROOT + ".postgresql"), "org.postgresql.."),
            using(ROOT + ".jdbc", "org.postgresql.PGConnection")),
        new Law(
            "the etcd store needs the api, the envelope, jetcd and gRPC's status alone",
            Set.of(LibraryModule.ETCD),
            needsOnly(
                ROOT + ".etcd",
                ROOT + ".envelope..",
                "io.etcd.jetcd..",
                "io.grpc",
                "com.google.protobuf"),
            using(ROOT + ".etcd", ROOT + ".client.SecretManagers")),
        new Law(
            "jetcd and gRPC are for the etcd store",
            all,
            only(List.of(ROOT + ".etcd"), "io.etcd..", "io.grpc.."),
            using(ROOT + ".client", "io.etcd.jetcd.Client")),
        new Law(
            "the data source needs the api and the JDK alone",
            Set.of(LibraryModule.JDBC),
            needsOnly(ROOT + ".jdbc", "java.sql..", "javax.sql.."),
            using(ROOT + ".jdbc", ROOT + ".client.SecretManagers")),
        new Law(
            "the masking of logs needs the api and the logging systems alone",
            Set.of(LibraryModule.LOGGING),
            needsOnly(
                ROOT + ".logging",
                "ch.qos.logback..",
                "java.util.logging",
                "javax.crypto..",
                "org.apache.logging.log4j..",
                "org.slf4j"),
            using(ROOT + ".logging", ROOT + ".client.SecretManagers")),
        new Law(
            "the metrics need the api and Micrometer alone",
            Set.of(LibraryModule.MICROMETER),
            needsOnly(ROOT + ".micrometer", "io.micrometer.core.."),
            using(ROOT + ".micrometer", ROOT + ".client.SecretManagers")),
        new Law(
            "the secrets of MicroProfile Config need the api, the client and SmallRye alone",
            Set.of(LibraryModule.SMALLRYE),
            needsOnly(ROOT + ".smallrye", ROOT + ".client", "io.smallrye.config"),
            using(ROOT + ".smallrye", ROOT + ".envelope.MasterKey")),
        new Law(
            "the starter needs the api, the client, the other integrations and Spring alone",
            Set.of(LibraryModule.SPRING),
            needsOnly(
                ROOT + ".spring",
                ROOT + ".client",
                ROOT + ".client.headers",
                ROOT + ".client.tls",
                ROOT + ".jdbc",
                ROOT + ".logging",
                ROOT + ".micrometer",
                "com.zaxxer.hikari..",
                "io.micrometer.core..",
                "javax.net.ssl",
                "javax.sql",
                "org.springframework.."),
            using(ROOT + ".spring", "com.google.gson.Gson")),
        new Law(
            "the test kit knows no store but the one in memory",
            testing,
            neverUses(ROOT + ".file..", ROOT + ".http..", ROOT + ".postgresql..", ROOT + ".etcd.."),
            using(ROOT + ".testing", ROOT + ".file.Planted"),
            type(ROOT + ".file")),
        new Law(
            "Tink is for the envelope",
            all,
            only(List.of(ROOT + ".envelope"), "com.google.crypto.tink.."),
            using(ROOT + ".http", "com.google.crypto.tink.Aead")),
        new Law(
            "what the stores on a server share is for them alone",
            all,
            only(
                List.of(ROOT + ".envelope.shared", ROOT + ".postgresql", ROOT + ".etcd"),
                ROOT + ".envelope.shared"),
            using(ROOT + ".file", ROOT + ".envelope.shared.Planted"),
            type(ROOT + ".envelope.shared")),
        new Law(
            "Jackson is for the HTTP store, the command line and the emulator",
            all,
            only(
                List.of(ROOT + ".http", ROOT + ".cli", ROOT + ".testing.emulator.."),
                "com.fasterxml.jackson.."),
            using(ROOT + ".client.memory", "com.fasterxml.jackson.core.JsonFactory")),
        new Law(
            "Caffeine is for the cache",
            all,
            only(List.of(ROOT + ".client"), "com.github.benmanes.caffeine.."),
            using(ROOT + ".client.declare", "com.github.benmanes.caffeine.cache.Cache")),
        new Law(
            "Caffeine is used as of 3.1.8",
            client,
            noClasses()
                .should()
                .callMethodWhere(describe(
                    "is a factory of Expiry, which is newer",
                    call -> call.getTargetOwner().getName().endsWith(".caffeine.cache.Expiry")
                        && Set.of("creating", "writing", "accessing").contains(call.getName()))),
            "package planted;\nclass Newer { Object expiry = com.github.benmanes.caffeine.cache"
                + ".Expiry.writing((key, value) -> java.time.Duration.ZERO); }"),
        new Law(
            "WireMock is for the emulator",
            all,
            only(
                List.of(ROOT + ".testing.emulator.."),
                "com.github.tomakehurst.wiremock..",
                "org.wiremock.."),
            using(ROOT + ".testing", "com.github.tomakehurst.wiremock.WireMockServer")),
        new Law(
            "what WireMock relocated is for WireMock alone",
            all,
            neverUses("wiremock.."),
            using(ROOT + ".testing.emulator", "wiremock.Planted"),
            type("wiremock")),
        new Law(
            "protobuf is for the emulator",
            all,
            only(List.of(ROOT + ".testing.emulator.."), "com.google.protobuf.."),
            using(ROOT + ".testing", "com.google.protobuf.ByteString")),
        new Law(
            "nobody but its users knows the emulator",
            all,
            only(
                List.of(ROOT + ".testing.emulator..", ROOT + ".testing.junit5.."),
                ROOT + ".testing.emulator.."),
            using(ROOT + ".testing", ROOT + ".testing.emulator.Planted"),
            type(ROOT + ".testing.emulator")),
        new Law(
            "JUnit and AssertJ are for the extension, the contract and the assertions",
            all,
            only(
                List.of(
                    ROOT + ".testing.junit5..",
                    ROOT + ".testing.contract..",
                    ROOT + ".testing.assertj.."),
                JUNIT_AND_ASSERTJ),
            using(ROOT + ".testing", "org.junit.jupiter.api.Test")),
        new Law(
            "no third-party type in a public signature",
            withPublicTypes,
            classes()
                .that(describe("are public", Signatures::isVisible))
                .should(Signatures.showOnly(ArchitectureTest::mayShow)),
            "package " + ROOT + ".client;\npublic class Shown {\n"
                + "  protected java.util.List<? extends com.google.gson.Gson> all() { return null; }\n}"),
        new Law(
            "a third-party annotation counts as shown",
            withPublicTypes,
            classes()
                .that(describe("are public", Signatures::isVisible))
                .should(Signatures.showOnly(ArchitectureTest::mayShow)),
            "package " + ROOT + ".client;\npublic class Shown {\n"
                + "  @com.fasterxml.jackson.annotation.JsonProperty public int size() { return 1; }\n}"),
        new Law(
            "the root does not know its .spi",
            api,
            noClasses()
                .that()
                .resideInAPackage(ROOT)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(ROOT + ".spi.."),
            using(ROOT, ROOT + ".spi.Planted"),
            type(ROOT + ".spi")),
        new Law(
            "the root does not know its .store",
            api,
            noClasses()
                .that()
                .resideInAPackage(ROOT)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(ROOT + ".store.."),
            using(ROOT, ROOT + ".store.Planted"),
            type(ROOT + ".store")),
        new Law(
            "no cycle between packages",
            all,
            slices().assignedFrom(eachPackage()).should().beFreeOfCycles(),
            "package one;\npublic class First { two.Second second; }",
            "package two;\npublic class Second { one.First first; }"),
        new Law(
            "tokens are compared in constant time, as hashes",
            testing,
            noClasses()
                .that()
                .haveNameMatching(".*\\.Tokens(\\$.*)?")
                .should()
                .callMethod(String.class, "equals", Object.class)
                .orShould()
                .callMethod(Arrays.class, "equals", byte[].class, byte[].class)
                .orShould()
                .callMethod(Object.class, "equals", Object.class)
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Map.class)
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Set.class),
            "package planted;\nclass Tokens { boolean known(String token, String shown) {"
                + " return token.equals(shown); } }"),
        new Law(
            "nothing uses the standard streams but a command, and what watches them",
            all,
            nothingElseUsesTheStandardStreams(),
            "package planted;\nclass Loud { void say() { System.out.println(); } }"),
        new Law(
            "nothing prints a stack trace",
            all,
            nothingElseUsesTheStandardStreams(),
            "package planted;\nclass Loud { void say(Throwable t) { t.printStackTrace(); } }"),
        new Law(
            "System.Logger, not java.util.logging",
            all,
            noClasses()
                .that()
                .haveNameNotMatching(
                    ".*\\.(testing\\.junit5\\.RootLogger|logging\\.JulMasking)(\\$.*)?")
                .should(USE_JAVA_UTIL_LOGGING),
            "package planted;\nclass Logs {\n"
                + "  final java.util.logging.Logger logger = java.util.logging.Logger.getLogger(\"x\");\n}"),
        new Law(
            "only the client and the stores log",
            Set.of(LibraryModule.API, LibraryModule.ENVELOPE, LibraryModule.TESTING),
            noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + ".envelope.shared") // a part of two stores
                .should()
                .dependOnClassesThat()
                .areAssignableTo(System.Logger.class),
            "package planted;\nclass Logs { System.Logger logger; }"),
        new Law(
            "nothing deserialises objects",
            all,
            noClasses()
                .should()
                .dependOnClassesThat()
                .areAssignableTo(java.io.ObjectInputStream.class),
            "package planted;\nclass Reads { Object read(java.io.ObjectInputStream in) throws Exception {"
                + " return in.readObject(); } }"),
        new Law(
            "the cache asks no wall clock",
            client,
            noClasses()
                .that()
                .resideInAPackage(ROOT + ".client")
                .should()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(Instant.class, "now")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Clock.class)
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Date.class),
            "package " + ROOT + ".client;\nclass Wall { long now() {"
                + " return System.currentTimeMillis(); } }"),
        new Law(
            "no task waits in a queue of the JDK, which keeps its application's classes",
            all,
            noClasses()
                .should()
                .callMethodWhere(describe(
                    "leave a task in a static queue",
                    (JavaMethodCall call) ->
                        call.getTargetOwner().isEquivalentTo(CompletableFuture.class)
                            && Set.of("delayedExecutor", "orTimeout", "completeOnTimeout")
                                .contains(call.getName()))),
            "package planted;\nclass Late { void later("
                + "java.util.concurrent.CompletableFuture<String> read) {"
                + " read.orTimeout(1, java.util.concurrent.TimeUnit.SECONDS); } }"),
        new Law(
            "a public type has a name of its own",
            withPublicTypes,
            noClasses()
                .that(describe("are public", Signatures::isVisible))
                .should()
                .haveNameMatching(".*(Impl|Utils?|Helpers?)"),
            "package planted;\npublic class StoreImpl {}"),
        new Law(
            "no package is called internal",
            all,
            noClasses().should().resideInAPackage("..internal.."),
            type(ROOT + ".client.internal")));
  }

  @ParameterizedTest
  @MethodSource("laws")
  void law_holds(Law law) {
    law.modules().stream()
        .filter(CLASSES::containsKey)
        .forEach(module -> law.rule().check(CLASSES.get(module)));
  }

  @ParameterizedTest
  @MethodSource("laws")
  void control_aViolation_isCaught(Law law, @TempDir Path directory) {
    Path planted = Compiled.compilePlanted(directory, law.violation()).classes();

    assertThatThrownBy(() -> law.rule().check(new ClassFileImporter().importPath(planted)))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("Architecture Violation");
  }

  /** The law on what WireMock relocated, for the sources of tests, examples and benchmarks. */
  @Test
  void relocatedClassesOfWireMock_areInNoSource() throws IOException {
    Pattern relocated = Pattern.compile("(?<![.\\w])wiremock\\.[a-z]");
    assertThat(relocated
            .matcher("import wiremock.org.eclipse.jetty.server.Server;")
            .find())
        .isTrue();
    List<Path> sources;
    try (Stream<Path> files = Files.walk(Path.of(".."))) {
      sources = files
          .filter(file -> file.toString().matches(".*[/\\\\]src[/\\\\].*\\.(java|kt)"))
          .filter(file -> !file.endsWith("ArchitectureTest.java"))
          .toList();
    }
    assertThat(sources).hasSizeGreaterThan(500);
    List<Path> users = new ArrayList<>();
    for (Path source : sources) {
      if (relocated.matcher(Files.readString(source)).find()) {
        users.add(source);
      }
    }
    assertThat(users).isEmpty();
  }

  private static ArchRule neverUses(String... packages) {
    return noClasses().should().dependOnClassesThat().resideInAnyPackage(packages);
  }

  /** The JDK, JSpecify, the api, and what is given. */
  private static ArchRule needsOnly(String... packages) {
    List<String> allowed = new ArrayList<>(List.of(
        ROOT,
        ROOT + ".spi",
        ROOT + ".store",
        "java..",
        "org.jspecify.annotations",
        "com.google.errorprone.annotations.."));
    allowed.addAll(List.of(packages));
    return classes()
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(allowed.toArray(String[]::new));
  }

  private static ArchRule only(List<String> rooms, String... library) {
    return noClasses()
        .that()
        .resideOutsideOfPackages(rooms.toArray(String[]::new))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(library)
        // An empty scope is a module that has these rooms and nothing else.
        .allowEmptyShould(true);
  }

  private static ArchRule nothingElseUsesTheStandardStreams() {
    return noClasses()
        .that()
        .doNotHaveFullyQualifiedName(ROOT + ".testing.emulator.EmulatorCommand")
        .and()
        .doNotHaveFullyQualifiedName(ROOT + ".testing.junit5.StandardStreams")
        .should(ACCESS_STANDARD_STREAMS);
  }

  private static SliceAssignment eachPackage() {
    return new SliceAssignment() {
      @Override
      public SliceIdentifier getIdentifierOf(JavaClass type) {
        String name = type.getPackageName();
        // A store is a backend, and a provider of backends opens stores: one subject in two
        // packages,
        // for those who call and those who implement.
        return SliceIdentifier.of(name.equals(ROOT + ".store") ? ROOT + ".spi" : name);
      }

      @Override
      public String getDescription() {
        return "packages";
      }
    };
  }

  private static boolean mayShow(JavaClass owner, JavaClass shown) {
    String packageName = owner.getPackageName();
    String from = shown.getPackageName();
    if (shown.isPrimitive() || isIn(from, "java") || isIn(from, "javax") || isIn(from, ROOT)) {
      return true;
    }
    if (from.equals("org.jspecify.annotations")) {
      return true;
    }
    if (isIn(packageName, ROOT + ".envelope")) {
      return shown.getName().equals("com.google.crypto.tink.Aead");
    }
    if (isIn(packageName, ROOT + ".http")) {
      return shown.getName().equals("okhttp3.OkHttpClient$Builder");
    }
    if (isIn(packageName, ROOT + ".etcd")) {
      return shown.getName().equals("io.etcd.jetcd.Client");
    }
    if (isIn(packageName, ROOT + ".micrometer")) {
      return Set.of("MeterRegistry", "MeterBinder").contains(shown.getSimpleName())
          && isIn(from, "io.micrometer.core.instrument");
    }
    if (isIn(packageName, ROOT + ".smallrye")) {
      return from.equals("io.smallrye.config");
    }
    if (isIn(packageName, ROOT + ".testing.junit5")
        || isIn(packageName, ROOT + ".testing.contract")) {
      return isIn(from, "org.junit.jupiter.api");
    }
    return isIn(packageName, ROOT + ".testing.assertj") && isIn(from, "org.assertj.core.api");
  }

  private static boolean isIn(String packageName, String parent) {
    return packageName.equals(parent) || packageName.startsWith(parent + ".");
  }

  /** A source that uses a type. */
  private static String using(String packageName, String usedType) {
    return "package " + packageName + ";\npublic class Planting { " + usedType + " used; }";
  }

  /** A source of a type to be used. */
  private static String type(String packageName) {
    return "package " + packageName + ";\npublic class Planted {}";
  }

  /** Imported at once: each import looks for the JDK's types, and those of others, again. */
  private static Map<LibraryModule, JavaClasses> classesByModule() {
    Set<LibraryModule> modules = LibraryModule.present();
    JavaClasses all = new ClassFileImporter()
        .importLocations(
            modules.stream().map(module -> location(module.location())).toList());
    Map<LibraryModule, JavaClasses> classes = new EnumMap<>(LibraryModule.class);
    for (LibraryModule module : modules) {
      String location = text(location(module.location()).asURI());
      JavaClasses imported = all.that(describe(
          "are of " + module,
          type -> text(type.getSource().orElseThrow().getUri()).startsWith(location)));
      assertThat(imported).as("classes of %s", module).isNotEmpty();
      classes.put(module, imported);
    }
    return classes;
  }

  private static Location location(Path path) {
    return Location.of(
        Files.isDirectory(path) ? path.toUri() : URI.create("jar:" + path.toUri() + "!/"));
  }

  private static String text(URI uri) {
    return uri.toString().replace(":///", ":/");
  }
}
