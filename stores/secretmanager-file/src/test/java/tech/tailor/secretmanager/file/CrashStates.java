package tech.tailor.secretmanager.file;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.file.RecordedDisk.Inode;
import tech.tailor.secretmanager.file.RecordedDisk.Operation;

/**
 * Every state in which a crash can leave a disk. Of what was not forced, any part may be there:
 * each name leads to what it led to before or to anything since, independently of all others; of
 * what was written to a file any set of sectors is there, the others are zero, or the file is too
 * short.
 */
final class CrashStates {

  private static final int SECTOR_SIZE_BYTES = 512;
  private static final int SECTORS = 12;

  private final Map<Path, Inode> initial;
  private final List<Operation> operations;
  private final Set<Long> seen = new HashSet<>();

  CrashStates(Map<Path, Inode> initial, List<Operation> operations) {
    this.initial = initial;
    this.operations = operations;
  }

  /** Takes a state. */
  interface Visitor {

    /**
     * Takes a state, each only once.
     *
     * @param acknowledged how many acknowledgements came before the crash
     * @param files what is on the disk; not to be kept
     */
    void visit(int acknowledged, Map<Path, byte[]> files);
  }

  void forEach(Visitor visitor) {
    for (int done = 0; done <= operations.size(); done++) {
      new CrashPoint(operations.subList(0, done)).forEach(visitor);
    }
  }

  /** A crash after some of the operations. */
  private final class CrashPoint {

    private final Map<Path, List<@Nullable Inode>> names = new TreeMap<>();
    private final Map<Inode, byte[]> durable = new HashMap<>();
    private final Map<Inode, byte[]> pending = new HashMap<>();
    private int acknowledged;

    private CrashPoint(List<Operation> done) {
      initial.forEach((name, inode) -> names.put(name, new ArrayList<>(List.of(inode))));
      done.forEach(this::apply);
    }

    private void apply(Operation operation) {
      if (operation instanceof RecordedDisk.Written written) {
        pending.merge(written.inode(), written.bytes(), CrashPoint::concat);
      } else if (operation instanceof RecordedDisk.Forced forced) {
        byte[] now = pending.remove(forced.inode());
        if (now != null) {
          durable.merge(forced.inode(), now, CrashPoint::concat);
        }
      } else if (operation instanceof RecordedDisk.Named named) {
        names
            .computeIfAbsent(named.name(), name -> new ArrayList<>(Arrays.asList((Inode) null)))
            .add(named.inode());
      } else if (operation instanceof RecordedDisk.NamesForced forced) {
        names.forEach((name, inodes) -> {
          if (forced.directory().equals(name.getParent())) {
            inodes.subList(0, inodes.size() - 1).clear();
          }
        });
      } else {
        acknowledged++;
      }
    }

    private static byte[] concat(byte[] first, byte[] second) {
      byte[] both = Arrays.copyOf(first, first.length + second.length);
      System.arraycopy(second, 0, both, first.length, second.length);
      return both;
    }

    private void forEach(Visitor visitor) {
      choose(new ArrayList<>(names.keySet()), 0, new TreeMap<>(), new HashMap<>(), visitor);
    }

    private void choose(
        List<Path> all,
        int at,
        Map<Path, byte[]> files,
        Map<Inode, byte[]> contents,
        Visitor visitor) {
      if (at == all.size()) {
        if (seen.add(hash(files))) {
          visitor.visit(acknowledged, files);
        }
        return;
      }
      Path name = all.get(at);
      for (Inode inode : new HashSet<>(requireNonNull(names.get(name)))) {
        if (inode == null) {
          choose(all, at + 1, files, contents, visitor);
          continue;
        }
        byte[] chosen = contents.get(inode);
        for (byte[] content : chosen != null ? List.of(chosen) : contents(inode)) {
          files.put(name, content);
          contents.put(inode, content);
          choose(all, at + 1, files, contents, visitor);
          files.remove(name);
          if (chosen == null) {
            contents.remove(inode);
          }
        }
      }
    }

    private long hash(Map<Path, byte[]> files) {
      long hash = acknowledged;
      for (Map.Entry<Path, byte[]> file : files.entrySet()) {
        hash = hash * 0x9E3779B97F4A7C15L + file.getKey().hashCode();
        for (byte each : file.getValue()) {
          hash = hash * 0x100000001B3L + each;
        }
        hash ^= hash >>> 29;
      }
      return hash;
    }

    private List<byte[]> contents(Inode inode) {
      byte[] whole = concat(inode.content(), durable.getOrDefault(inode, new byte[0]));
      byte[] unsure = pending.get(inode);
      return unsure == null ? List.of(whole) : torn(whole, unsure);
    }

    private static List<byte[]> torn(byte[] before, byte[] written) {
      int sectors = (written.length + SECTOR_SIZE_BYTES - 1) / SECTOR_SIZE_BYTES;
      if (sectors > SECTORS) {
        throw new IllegalStateException("too large to try all: " + written.length);
      }
      List<byte[]> all = new ArrayList<>();
      for (int subset = 0; subset < 1 << sectors; subset++) {
        byte[] torn = Arrays.copyOf(before, before.length + written.length);
        int end = before.length;
        for (int sector = 0; sector < sectors; sector++) {
          if ((subset >> sector & 1) == 1) {
            int from = sector * SECTOR_SIZE_BYTES;
            int length = Math.min(SECTOR_SIZE_BYTES, written.length - from);
            System.arraycopy(written, from, torn, before.length + from, length);
            end = before.length + from + length;
          }
        }
        all.add(torn);
        if (end < torn.length) {
          all.add(Arrays.copyOf(torn, end));
        }
      }
      return all;
    }
  }
}
