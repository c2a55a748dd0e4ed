package tech.tailor.secretmanager.kotlin

import java.io.File
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.TimeUnit
import kotlin.io.path.isDirectory
import kotlin.io.path.isRegularFile
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readText
import kotlin.io.path.writeText
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Assumptions.assumeTrue
import org.junit.jupiter.api.Tag
import org.junit.jupiter.api.io.TempDir
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.MethodSource

/**
 * Users' programs, compiled against the jar by the oldest Kotlin that may use it and by the newest,
 * each with its own standard library and with every warning an error. The profiles `suites` and
 * `deep` fetch the compilers.
 */
@Tag("suite")
class CompilersTest {

  @TempDir private lateinit var directory: Path

  @ParameterizedTest
  @MethodSource("versions")
  fun programs_compile_andRun_onTheClassPathAndOnTheModulePath(version: String) {
    val compiler = Compiler(version)
    val classes = Files.createDirectory(directory.resolve("classes"))
    val program = directory.resolve("Program.kt")
    program.writeText(PROGRAM)

    val compiled = compiler.compile(classes, Path.of("src/test/kotlin/Usage.kt"), program)
    assertEquals(0, compiled.exitCode) { compiled.errors }
    for ((main, output) in listOf("UsageKt" to "hello\n5\n", "ProgramKt" to PROGRAM_OUTPUT)) {
      java("-cp", join(compiler.libraries + listOf(classes)), main).requireOutput(output)
      java(
          "--module-path",
          join(compiler.libraries),
          "--add-modules",
          "tech.tailor.secretmanager.kotlin,tech.tailor.secretmanager.client",
          "-cp",
          "$classes",
          main,
        )
        .requireOutput(output)
    }
  }

  /**
   * What does not compile, each call at a line of its own: the methods of Java without type
   * arguments, and a return where the lambda may run more than once. If a method of Java compiles,
   * that version of Kotlin no longer needs the module for it.
   */
  @ParameterizedTest
  @MethodSource("versions")
  fun control_whatMustNotCompile_doesNot(version: String) {
    val file = directory.resolve("Rejected.kt")
    val calls = NOT_INFERRED + RETURNING
    file.writeText(
      IMPORTS +
        calls.withIndex().joinToString("") { (i, call) ->
          "fun call$i(m: SecretManager, ref: SecretRef, value: SecretValue) { $call }\n"
        }
    )

    val run = Compiler(version).compile(directory.resolve("rejected"), file)
    assertNotEquals(0, run.exitCode)
    val firstLine = IMPORTS.lines().size
    calls.forEachIndexed { i, call ->
      val errors = run.errors.lines().filter { "Rejected.kt:${firstLine + i}:" in it }
      val expected = if (call in NOT_INFERRED) "annot infer type for" else "'return' is"
      assertTrue(errors.any { expected in it }) { "$call: $errors" }
    }
    println("Kotlin $version refused ${calls.size} of ${calls.size} calls")
  }

  /** A Kotlin compiler, and what a user of the module compiles against. */
  private inner class Compiler(version: String) {

    private val home = Path.of("target/kotlin-$version")
    private val jar = Path.of(System.getProperty("secretmanager.kotlin.jar"))

    init {
      requireOrSkip(home.isDirectory(), "$home is missing; build with -Psuites or -Pdeep")
      requireOrSkip(jar.isRegularFile(), "${jar.name} is missing; build with verify")
    }

    val libraries: List<Path> =
      System.getProperty("java.class.path")
        .split(File.pathSeparator)
        .filter { entry ->
          listOf("secretmanager-api", "secretmanager-client", "caffeine").any { it in entry }
        }
        .map { Path.of(it) } + listOf(jar, home.resolve("kotlin-stdlib-$version.jar"))

    fun compile(classes: Path, vararg sources: Path): Run =
      java(
        "-cp",
        join(home.listDirectoryEntries("*.jar")),
        "org.jetbrains.kotlin.cli.jvm.K2JVMCompiler",
        "-no-stdlib",
        "-no-reflect",
        "-Werror",
        "-jvm-target",
        "17",
        "-cp",
        join(libraries),
        "-d",
        "$classes",
        *sources.map { "$it" }.toTypedArray(),
      )
  }

