package tech.tailor.secretmanager.kotlin

import java.io.IOException
import java.sql.SQLException
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertSame
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import tech.tailor.secretmanager.SecretEncodingException
import tech.tailor.secretmanager.SecretNotFoundException
import tech.tailor.secretmanager.SecretRef
import tech.tailor.secretmanager.SecretUnavailableException
import tech.tailor.secretmanager.SecretValue
import tech.tailor.secretmanager.testing.FakeSecretManager

/** Every way to read, by vault and name, by address and by handle: the same promises for all. */
class SecretExtensionsTest {

  private val secrets = FakeSecretManager.with("default", "greeting", "hello")
  private val ref = SecretRef.parse("default/greeting")
  private val missing = SecretRef.parse("default/missing")

  /** The reads of a secret that must exist. */
  private val plain: Map<String, Read> =
    mapOf(
      "read(vault, name)" to Read { ref, block -> secrets.read(ref.vault, ref.name) { block(it) } },
      "read(ref)" to Read { ref, block -> secrets.read(ref) { block(it) } },
      "handle.read" to Read { ref, block -> secrets.handle(ref).read { block(it) } },
    )

  /** The reads of a secret that may be missing. */
  private val orNull: Map<String, Read> =
    mapOf(
      "readOrNull(vault, name)" to
        Read { ref, block -> secrets.readOrNull(ref.vault, ref.name) { block(it) } },
      "readOrNull(ref)" to Read { ref, block -> secrets.readOrNull(ref) { block(it) } },
    )

  /** The reads that take `isRejected`. */
  private val retrying: Map<String, RetryingRead> =
    mapOf(
      "read(vault, name, isRejected)" to
        RetryingRead { ref, isRejected, block ->
          secrets.read(ref.vault, ref.name, isRejected = { isRejected(it) }) { block(it) }
        },
      "read(ref, isRejected)" to
        RetryingRead { ref, isRejected, block ->
          secrets.read(ref, isRejected = { isRejected(it) }) { block(it) }
        },
      "handle.read(isRejected)" to
        RetryingRead { ref, isRejected, block ->
          secrets.handle(ref).read(isRejected = { isRejected(it) }) { block(it) }
        },
    )

  private val required: Map<String, Read> =
    plain +
      retrying.mapValues { (_, call) -> Read { ref, block -> call.read(ref, { false }, block) } }

  private val all: Map<String, Read> = required + orNull

  @AfterEach
  fun everyValueIsClosed() {
    assertEquals(listOf<Any>(), secrets.openValues())
    secrets.close()
  }

  @Test
  fun read_returnsWhatTheBlockReturns() {
    all.forEach { (name, call) ->
      assertEquals("hello", call.read(ref) { it.revealString() }, name)
      assertNull(call.read(ref) { null }, name)
      assertEquals(Unit, call.read(ref) {}, name)
    }
  }

  @Test
  fun read_infersTheType() {
    val length: Int = secrets.read(ref) { value -> value.readChars { it.size } }
    val nullable: String? = secrets.read(ref) { if (it.version() > 9) it.revealString() else null }
    val orNull: Int? = secrets.readOrNull(ref) { value -> value.readBytes { it.size } }
    val version: Long = secrets.handle(ref).read(isRejected = { false }, SecretValue::version)

    assertEquals(5, length)
    assertNull(nullable)
    assertEquals(5, orNull)
    assertEquals(1L, version)
  }

  @Test
  fun read_runsTheBlockOnce_onTheCallingThread() {
    all.forEach { (name, call) ->
      secrets.clearReads()
      var runs = 0
      val thread =
        call.read(ref) {
          runs++
          Thread.currentThread()
        }
      assertSame(Thread.currentThread(), thread, name)
      assertEquals(1, runs, name)
      assertEquals(listOf(ref), secrets.reads(), name)
    }
  }

  @Test
  fun read_closesTheValue() {
    all.forEach { (name, call) ->
      val kept = mutableListOf<SecretValue>()
      call.read(ref) { kept += it }
      assertClosed(1, kept, name)
    }
  }

  @Test
  fun read_closesTheValue_ifTheBlockThrows_andPassesTheExceptionOnUnchanged() {
    for (failure in listOf(IOException("checked"), IllegalArgumentException(), AssertionError())) {
      all.forEach { (name, call) ->
        val kept = mutableListOf<SecretValue>()
        val thrown =
          assertThrows(Throwable::class.java) {
            call.read(ref) {
              kept += it
              throw failure
            }
          }
        assertSame(failure, thrown, name)
        assertEquals(0, failure.suppressed.size, name)
        assertClosed(1, kept, name)
      }
    }
  }

