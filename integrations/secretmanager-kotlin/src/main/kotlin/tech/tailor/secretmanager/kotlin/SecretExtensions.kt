@file:JvmName("SecretExtensions")

package tech.tailor.secretmanager.kotlin

import java.util.Arrays
import java.util.function.Predicate
import tech.tailor.secretmanager.SecretFunction
import tech.tailor.secretmanager.SecretHandle
import tech.tailor.secretmanager.SecretManager
import tech.tailor.secretmanager.SecretRef
import tech.tailor.secretmanager.SecretValue

/**
 * Reads a secret that must exist, and lends it to [block].
 *
 * ```kotlin
 * val connection = secrets.read("default", "db-password") { password -> connect(password) }
 * ```
 *
 * **Guarantees.** [block] runs once, on the calling thread, with a copy of the value that is read
 * when the call begins. The copy is wiped when the block returns, throws, or returns from the
 * enclosing function.
 *
 * **Ownership.** The value belongs to this call. After the block, using it throws
 * [IllegalStateException].
 *
 * **Errors.** What [block] throws reaches the caller unchanged, checked exceptions included. The
 * other errors are those of [SecretManager.requireSecret].
 *
 * @return what [block] returns
 * @throws tech.tailor.secretmanager.SecretNotFoundException if the secret or its vault does not
 *   exist; the exception says which of the two
 */
public inline fun <T> SecretManager.read(
  vault: String,
  name: String,
  block: (SecretValue) -> T,
): T = requireSecret(vault, name).use(block)

/**
 * Reads a secret that must exist, and lends it to [block]; otherwise as `read(vault, name) { value
 * -> … }`.
 *
 * @return what [block] returns
 * @throws tech.tailor.secretmanager.SecretNotFoundException if the secret or its vault does not
 *   exist; the exception says which of the two
 */
public inline fun <T> SecretManager.read(ref: SecretRef, block: (SecretValue) -> T): T =
  requireSecret(ref).use(block)

/**
 * Lends a secret that must exist to a [block] that may find it rejected, as a login does after the
 * password was rotated. After a rejection, the backend is asked for another value, and the block
 * runs again with that value; see [SecretManager.withSecret].
 *
 * ```kotlin
 * secrets.read(ref, isRejected = { e -> e is SQLException }) { password -> connect(password) }
 * ```
 *
 * **Guarantees.** [block] runs on the calling thread, never twice with the same value. Each value
 * is wiped when its run ends.
 *
 * **Ownership.** The value belongs to this call. After the block, using it throws
 * [IllegalStateException].
 *
 * **Limits.** The lambdas can't return from the enclosing function: [block] may run more than once.
 *
 * @param isRejected whether an exception of [block] says that the secret was not accepted; any
 *   other exception is thrown at once
 * @return what [block] returns
 * @throws tech.tailor.secretmanager.SecretNotFoundException if the secret or its vault does not
 *   exist; the exception says which of the two
 * @throws Exception whatever [block] throws, unchanged: the last rejection if there was no other
 *   value in time
 */
public inline fun <T> SecretManager.read(
  ref: SecretRef,
  crossinline isRejected: (Exception) -> Boolean,
  crossinline block: (SecretValue) -> T,
): T =
  withSecret<T, Exception>(
    ref,
    SecretFunction { value -> block(value) },
    Predicate { e -> isRejected(e) },
  )

/**
 * Lends a secret that must exist to a [block] that may find it rejected; otherwise as `read(ref,
 * isRejected = { e -> … }) { value -> … }`.
 *
 * @param isRejected whether an exception of [block] says that the secret was not accepted; any
 *   other exception is thrown at once
 * @return what [block] returns
 * @throws tech.tailor.secretmanager.SecretNotFoundException if the secret or its vault does not
 *   exist; the exception says which of the two
 * @throws Exception whatever [block] throws, unchanged: the last rejection if there was no other
 *   value in time
 */
public inline fun <T> SecretManager.read(
  vault: String,
  name: String,
  crossinline isRejected: (Exception) -> Boolean,
  crossinline block: (SecretValue) -> T,
): T = read(SecretRef.of(vault, name), isRejected, block)

