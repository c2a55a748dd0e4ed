package tech.tailor.secretmanager.spring;

/**
 * Stands for the value of a property whose secret can't be read, and says why when it is used as
 * text. There is no text that would do: an application would work with it.
 */
final class UnreadableValue implements CharSequence {

  private final SecretReferenceException failure;

  UnreadableValue(SecretReferenceException failure) {
    this.failure = failure;
  }

  @Override
  public int length() {
    throw failed();
  }

  @Override
  public char charAt(int index) {
    throw failed();
  }

  @Override
  public CharSequence subSequence(int start, int end) {
    throw failed();
  }

  /** Throws: Spring takes a value as text by it. */
  @Override
  public String toString() {
    throw failed();
  }

  /** Returns whether the other can't be read either, which is no change. */
  @Override
  public boolean equals(Object other) {
    return other instanceof UnreadableValue;
  }

  @Override
  public int hashCode() {
    return 0;
  }

  /** A new one each time, as it may be thrown on another thread and much later. */
  private SecretReferenceException failed() {
    return new SecretReferenceException(String.valueOf(failure.getMessage()), failure);
  }
}
