package tech.tailor.secretmanager.integration.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryType;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * What the JVM holds, measured again and again: whether it grows. Growth is the median of the last
 * quarter less that of the second one; what the first quarter warms up is no leak.
 */
final class ResourceSamples {

  /** What is measured, and how much of it may be added without being growth. */
  enum Resource {
    HEAP_BYTES(1 << 20),
    DIRECT_BYTES(256 << 10),
    THREADS(2),
    FILE_DESCRIPTORS(2);

    final long bound;

    Resource(long bound) {
      this.bound = bound;
    }
  }

  private final Map<Resource, List<Long>> samples = new EnumMap<>(Resource.class);

  /**
   * Threads that are not counted: while those of others end, one that is begun for each read would
   * not be noticed.
   */
  private final Set<Long> threadsBefore = threads();

  ResourceSamples() {
    for (Resource resource : Resource.values()) {
      samples.put(resource, new ArrayList<>());
    }
  }

  /** Measures after a collection, and after what it found was released. */
  void sample() throws InterruptedException {
    System.gc();
    add(Resource.HEAP_BYTES, heapBytesAfterCollection());
    long before;
    long direct = directBytes();
    do { // direct memory is released by another thread, after the collection
      before = direct;
      TimeUnit.MILLISECONDS.sleep(20);
      direct = directBytes();
    } while (direct < before);
    add(Resource.DIRECT_BYTES, direct);
    Set<Long> threads = threads();
    threads.removeAll(threadsBefore);
    add(Resource.THREADS, threads.size());
    add(Resource.FILE_DESCRIPTORS, fileDescriptors());
  }

  void add(Resource resource, long value) {
    samples.get(resource).add(value);
  }

  int count() {
    return samples.get(Resource.HEAP_BYTES).size();
  }

  long growth(Resource resource) {
    List<Long> all = samples.get(resource);
    int quarter = all.size() / 4;
    return median(all.subList(all.size() - quarter, all.size()))
        - median(all.subList(quarter, 2 * quarter));
  }

  boolean grows(Resource resource) {
    return growth(resource) > resource.bound;
  }

  void requireFlat() {
    assertThat(count()).as("samples").isGreaterThanOrEqualTo(20);
    for (Resource resource : Resource.values()) {
      assertThat(grows(resource)).as("%s grows: %s", resource, this).isFalse();
    }
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder().append(count()).append(" samples");
    samples.forEach((resource, all) -> text.append(String.format(
        "; %s second quarter %,d, last quarter %,d, growth %,d of %,d",
        resource,
        median(all.subList(all.size() / 4, all.size() / 2)),
        median(all.subList(all.size() - all.size() / 4, all.size())),
        growth(resource),
        resource.bound)));
    return text.toString();
  }

  private static long median(List<Long> values) {
    return values.stream().sorted().skip(values.size() / 2).findFirst().orElseThrow();
  }

  /** Not what is in use now: other threads have gone on allocating. */
  private static long heapBytesAfterCollection() {
    return ManagementFactory.getMemoryPoolMXBeans().stream()
        .filter(pool -> pool.getType() == MemoryType.HEAP && pool.getCollectionUsage() != null)
        .mapToLong(pool -> pool.getCollectionUsage().getUsed())
        .sum();
  }

  private static long directBytes() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .filter(pool -> pool.getName().equals("direct"))
        .mapToLong(BufferPoolMXBean::getMemoryUsed)
        .sum();
  }

  private static Set<Long> threads() {
    return LongStream.of(ManagementFactory.getThreadMXBean().getAllThreadIds())
        .boxed()
        .collect(Collectors.toCollection(HashSet::new));
  }

  /** Zero where the system doesn't list them. */
  private static long fileDescriptors() {
    String[] open = new File("/proc/self/fd").list();
    return open == null ? 0 : open.length;
  }
}
