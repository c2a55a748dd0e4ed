package tech.tailor.secretmanager.file;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.envelope.ForwardingFiles;

/** The real files, and a record of what was asked of the disk, in its order. */
final class RecordedDisk extends ForwardingFiles {

  /** A file whatever its name is; its content is what was durable when the record began. */
  static final class Inode {

    private final byte[] content;

    Inode(byte[] content) {
      this.content = content;
    }

    byte[] content() {
      return content;
    }
  }

  /** What was asked of the disk. */
  sealed interface Operation {}

  /** Bytes were added to a file. */
  record Written(Inode inode, byte[] bytes) implements Operation {}

  /** What was written to the file is durable. */
  record Forced(Inode inode) implements Operation {}

  /** A name leads to another file than before, or to none. */
  record Named(Path name, @Nullable Inode inode) implements Operation {}

  /** The names in the directory are durable. */
  record NamesForced(Path directory) implements Operation {}

  /** Somebody was told that it is done. */
  record Acknowledged() implements Operation {}

  private final Map<Path, Inode> initial;
  private final Map<Path, Inode> names = new HashMap<>();
  private final List<Operation> operations = Collections.synchronizedList(new ArrayList<>());

  /** Begins with files that are durable. */
  RecordedDisk(Map<Path, byte[]> before) {
    before.forEach((name, content) -> names.put(name, new Inode(content)));
    initial = Map.copyOf(names);
  }

  Map<Path, Inode> initial() {
    return initial;
  }

  List<Operation> operations() {
    return List.copyOf(operations);
  }

  void acknowledge() {
    operations.add(new Acknowledged());
  }

  private Inode named(Path name) {
    Inode inode = new Inode(new byte[0]);
    name(name, inode);
    return inode;
  }

  private void name(Path name, @Nullable Inode inode) {
    if (inode == null) {
      names.remove(name);
    } else {
      names.put(name, inode);
    }
    operations.add(new Named(name, inode));
  }

  private Inode inode(Path name) {
    Inode inode = names.get(name);
    if (inode == null) {
      throw new IllegalStateException("not recorded: " + name);
    }
    return inode;
  }

  @Override
  public NewFile create(Path file) throws IOException {
    NewFile created = super.create(file);
    Inode inode = named(file);
    return new NewFile() {
      @Override
      public void write(byte[] bytes) throws IOException {
        created.write(bytes);
        operations.add(new Written(inode, bytes.clone()));
      }

      @Override
      public void force() throws IOException {
        created.force();
        operations.add(new Forced(inode));
      }

      @Override
      public void close() throws IOException {
        created.close();
      }
    };
  }

  @Override
  public void replace(Path file, Path target) throws IOException {
    super.replace(file, target);
    name(target, inode(file));
    name(file, null);
  }

  @Override
  public void link(Path name, Path file) throws IOException {
    super.link(name, file);
    name(name, inode(file));
  }

  @Override
  public void delete(Path file) throws IOException {
    super.delete(file);
    if (names.containsKey(file)) {
      name(file, null);
    }
  }

  @Override
  public void forceDirectory(Path directory) throws IOException {
    super.forceDirectory(directory);
    operations.add(new NamesForced(directory));
  }

  @Override
  public FileChannel createLock(Path file) throws IOException {
    FileChannel channel = super.createLock(file);
    named(file);
    return channel;
  }
}