  @Test
  fun read_closesTheValue_ifTheBlockReturnsFromTheFunction() {
    val kept = mutableListOf<SecretValue>()
    fun byName(): String {
      secrets.read("default", "greeting") {
        kept += it
        return it.revealString()
      }
    }
    fun byAddress(): String {
      secrets.read(ref) {
        kept += it
        return it.revealString()
      }
    }
    fun byNameOrNull(): String {
      secrets.readOrNull("default", "greeting") {
        kept += it
        return it.revealString()
      }
      return "missing"
    }
    fun byAddressOrNull(): String {
      secrets.readOrNull(ref) {
        kept += it
        return it.revealString()
      }
      return "missing"
    }
    fun byHandle(): String {
      secrets.handle(ref).read {
        kept += it
        return it.revealString()
      }
    }
    fun byBreak(): String {
      val text: String
      while (true) {
        secrets.read(ref) {
          kept += it
          text = it.revealString()
          break
        }
      }
      return text
    }

    val texts =
      listOf(byName(), byAddress(), byNameOrNull(), byAddressOrNull(), byHandle(), byBreak())
    assertEquals(List(6) { "hello" }, texts)
    assertClosed(6, kept, "return from the function")
  }

  @Test
  fun read_allowsTheBlockToCloseTheValue() {
    all.forEach { (name, call) -> assertEquals(Unit, call.read(ref) { it.close() }, name) }
  }

  @Test
  fun read_ofAMissingSecret_throws_withoutRunningTheBlock() {
    required.forEach { (name, call) ->
      val thrown =
        assertThrows(SecretNotFoundException::class.java, { call.read(missing) { fail() } }, name)
      assertEquals(SecretNotFoundException.Missing.SECRET, thrown.missing(), name)
    }
  }

  @Test
  fun readOrNull_ofAMissingSecretOrVault_returnsNull_withoutRunningTheBlock() {
    orNull.forEach { (name, call) ->
      assertNull(call.read(missing) { fail() }, name)
      assertNull(call.read(SecretRef.parse("no-vault/greeting")) { fail() }, name)
    }
  }

  @Test
  fun read_passesTheErrorsOfTheManagerOn() {
    secrets.backend().failWithUnavailable()
    all.forEach { (name, call) ->
      assertThrows(SecretUnavailableException::class.java, { call.read(ref) { fail() } }, name)
    }
  }

  @Test
  fun read_ofABadName_throws() {
    assertThrows(IllegalArgumentException::class.java) { secrets.read("default", "Bad") {} }
    assertThrows(IllegalArgumentException::class.java) { secrets.readOrNull("default", "Bad") {} }
    assertThrows(IllegalArgumentException::class.java) {
      secrets.read("default", "Bad", isRejected = { true }) {}
    }
  }

  @Test
  fun read_ofNullThatCameFromJava_throws() {
    val absent =
      System.getProperty("no.such.property") // a platform type: the compiler lets it pass
    assertThrows(NullPointerException::class.java) { secrets.read("default", absent) {} }
    assertThrows(NullPointerException::class.java) { secrets.readOrNull("default", absent) {} }
    assertThrows(NullPointerException::class.java) {
      secrets.read("default", absent, isRejected = { true }) {}
    }
  }

  @Test
  fun read_afterClose_throws() {
    secrets.close()
    all.forEach { (name, call) ->
      assertThrows(IllegalStateException::class.java, { call.read(ref) { fail() } }, name)
    }
  }

  @Test
  fun readWithIsRejected_runsAgainWithTheNewValue() {
    retrying.forEach { (name, call) ->
      secrets.put("default", "greeting", "old password")
      secrets.invalidate(ref)
      val seen = mutableListOf<String>()
      val kept = mutableListOf<SecretValue>()
      val result =
        call.read(ref, { it is SQLException }) {
          kept += it
          seen += it.revealString()
          if (seen.size == 1) {
            secrets.put("default", "greeting", "new password")
            throw SQLException("rejected")
          }
          "logged in"
        }

      assertEquals("logged in", result, name)
      assertEquals(listOf("old password", "new password"), seen, name)
      assertClosed(2, kept, name)
    }
  }