/**
 * Reads a secret that may be missing, and lends it to [block] if it exists.
 *
 * A vault that does not exist reads as null too: declare the secrets of an application, or use
 * [read], to find a misspelt name.
 *
 * Guarantees, ownership and errors are those of `read(vault, name) { value -> … }`.
 *
 * @return what [block] returns; null, without running the block, if the secret or its vault does
 *   not exist
 */
public inline fun <T> SecretManager.readOrNull(
  vault: String,
  name: String,
  block: (SecretValue) -> T,
): T? = getSecret(vault, name).orElse(null)?.use(block)

/**
 * Reads a secret that may be missing, and lends it to [block] if it exists; otherwise as
 * `readOrNull(vault, name) { value -> … }`.
 *
 * @return what [block] returns; null, without running the block, if the secret or its vault does
 *   not exist
 */
public inline fun <T> SecretManager.readOrNull(ref: SecretRef, block: (SecretValue) -> T): T? =
  getSecret(ref).orElse(null)?.use(block)

/**
 * Reads the current value of this handle's secret, and lends it to [block]; otherwise as
 * `SecretManager.read(vault, name) { value -> … }`.
 *
 * @return what [block] returns
 * @throws tech.tailor.secretmanager.SecretNotFoundException if the secret or its vault does not
 *   exist; the exception says which of the two
 */
public inline fun <T> SecretHandle.read(block: (SecretValue) -> T): T = read().use(block)

/**
 * Lends the current value of this handle's secret to a [block] that may find it rejected; otherwise
 * as `SecretManager.read(ref, isRejected = { e -> … }) { value -> … }`.
 *
 * @param isRejected whether an exception of [block] says that the secret was not accepted; any
 *   other exception is thrown at once
 * @return what [block] returns
 * @throws tech.tailor.secretmanager.SecretNotFoundException if the secret or its vault does not
 *   exist; the exception says which of the two
 * @throws Exception whatever [block] throws, unchanged: the last rejection if there was no other
 *   value in time
 */
public inline fun <T> SecretHandle.read(
  crossinline isRejected: (Exception) -> Boolean,
  crossinline block: (SecretValue) -> T,
): T =
  with<T, Exception>(SecretFunction { value -> block(value) }, Predicate { e -> isRejected(e) })

/**
 * Lends the value as bytes to [block].
 *
 * **Guarantees.** The array is a copy of its own. It is wiped when the block returns, throws, or
 * returns from the enclosing function. This value stays open.
 *
 * **Ownership.** The array belongs to this call: keep no reference to it.
 *
 * **Errors.** What [block] throws reaches the caller unchanged, checked exceptions included.
 *
 * @return what [block] returns
 * @throws IllegalStateException if this value is closed
 */
public inline fun <T> SecretValue.readBytes(block: (ByteArray) -> T): T {
  val bytes = copyOfBytes(this)
  try {
    return block(bytes)
  } finally {
    Arrays.fill(bytes, 0)
  }
}

/**
 * Lends the value as characters to [block]; otherwise as [readBytes].
 *
 * @return what [block] returns
 * @throws tech.tailor.secretmanager.SecretEncodingException if the value is not UTF-8; read it with
 *   [readBytes] then
 * @throws IllegalStateException if this value is closed
 */
public inline fun <T> SecretValue.readChars(block: (CharArray) -> T): T {
  val chars = copyOfChars(this)
  try {
    return block(chars)
  } finally {
    Arrays.fill(chars, '\u0000')
  }
}

/** Returns a copy that the caller wipes. Inlined into the callers of [readBytes]: keep it. */
@PublishedApi
internal fun copyOfBytes(value: SecretValue): ByteArray =
  value.withBytes<ByteArray, RuntimeException>(ByteArray::clone)

/** Returns a copy that the caller wipes. Inlined into the callers of [readChars]: keep it. */
@PublishedApi
internal fun copyOfChars(value: SecretValue): CharArray =
  value.withChars<CharArray, RuntimeException>(CharArray::clone)
