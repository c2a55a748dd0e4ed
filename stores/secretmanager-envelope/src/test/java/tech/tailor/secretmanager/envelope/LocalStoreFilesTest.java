package tech.tailor.secretmanager.envelope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Path;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.spi.OpaqueBytes;

class LocalStoreFilesTest {

  @Test
  void directoryThatCanNotBeRead_isAnIoError() {
    IOException cause = new IOException("injected");
    DirectoryStream<Path> failing = new DirectoryStream<>() {
      @Override
      public Iterator<Path> iterator() {
        throw new DirectoryIteratorException(cause);
      }

      @Override
      public void close() {}
    };
    assertThatThrownBy(() -> LocalStoreFiles.matching(failing, Pattern.compile(".*")))
        .isSameAs(cause);
  }

  /** A channel keeps the buffer that it copies an array to; ours is wiped. */
  @Test
  void writtenBytes_areLeftInNoBuffer() throws IOException {
    for (int size : new int[] {0, 1, 72, 65_536, 65_537, 200_000}) {
      byte[] bytes = OpaqueBytes.random(size).toArray();
      ByteArrayOutputStream arrived = new ByteArrayOutputStream();
      Set<ByteBuffer> buffers = Collections.newSetFromMap(new IdentityHashMap<>());
      WritableByteChannel channel = new WritableByteChannel() {
        @Override
        public int write(ByteBuffer buffer) {
          assertThat(buffer.isDirect()).isTrue();
          buffers.add(buffer);
          byte[] some = new byte[Math.min(buffer.remaining(), 50_000)];
          buffer.get(some);
          arrived.writeBytes(some);
          return some.length;
        }

        @Override
        public boolean isOpen() {
          return true;
        }

        @Override
        public void close() {}
      };
      LocalStoreFiles.writeAll(channel, bytes);
      assertThat(arrived.toByteArray()).isEqualTo(bytes);
      for (ByteBuffer buffer : buffers) {
        byte[] left = new byte[buffer.capacity()];
        buffer.get(0, left);
        assertThat(left).containsOnly(0);
      }
    }
  }
}
