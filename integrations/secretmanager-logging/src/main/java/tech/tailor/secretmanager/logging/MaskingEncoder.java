package tech.tailor.secretmanager.logging;

import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.encoder.EncoderBase;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/** An encoder of Logback's whose output is masked. */
final class MaskingEncoder<E> extends EncoderBase<E> {

  private final Encoder<E> encoder;
  private final SecretMask mask;

  private MaskingEncoder(Encoder<E> encoder, SecretMask mask) {
    this.encoder = encoder;
    this.mask = mask;
    setContext(encoder.getContext());
    if (encoder.isStarted()) {
      super.start();
    }
  }

  /** Returns the given one if it is masked already, and without masks that are closed. */
  static <E> Encoder<E> around(Encoder<E> encoder, SecretMask mask) {
    if (encoder instanceof MaskingEncoder<E> masking) {
      return masking.mask == mask
          ? masking
          : masking.mask.isClosed() ? around(masking.encoder, mask) : wrapped(encoder, mask);
    }
    return wrapped(encoder, mask);
  }

  private static <E> Encoder<E> wrapped(Encoder<E> encoder, SecretMask mask) {
    return new MaskingEncoder<>(encoder, mask);
  }

  @Override
  public byte[] headerBytes() {
    return encoder.headerBytes();
  }

  @Override
  public byte[] encode(E event) {
    byte[] text = encoder.encode(event);
    return text == null ? new byte[0] : MaskedText.mask(mask, text, charset());
  }

  /** That of a layout's output; an encoder of another kind has none to tell, as for JSON. */
  private Charset charset() {
    Encoder<E> inner = encoder;
    while (inner instanceof MaskingEncoder<E> masking) {
      inner = masking.encoder;
    }
    if (inner instanceof LayoutWrappingEncoder<E> layout) {
      return layout.getCharset() != null ? layout.getCharset() : Charset.defaultCharset();
    }
    return StandardCharsets.UTF_8;
  }

  @Override
  public byte[] footerBytes() {
    return encoder.footerBytes();
  }

  @Override
  public void start() {
    encoder.start();
    super.start();
  }

  @Override
  public void stop() {
    super.stop();
    encoder.stop();
  }
}
