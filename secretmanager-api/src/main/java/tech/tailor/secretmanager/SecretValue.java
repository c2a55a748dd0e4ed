package tech.tailor.secretmanager;

import static java.util.Objects.requireNonNull;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.CharBuffer;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The value of a secret, held as the caller's own copy until {@link #close()} wipes it.
 *
 * <p><b>It never shows its content by accident.</b> {@link #toString()} is constant. {@code equals}
 * and {@code hashCode} compare objects, not their content. The type is not serialisable, and has no
 * property that a JSON mapper could find. The value comes out in three ways only:
 * {@link #withBytes} and {@link #withChars} lend a copy and wipe it, {@link #revealString()}
 * returns a {@code String} that can't be wiped.
 *
 * <p><b>Thread-safety:</b> safe for use by several threads. A read that races with {@link #close()}
 * gives the whole value or throws {@link IllegalStateException}, never a part of it.
 *
 * <p><b>Ownership:</b> a caller that gets a {@code SecretValue} from a method owns it and closes
 * it. A {@link SecretFunction} that gets it as an argument has it on loan and need not close it.
 * Closing one value never affects another value or a cache.
 *
 * <p><b>What stays in memory:</b> the bytes are in one array on the heap until the value is closed.
 * While it is open, a garbage collector may move that array, and the old place is overwritten only
 * later. So keep a value open for moments, not for the life of the application. The cache of a
 * {@link SecretManager} holds its copy where no collector moves it.
 *
 * <pre>{@code
 * try (SecretValue password = secretManager.requireSecret("default", "db-password")) {
 *   application.accept(password.withChars(chars -> new PasswordAuthentication("app", chars)));
 * }
 * }</pre>
 */
public final class SecretValue implements AutoCloseable {

  /** The maximum size of a value, in bytes: {@value}. */
  public static final int MAX_SIZE_BYTES = 131_072;

  private static final VarHandle CLOSED = handle("closed", boolean.class);
  private static final VarHandle LENT = handle("lent", SecretValue.class);

  /**
   * The value itself, or null if it is on loan. Transient, as all fields that lead to it, because
   * mappers that read private fields, such as Gson, skip transient fields.
   */
  private final transient byte @Nullable [] bytes;

  /** Reads a value on loan when {@code use} first reads it. */
  private final transient @Nullable Supplier<SecretValue> lender;

  /** The value that {@link #lender} read. */
  private transient volatile @Nullable SecretValue lent;

  private final SecretMetadata metadata;
  private volatile boolean closed;

  private SecretValue(
      byte @Nullable [] bytes, @Nullable Supplier<SecretValue> lender, SecretMetadata metadata) {
    this.bytes = bytes;
    this.lender = lender;
    this.metadata = metadata;
  }

  /**
   * Creates a value from text, held as UTF-8. The given {@code String} itself can't be wiped and
   * stays in memory until it is collected. If you have the text as bytes or characters, prefer
   * {@link #copyOf(byte[])} or {@link #copyOf(char[])}.
   *
   * @throws IllegalArgumentException if the text holds an unpaired surrogate, or U+FFFD, which a
   *     decoder puts in the place of what it lost; if it looks like UTF-8 that was decoded with
   *     another native encoding of the JVM; or if it is larger than {@value #MAX_SIZE_BYTES} bytes
   */
  public static SecretValue of(String text) {
    requireNonNull(text, "text");
    return adopt(encode(CharBuffer.wrap(text)), SecretMetadata.unversioned());
  }

  /**
   * Creates a value from a copy of the given bytes, which stay the caller's to wipe.
   *
   * @throws IllegalArgumentException if there are more than {@value #MAX_SIZE_BYTES} bytes
   */
  public static SecretValue copyOf(byte[] bytes) {
    requireNonNull(bytes, "bytes");
    return adopt(bytes.clone(), SecretMetadata.unversioned());
  }

  /**
   * Creates a value from a copy of the given characters, held as UTF-8. They stay the caller's to
   * wipe.
   *
   * @throws IllegalArgumentException if the text holds an unpaired surrogate, or U+FFFD, which a
   *     decoder puts in the place of what it lost; if it looks like UTF-8 that was decoded with
   *     another native encoding of the JVM; or if it is larger than {@value #MAX_SIZE_BYTES} bytes
   */
  public static SecretValue copyOf(char[] chars) {
    requireNonNull(chars, "chars");
    return adopt(encode(CharBuffer.wrap(chars)), SecretMetadata.unversioned());
  }

  /** See {@link SecretSupport#adopt}. */
  static SecretValue adopt(byte[] bytes, SecretMetadata metadata) {
    requireNonNull(bytes, "bytes");
    boolean adopted = false;
    try {
      requireNonNull(metadata, "metadata");
      if (bytes.length > MAX_SIZE_BYTES) {
        throw tooLarge();
      }
      SecretValue value = new SecretValue(bytes, null, metadata);
      adopted = true;
      return value;
    } finally {
      if (!adopted) {
        Arrays.fill(bytes, (byte) 0);
      }
    }
  }

  /** See {@link SecretSupport#onLoan}. */
  static SecretValue onLoan(Supplier<SecretValue> lender, SecretMetadata metadata) {
    return new SecretValue(
        null, requireNonNull(lender, "lender"), requireNonNull(metadata, "metadata"));
  }

  /**
   * Returns the value as text. The {@code String} can't be wiped: it stays in memory until it is
   * collected, and may be copied until then. To find every place where that happens, search for
   * calls of this method.
   *
   * @throws SecretEncodingException if the value is not UTF-8; read it with {@link #withBytes} then
   * @throws IllegalStateException if this value is closed
   */
  public String revealString() {
    return this.<String, RuntimeException>withChars(String::new);
  }

  /**
   * Lends the value as bytes for one call. The array is a separate copy, wiped when the call
   * returns or throws.
   *
   * @throws IllegalStateException if this value is closed
   * @throws X whatever {@code use} throws
   */
  public <T extends @Nullable Object, X extends Exception> T withBytes(
      SecretFunction<byte[], T, X> use) throws X {
    requireNonNull(use, "use");
    byte[] copy = copyBytes();
    try {
      return use.apply(copy);
    } finally {
      Arrays.fill(copy, (byte) 0);
    }
  }

  /**
   * Lends the value as characters for one call. The array is a separate copy, wiped when the call
   * returns or throws.
   *
   * @throws SecretEncodingException if the value is not UTF-8; read it with {@link #withBytes} then
   * @throws IllegalStateException if this value is closed
   * @throws X whatever {@code use} throws
   */
  public <T extends @Nullable Object, X extends Exception> T withChars(
      SecretFunction<char[], T, X> use) throws X {
    requireNonNull(use, "use");
    char[] chars = decode();
    try {
      return use.apply(chars);
    } finally {
      Arrays.fill(chars, '\0');
    }
  }

  /**
   * Returns whether the value equals the given text in UTF-8. The time taken depends on the lengths
   * alone, not on where the two differ. Text with an unpaired surrogate matches nothing.
   *
   * @throws IllegalStateException if this value is closed
   */
  public boolean matches(CharSequence candidate) {
    requireNonNull(candidate, "candidate");
    boolean tooLong = candidate.length() > MAX_SIZE_BYTES; // and so has more bytes than any value
    byte @Nullable [] encoded = tooLong ? null : Utf8.encode(CharBuffer.wrap(candidate));
    if (encoded == null) {
      requireOpen();
      return false;
    }
    try {
      return matches(encoded);
    } finally {
      Arrays.fill(encoded, (byte) 0);
    }
  }

  /**
   * Returns whether the value equals the given characters in UTF-8; otherwise as
   * {@link #matches(CharSequence)}. The characters stay the caller's to wipe.
   *
   * @throws IllegalStateException if this value is closed
   */
  public boolean matches(char[] candidate) {
    return matches(CharBuffer.wrap(requireNonNull(candidate, "candidate")));
  }

  /**
   * Returns whether the value equals the given bytes. The time taken depends on the lengths alone,
   * not on where the two differ.
   *
   * @throws IllegalStateException if this value is closed
   */
  public boolean matches(byte[] candidate) {
    requireNonNull(candidate, "candidate");
    return this.<Boolean, RuntimeException>withBytes(
        copy -> MessageDigest.isEqual(copy, candidate));
  }

  /**
   * Lends one member of a value that is a JSON object, for secrets of several parts, such as a user
   * name and its password. It makes no {@code String} of the whole or of the part.
   *
   * <p>For a JSON string the member is its text, unescaped; for any other JSON value, its JSON. The
   * member has the {@link #metadata} of the whole, and is wiped when {@code use} returns or throws.
   *
   * @param field the member's name; members of inner objects are ignored
   * @return what {@code use} returns
   * @throws SecretEncodingException if the value is not a JSON object in UTF-8, or has no such
   *     member or several of them
   * @throws IllegalStateException if this value is closed
   * @throws X whatever {@code use} throws
   */
  public <T extends @Nullable Object, X extends Exception> T withJsonField(
      String field, SecretFunction<SecretValue, T, X> use) throws X {
    requireNonNull(field, "field");
    requireNonNull(use, "use");
    SecretValue[] part = new SecretValue[1];
    char[] text = decode();
    JsonText.Found found;
    try {
      SecretMetadata known = metadata(); // of what was decoded: a loan may only read then
      found = JsonText.member(text, field, chars -> part[0] = textOf(chars, field, known));
    } finally {
      Arrays.fill(text, '\0');
    }
    if (found != JsonText.Found.ONE) {
      throw new SecretEncodingException("The value "
          + switch (found) {
            case NO_OBJECT -> "is no JSON object";
            case NONE -> "is a JSON object without a member ";
            default -> "is a JSON object with several members ";
          }
          + (found == JsonText.Found.NO_OBJECT ? "" : MessageText.quote(field)));
    }
    try (SecretValue member = part[0]) {
      return use.apply(member);
    }
  }

  private static SecretValue textOf(char[] chars, String field, SecretMetadata metadata) {
    byte @Nullable [] encoded = Utf8.encode(CharBuffer.wrap(chars));
    if (encoded == null) {
      throw new SecretEncodingException("The member " + MessageText.quote(field)
          + " of the JSON object holds an unpaired surrogate, which UTF-8 can't express");
    }
    return adopt(encoded, metadata);
  }

  /**
   * Returns the version of the secret that this value belongs to, counted from 1; 0 if the backend
   * doesn't number versions.
   */
  public long version() {
    return metadata().version();
  }

  /** Returns when this version was written, if the backend says so. */
  public Optional<Instant> updateTime() {
    return metadata().updateTime();
  }

  /** Returns whether the value is known to be current. */
  public Freshness freshness() {
    return metadata().freshness();
  }

  /** Returns the version, the time of update and the freshness of the value. */
  public SecretMetadata metadata() {
    SecretValue read = lent;
    return read == null ? metadata : read.metadata;
  }

  /** Wipes this copy. A second call does nothing. */
  @Override
  public void close() {
    byte[] own = bytes;
    if (own != null) {
      CLOSED.setOpaque(this, true); // a volatile write would cost as much as the rest
      VarHandle.storeStoreFence(); // a thread that sees a wiped byte also sees the flag
      Arrays.fill(own, (byte) 0);
    } else {
      closeLoan();
    }
  }

  /** Sets the flag first, then closes {@link #lent}; {@link #keep} uses the opposite order. */
  private void closeLoan() {
    closed = true;
    SecretValue read = lent;
    if (read != null) {
      read.close();
    }
  }

  /** Returns the same text for every value. */
  @Override
  public String toString() {
    return "SecretValue[redacted]";
  }

  /**
   * Returns a whole copy or throws. It checks the flag after it copied the bytes, so that a wipe
   * can't slip in between.
   */
  private byte[] copyBytes() {
    byte[] own = bytes;
    if (own == null) {
      return borrowed().copyBytes();
    }
    byte[] copy = own.clone();
    VarHandle.loadLoadFence();
    if (closed) {
      Arrays.fill(copy, (byte) 0);
      throw closed();
    }
    return copy;
  }

  /** What a value on loan stands for, read now if nobody has looked into it before. */
  private SecretValue borrowed() {
    requireOpen();
    SecretValue read = lent;
    // No lock is held while it is read, which may take as long as a call to a backend.
    return read != null
        ? read
        : keep(requireNonNull(requireNonNull(lender).get(), "the lender's value"));
  }

  /** The first that was read stays; whatever comes after it, or after the close, is wiped. */
  private SecretValue keep(SecretValue read) {
    SecretValue first = (SecretValue) LENT.compareAndExchange(this, (SecretValue) null, read);
    if (first != null) {
      read.close();
      return first; // which is closed, or will be, when this is
    }
    if (closed) {
      lent = null;
      read.close();
      throw closed();
    }
    return read;
  }

  private char[] decode() {
    byte[] copy = copyBytes();
    try {
      char @Nullable [] chars = Utf8.decode(copy);
      if (chars == null) {
        throw new SecretEncodingException("The value is not UTF-8 text; read it with withBytes");
      }
      return chars;
    } finally {
      Arrays.fill(copy, (byte) 0);
    }
  }

  private void requireOpen() {
    if (closed) {
      throw closed();
    }
  }

  private static byte[] encode(CharBuffer text) {
    if (text.remaining() > MAX_SIZE_BYTES) { // no text has fewer bytes than characters
      throw tooLarge();
    }
    String damage = DecodedText.damage(text);
    if (damage != null) {
      throw new IllegalArgumentException("The text " + damage);
    }
    byte @Nullable [] encoded = Utf8.encode(text);
    if (encoded == null) {
      throw new IllegalArgumentException(
          "The text holds an unpaired surrogate, which UTF-8 can't express; pass the bytes instead");
    }
    return encoded;
  }

  private static IllegalArgumentException tooLarge() {
    return new IllegalArgumentException("A secret's value is at most " + MAX_SIZE_BYTES
        + " bytes; keep a larger one elsewhere, encrypted, and only its key as a secret");
  }

  private static IllegalStateException closed() {
    return new IllegalStateException(
        "The SecretValue is closed; its bytes are wiped. Read the secret again");
  }

  private static VarHandle handle(String field, Class<?> type) {
    try {
      return MethodHandles.lookup().findVarHandle(SecretValue.class, field, type);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }
}