  @Test
  fun readWithIsRejected_throwsTheRejection_ifThereIsNoOtherValue() {
    val rejection = SQLException("rejected")
    retrying.forEach { (name, call) ->
      val kept = mutableListOf<SecretValue>()
      val thrown =
        assertThrows(SQLException::class.java) {
          call.read(ref, { it === rejection }) {
            kept += it
            throw rejection
          }
        }
      assertSame(rejection, thrown, name)
      assertClosed(1, kept, name)
    }
  }

  @Test
  fun readWithIsRejected_throwsAnyOtherExceptionAtOnce() {
    val failure = IOException("the network is down")
    retrying.forEach { (name, call) ->
      val asked = mutableListOf<Exception>()
      val kept = mutableListOf<SecretValue>()
      val thrown =
        assertThrows(IOException::class.java) {
          call.read(
            ref,
            { e ->
              asked += e
              false
            },
          ) {
            kept += it
            throw failure
          }
        }
      assertSame(failure, thrown, name)
      assertEquals(listOf<Exception>(failure), asked, name)
      assertClosed(1, kept, name)
    }
  }

  @Test
  fun readBytesAndReadChars_lendACopy_andWipeIt() {
    SecretValue.of("hé").use { value ->
      var bytes = ByteArray(0)
      var chars = CharArray(0)
      val fromBytes = value.readBytes {
        bytes = it
        String(it)
      }
      val fromChars = value.readChars {
        chars = it
        String(it)
      }

      assertEquals(listOf("hé", "hé"), listOf(fromBytes, fromChars))
      assertWiped(3, bytes, 2, chars)
      assertEquals("hé", value.revealString())
    }
  }

  @Test
  fun readBytesAndReadChars_wipeTheCopy_ifTheBlockThrows() {
    SecretValue.of("hello").use { value ->
      val failure = IOException("checked")
      var bytes = ByteArray(0)
      var chars = CharArray(0)
      val thrown =
        listOf(
          assertThrows(IOException::class.java) {
            value.readBytes {
              bytes = it
              throw failure
            }
          },
          assertThrows(IOException::class.java) {
            value.readChars {
              chars = it
              throw failure
            }
          },
        )

      assertTrue(thrown.all { it === failure })
      assertWiped(5, bytes, 5, chars)
    }
  }

  @Test
  fun readBytesAndReadChars_wipeTheCopy_ifTheBlockReturnsFromTheFunction() {
    SecretValue.of("hello").use { value ->
      var bytes = ByteArray(0)
      var chars = CharArray(0)
      fun size(): Int {
        value.readBytes {
          bytes = it
          return it.size
        }
      }
      fun first(): Char {
        value.readChars {
          chars = it
          return it[0]
        }
      }

      assertEquals(5 to 'h', size() to first())
      assertWiped(5, bytes, 5, chars)
    }
  }

  @Test
  fun readBytes_lendsACopyOfItsOwnToEachBlock() {
    SecretValue.of("hello").use { value ->
      val outer = value.readBytes { bytes ->
        value.readBytes { it.fill(7) }
        String(bytes)
      }
      assertEquals("hello", outer)
    }
  }

  @Test
  fun readBytesAndReadChars_ofAClosedValue_throw() {
    val value = SecretValue.of("hello")
    value.close()
    assertThrows(IllegalStateException::class.java) { value.readBytes { fail() } }
    assertThrows(IllegalStateException::class.java) { value.readChars { fail() } }
  }

  @Test
  fun readChars_ofBytesThatAreNotText_throws() {
    SecretValue.copyOf(byteArrayOf(-1)).use { value ->
      assertThrows(SecretEncodingException::class.java) { value.readChars { fail() } }
      assertEquals(-1, value.readBytes { it[0] })
    }
  }

  private fun fail(): Unit = throw AssertionError("the block ran")

  private fun assertClosed(count: Int, values: List<SecretValue>, call: String) {
    assertEquals(count, values.size, call)
    for (value in values) {
      assertThrows(IllegalStateException::class.java, { value.readBytes { it.size } }, call)
    }
  }

  private fun assertWiped(byteCount: Int, bytes: ByteArray, charCount: Int, chars: CharArray) {
    assertEquals(List(byteCount) { 0.toByte() }, bytes.toList())
    assertEquals(List(charCount) { '\u0000' }, chars.toList())
  }

  private fun interface Read {
    fun read(ref: SecretRef, block: (SecretValue) -> Any?): Any?
  }

  private fun interface RetryingRead {
    fun read(ref: SecretRef, isRejected: (Exception) -> Boolean, block: (SecretValue) -> Any?): Any?
  }
}
