package tech.tailor.secretmanager.integration.memory;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tech.tailor.secretmanager.integration.memory.Traces.Found;

/**
 * The memory of another JVM on Linux, all that it can read and write of it: the Java heap with its
 * free space, and what a heap dump doesn't show, as there are stacks, buffers outside the heap, and
 * the C heap. Left out are files that are mapped to be read only.
 */
final class ProcessMemory {

  private static final Pattern HEAP =
      Pattern.compile("Heap address: 0x([0-9a-f]+), size: (\\d+) MB");
  private static final Pattern MAPPING =
      Pattern.compile("([0-9a-f]+)-([0-9a-f]+) (\\S{4}) \\S+ \\S+ (\\d+) *(.*)");

  private static final int CHUNK_SIZE_BYTES = 1 << 20;

  /** Threads of the JVM itself come and go, and their stacks with them. */
  private static final int ATTEMPTS = 5;

  private final Path maps;
  private final Path memory;
  private final Path heapLog;

  /** @param heapLog where the JVM logs {@code gc+heap+coops=debug} */
  ProcessMemory(long pid, Path heapLog) {
    Path process = Path.of("/proc", String.valueOf(pid));
    this.maps = process.resolve("maps");
    this.memory = process.resolve("mem");
    this.heapLog = heapLog;
  }

  /** What was found in the Java heap, and outside of it. */
  record Residue(Found heap, Found offHeap) {

    @Override
    public String toString() {
      return "heap " + heap + " native " + offHeap;
    }
  }

  /**
   * A part of the memory without a gap.
   *
   * @param end the first address after it
   */
  private record Area(long start, long end, boolean heap) {

    int sizeBytes() {
      return Math.toIntExact(end - start);
    }

    Stream<Area> within(long from, long to, boolean isHeap) {
      long first = Math.max(start, from);
      long last = Math.min(end, to);
      return first < last ? Stream.of(new Area(first, last, isHeap)) : Stream.empty();
    }
  }

  static boolean isLinux() {
    return System.getProperty("os.name").equals("Linux");
  }

  /** Why this process may not look into the other one, or null if it may. */
  String whyUnreadable() throws IOException {
    Area heap = areas().stream()
        .filter(Area::heap)
        .findFirst()
        .orElseThrow(() -> new AssertionError("No heap in " + maps));
    try (FileChannel channel = FileChannel.open(memory)) {
      channel.read(ByteBuffer.allocate(1), heap.start);
      return null;
    } catch (IOException e) {
      return "this process may not read " + memory + ": " + e.getMessage();
    }
  }

  /** Looks for a secret while the process is at rest. */
  Residue search(Traces traces) throws IOException {
    for (int attempt = 1; ; attempt++) {
      try (FileChannel channel = FileChannel.open(memory)) {
        return search(traces, channel);
      } catch (IOException e) {
        if (attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private Residue search(Traces traces, FileChannel channel) throws IOException {
    Found heap = Found.NOTHING;
    Found offHeap = Found.NOTHING;
    for (Area area : areas()) {
      Found found = traces.in(read(channel, area));
      if (area.heap) {
        heap = heap.plus(found);
      } else {
        offHeap = offHeap.plus(found);
      }
    }
    return new Residue(heap, offHeap);
  }

  private static byte[] read(FileChannel channel, Area area) throws IOException {
    byte[] bytes = new byte[area.sizeBytes()];
    for (int at = 0; at < bytes.length; ) {
      int most = Math.min(CHUNK_SIZE_BYTES, bytes.length - at);
      int read = channel.read(ByteBuffer.wrap(bytes, at, most), area.start + at);
      if (read <= 0) {
        throw new EOFException("No memory at " + Long.toHexString(area.start + at));
      }
      at += read;
    }
    return bytes;
  }

  /** Neighbours are one area, lest a copy that lies across their border is missed. */
  private List<Area> areas() throws IOException {
    Matcher log = HEAP.matcher(Files.readString(heapLog));
    if (!log.find()) {
      throw new AssertionError("The JVM did not log where its heap is");
    }
    long heapStart = Long.parseLong(log.group(1), 16);
    long heapEnd = heapStart + (Long.parseLong(log.group(2)) << 20);
    List<Area> areas = new ArrayList<>();
    for (String line : Files.readAllLines(maps)) {
      Matcher mapping = MAPPING.matcher(line);
      if (!mapping.matches()) {
        throw new AssertionError("Not understood: " + line);
      }
      if (holdsData(mapping.group(3), mapping.group(4), mapping.group(5))) {
        Area area = new Area(
            Long.parseLong(mapping.group(1), 16), Long.parseLong(mapping.group(2), 16), false);
        Stream.of(
                area.within(0, heapStart, false),
                area.within(heapStart, heapEnd, true),
                area.within(heapEnd, Long.MAX_VALUE, false))
            .flatMap(part -> part)
            .forEach(part -> add(part, areas));
      }
    }
    return areas;
  }

  /** Not what can't be read, nor what no one can have written to. */
  private static boolean holdsData(String permissions, String inode, String name) {
    boolean ofTheKernel = name.startsWith("[v");
    boolean readOnlyFile = !inode.equals("0") && permissions.charAt(1) != 'w';
    return permissions.charAt(0) == 'r' && !ofTheKernel && !readOnlyFile;
  }

  private static void add(Area area, List<Area> areas) {
    Area last = areas.isEmpty() ? null : areas.get(areas.size() - 1);
    if (last != null && last.end == area.start && last.heap == area.heap) {
      areas.set(areas.size() - 1, new Area(last.start, area.end, area.heap));
    } else {
      areas.add(area);
    }
  }
}
