package tech.tailor.secretmanager.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The standard output of this process, in UTF-8. Remembers why it could not be written. */
final class StandardOutput extends PrintStream {

  private final Written written;

  private StandardOutput(Written written) {
    super(written, true, StandardCharsets.UTF_8);
    this.written = written;
  }

  static StandardOutput ofProcess() {
    return new StandardOutput(new Written(new FileOutputStream(FileDescriptor.out)));
  }

  /** Why something was not written: empty if all was, or if the reader has gone. */
  Optional<CliException> failure() {
    flush();
    IOException failure = written.failure;
    return failure == null || String.valueOf(failure.getMessage()).contains("Broken pipe")
        ? Optional.empty()
        : Optional.of(CliException.of(
            "OUTPUT_NOT_WRITTEN",
            "Standard output could not be written as a whole.",
            "Check the disk that it goes to, and don't use what is there."));
  }

  private static final class Written extends OutputStream {

    private final OutputStream to;
    private volatile @Nullable IOException failure;

    Written(OutputStream to) {
      this.to = to;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int count) throws IOException {
      try {
        to.write(bytes, from, count);
      } catch (IOException e) {
        if (failure == null) {
          failure = e;
        }
        throw e;
      }
    }
  }
}
