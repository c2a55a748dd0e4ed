package tech.tailor.secretmanager.logging;

import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.encoder.EncoderBase;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/** An encoder of Logback's whose output is masked. */
final class MaskingEncoder<E> extends EncoderBase<E> {

  private final Encoder<E> encoder;
  private final Masks masks;

  private MaskingEncoder(Encoder<E> encoder, Masks masks) {
    this.encoder = encoder;
    this.masks = masks;
    setContext(encoder.getContext());
    if (encoder.isStarted()) {
      super.start();
    }
  }

  /** Returns the given one, with that mask too, if it is masked already. */
  static <E> Encoder<E> around(Encoder<E> encoder, SecretMask mask) {
    if (encoder instanceof MaskingEncoder<E> masking) {
      masking.masks.add(mask);
      return masking;
    }
    return new MaskingEncoder<>(encoder, new Masks(mask));
  }

  @Override
  public byte[] headerBytes() {
    return encoder.headerBytes();
  }

  @Override
  public byte[] encode(E event) {
    byte[] text = encoder.encode(event);
    return text == null ? new byte[0] : masks.mask(text, charset());
  }

  /** That of a layout's output; an encoder of another kind has none to tell, as for JSON. */
  private Charset charset() {
    if (encoder instanceof LayoutWrappingEncoder<E> layout) {
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
