package tech.tailor.secretmanager.kotlin

import java.io.ByteArrayOutputStream
import java.io.PrintStream
import java.nio.file.Path
import java.sql.SQLException
import kotlin.io.path.readText
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import tech.tailor.secretmanager.SecretManager
import tech.tailor.secretmanager.SecretRef
import tech.tailor.secretmanager.SecretValue

/** The program that shows the module runs, and the samples of Kotlin in the documents compile. */
class SamplesTest {

  @Test
  fun usage_printsWhatItPromises() {
    val before = System.out
    val printed = ByteArrayOutputStream()
    System.setOut(PrintStream(printed, true, Charsets.UTF_8))
    try {
      Class.forName("UsageKt").getMethod("main").invoke(null)
    } finally {
      System.setOut(before)
    }

    assertEquals(listOf("hello", "5", ""), printed.toString(Charsets.UTF_8).lines())
  }

  @Test
  fun everySample_compiles() {
    val documents =
      listOf(
        Path.of("../../docs/reading.md"),
        Path.of("src/main/kotlin/tech/tailor/secretmanager/kotlin/SecretExtensions.kt"),
      )
    val compiled =
      Path.of("src/test/kotlin/tech/tailor/secretmanager/kotlin/SamplesTest.kt").readText()
    val samples = documents.flatMap { document ->
      Regex("```kotlin\n(.*?)```", RegexOption.DOT_MATCHES_ALL).findAll(document.readText()).map {
        squeezed(it.groupValues[1])
      }
    }

    assertTrue(samples.size > 2)
    assertEquals(listOf<String>(), samples.filterNot { it in squeezed(compiled) })
  }

  private fun squeezed(text: String) = text.replace(Regex("(?m)^ *\\*|\\s"), "")

  @Suppress("unused", "UNUSED_VARIABLE")
  private fun samples(secrets: SecretManager, ref: SecretRef) {
    run {
      val name = secrets.read("default", "db-name") { it.revealString() }
      val size =
        secrets.read(SecretRef.parse("default/db-key")) { key -> key.readBytes { it.size } }
      val proxy = secrets.readOrNull("default", "proxy") { it.revealString() } ?: "none"
    }
    run {
      val connection = secrets.read("default", "db-password") { password -> connect(password) }
    }
    run {
      secrets.read(ref, isRejected = { e -> e is SQLException }) { password -> connect(password) }
    }
  }

  private fun connect(password: SecretValue) = password.metadata()
}