  private class Run(val exitCode: Int, val output: String, val errors: String) {

    fun requireOutput(expected: String) {
      assertEquals(listOf("0", expected, ""), listOf("$exitCode", output, errors))
    }
  }

  private fun java(vararg arguments: String): Run {
    val output = Files.createTempFile(directory, "output", ".txt")
    val errors = Files.createTempFile(directory, "errors", ".txt")
    val java = Path.of(System.getProperty("java.home"), "bin", "java").toString()
    val builder =
      ProcessBuilder(java, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", *arguments)
        .redirectOutput(output.toFile())
        .redirectError(errors.toFile())
    builder.environment().keys.removeIf { "JAVA" in it || "JDK" in it }
    val process = builder.start()
    if (!process.waitFor(5, TimeUnit.MINUTES)) {
      process.destroyForcibly()
      throw AssertionError("It did not end: ${arguments.toList()}")
    }
    return Run(process.exitValue(), output.readText(), errors.readText())
  }

  private fun join(paths: List<Path>) = paths.joinToString(File.pathSeparator)

  companion object {

    private val IMPORTS =
      """
      import java.io.IOException
      import tech.tailor.secretmanager.*
      import tech.tailor.secretmanager.client.SecretManagers
      import tech.tailor.secretmanager.client.memory.InMemorySecretStore
      import tech.tailor.secretmanager.kotlin.*

      """
        .trimIndent()

    private val PROGRAM =
      IMPORTS +
        """
        fun main() = InMemorySecretStore.create().let { store ->
          store.createVault("default")
          store.put("default", "greeting", "hello")
          SecretManagers.open(store).use { m ->
            val ref = SecretRef.of("default", "greeting")
            println(m.read("default", "greeting") { it.revealString() })
            println(m.read(ref) { it.revealString() })
            println(m.read("default", "greeting", isRejected = { it is IOException }) { it.version() })
            println(m.read(ref, isRejected = { false }) { it.version() })
            println(m.readOrNull("default", "missing") { it.revealString() } ?: "missing")
            println(m.readOrNull(ref) { it.revealString() })
            println(m.handle(ref).read { it.revealString() })
            println(m.handle(ref).read(isRejected = { false }) { it.version() })
            println(m.read(ref) { value -> value.readBytes { it.size } + value.readChars { it.size } })
            println(m.withSecret<String, RuntimeException>(ref) { it.revealString() })
            println(returning(m, ref))
          }
        }

        fun returning(m: SecretManager, ref: SecretRef): Int {
          m.read(ref) { value -> value.readChars { return it.size } }
        }
        """
          .trimIndent()

    private const val PROGRAM_OUTPUT =
      "hello\nhello\n1\n1\nmissing\nhello\nhello\n1\n10\nhello\n5\n"

    private val NOT_INFERRED =
      listOf(
        "m.withSecret(\"a\", \"b\") { it.revealString() }",
        "m.withSecret(ref) { it.revealString() }",
        "m.withSecret(ref, { it.revealString() }, { false })",
        "m.handle(ref).with { it.revealString() }",
        "value.withBytes { it.size }",
        "value.withChars { it.size }",
      )

    private val RETURNING =
      listOf(
        "m.read(ref, isRejected = { false }) { return }",
        "m.read(\"a\", \"b\", isRejected = { return }) { }",
        "m.handle(ref).read(isRejected = { false }) { return }",
      )

    @JvmStatic fun versions() = System.getProperty("kotlin.versions").split(",")

    private fun requireOrSkip(condition: Boolean, reason: String) {
      if (!condition) {
        println("SKIPPED: $reason")
      }
      assumeTrue(condition, "SKIPPED: $reason")
    }
  }
}
