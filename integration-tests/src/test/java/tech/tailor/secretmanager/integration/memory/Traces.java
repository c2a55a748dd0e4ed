package tech.tailor.secretmanager.integration.memory;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Looks for a secret in a file or in memory, in every form that it takes in a JVM: as it is, in
 * UTF-16, in hexadecimal, in base64 at each of the three alignments; and with its bytes swapped by
 * fours and by eights, as a heap dump writes what was left behind in an int[] or a long[].
 */
public final class Traces {

  /** The shortest part of a secret that counts. */
  private static final int FRAGMENT_BYTES = 8;

  /** The bits of the hash that the filter has a bit for each value of. */
  private static final int FILTER_BITS = 24;

  private final List<Form> forms;
  private final long[] beginnings;

  /** Says of nearly every place that none of the beginnings stands there, in one look. */
  private final long[] filter = new long[1 << (FILTER_BITS - 6)];

  /** How far to go on from a place where only zeros are, which most of a heap is. */
  private final int zerosStep;

  private Traces(List<Form> forms) {
    this.forms = forms;
    this.beginnings =
        forms.stream().flatMapToLong(Form::beginnings).sorted().distinct().toArray();
    for (long beginning : beginnings) {
      int hash = hash(beginning);
      filter[hash >>> 6] |= 1L << hash;
    }
    int mostZeros = Arrays.stream(beginnings)
        .mapToInt(beginning -> Long.numberOfLeadingZeros(beginning) / Byte.SIZE)
        .max()
        .orElseThrow();
    this.zerosStep = Math.max(1, Long.BYTES - mostZeros);
  }

  /** Makes one that looks for the given secret. */
  public static Traces of(byte[] secret) {
    List<Form> forms = new ArrayList<>();
    String text = new String(secret, ISO_8859_1);
    forms.add(new Form(secret, FRAGMENT_BYTES));
    forms.add(new Form(text.getBytes(UTF_16LE), 2 * FRAGMENT_BYTES));
    forms.add(new Form(text.getBytes(UTF_16BE), 2 * FRAGMENT_BYTES));
    HexFormat hex = HexFormat.of();
    forms.add(new Form(hex.formatHex(secret).getBytes(ISO_8859_1), 2 * FRAGMENT_BYTES));
    forms.add(
        new Form(hex.withUpperCase().formatHex(secret).getBytes(ISO_8859_1), 2 * FRAGMENT_BYTES));
    for (int skip = 0; skip < 3; skip++) {
      byte[] rest = Arrays.copyOfRange(secret, skip, skip + (secret.length - skip) / 3 * 3);
      forms.add(new Form(Base64.getEncoder().encode(rest), FRAGMENT_BYTES / 2 * 3));
      forms.add(new Form(Base64.getUrlEncoder().encode(rest), FRAGMENT_BYTES / 2 * 3));
    }
    for (int size : new int[] {4, 8}) {
      for (int skip = 0; skip < size; skip++) {
        forms.add(new Form(swapped(secret, skip, size), FRAGMENT_BYTES));
      }
    }
    return new Traces(forms);
  }

  /**
   * The secret as it may stand somewhere, and how much of that form counts: what carries eight
   * bytes of the secret. Eight digits of its hexadecimal form carry four, and other random bytes
   * have the same four often enough to fail a test now and then.
   */
  private record Form(byte[] bytes, int fragment) {

    LongStream beginnings() {
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      return IntStream.rangeClosed(0, bytes.length - fragment).mapToLong(buffer::getLong);
    }

    boolean isWholeAt(byte[] haystack, int at) {
      int end = at + bytes.length;
      return end <= haystack.length && Arrays.equals(haystack, at, end, bytes, 0, bytes.length);
    }

    boolean hasFragmentAt(byte[] haystack, int at) {
      int end = at + fragment;
      return end <= haystack.length
          && IntStream.rangeClosed(0, bytes.length - fragment)
              .anyMatch(from -> Arrays.equals(haystack, at, end, bytes, from, from + fragment));
    }
  }

  /** What was found: whole copies, and places where a fragment is that belongs to none. */
  public record Found(int whole, int fragments) {
    public static final Found NOTHING = new Found(0, 0);

    Found plus(Found other) {
      return new Found(whole + other.whole, fragments + other.fragments);
    }

    /** Short, for a line with many of them. */
    @Override
    public String toString() {
      return whole + "/" + fragments;
    }
  }

  /** Looks through a file. */
  public Found in(Path file) throws IOException {
    return in(Files.readAllBytes(file));
  }

  Found in(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    int whole = 0;
    int parts = 0;
    for (int at = 0; at + FRAGMENT_BYTES <= bytes.length; ) {
      if (!mayBeginAt(buffer, at)) {
        at += buffer.getLong(at) == 0 ? zerosStep : 1;
        continue;
      }
      int length = wholeAt(bytes, at);
      if (length > 0) {
        whole++;
        at += length;
      } else if (fragmentAt(bytes, at)) {
        parts++;
        do {
          at++;
        } while (at + FRAGMENT_BYTES <= bytes.length
            && mayBeginAt(buffer, at)
            && wholeAt(bytes, at) == 0);
      } else {
        at++;
      }
    }
    return new Found(whole, parts);
  }

  private boolean mayBeginAt(ByteBuffer buffer, int at) {
    long bytes = buffer.getLong(at);
    int hash = hash(bytes);
    return (filter[hash >>> 6] & 1L << hash) != 0 && Arrays.binarySearch(beginnings, bytes) >= 0;
  }

  private static int hash(long bytes) {
    return (int) (bytes * 0x9E3779B97F4A7C15L >>> (Long.SIZE - FILTER_BITS));
  }

  private int wholeAt(byte[] bytes, int at) {
    return forms.stream()
        .filter(form -> form.isWholeAt(bytes, at))
        .mapToInt(form -> form.bytes().length)
        .findFirst()
        .orElse(0);
  }

  private boolean fragmentAt(byte[] bytes, int at) {
    return forms.stream().anyMatch(form -> form.hasFragmentAt(bytes, at));
  }

  private static byte[] swapped(byte[] secret, int skip, int size) {
    int length = (secret.length - skip) / size * size;
    byte[] swapped = new byte[length];
    for (int i = 0; i < length; i++) {
      swapped[i / size * size + size - 1 - i % size] = secret[skip + i];
    }
    return swapped;
  }
}
