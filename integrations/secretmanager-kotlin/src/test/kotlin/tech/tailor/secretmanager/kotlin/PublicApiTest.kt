package tech.tailor.secretmanager.kotlin

import java.lang.reflect.Method
import java.lang.reflect.Modifier
import java.nio.file.Path
import kotlin.io.path.exists
import kotlin.io.path.readText
import kotlin.io.path.writeText
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test

/**
 * The functions of the module are what `docs/api` says, so that a change shows in review. Those
 * that are internal in Kotlin are among them: programs call them where a function was inlined.
 */
class PublicApiTest {

  @Test
  fun publicApi_isAsAgreed() {
    val type = Class.forName("tech.tailor.secretmanager.kotlin.SecretExtensions")
    val functions = type.declaredMethods.filter { Modifier.isPublic(it.modifiers) }.map(::text)
    val actual = "public final class ${type.name}\n" + functions.sorted().joinToString("")
    val golden = Path.of("../../docs/api/secretmanager-kotlin.txt")
    if (System.getProperty("api.update") == "true") {
      golden.writeText(actual)
    }

    assertEquals(if (golden.exists()) golden.readText() else "", actual) {
      "If the change is intended, run the build with -Dapi.update=true and commit ${golden.fileName}"
    }
  }

  private fun text(method: Method): String {
    val parameters = method.genericParameterTypes.joinToString { simple(it.typeName) }
    val variables = method.typeParameters.joinToString { it.name }
    val generic = if (variables.isEmpty()) "" else "<$variables> "
    return "  method static $generic${simple(method.genericReturnType.typeName)} " +
      "${method.name}($parameters)\n"
  }

  private fun simple(type: String) = type.replace(Regex("[a-z0-9]+\\."), "")
}
