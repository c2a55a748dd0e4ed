package tech.tailor.secretmanager.cli;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import picocli.CommandLine.Option;

/** The order and the length of a list. */
final class ListOptions {

  /** By time of creation. */
  enum Order {
    asc,
    desc
  }

  @Option(
      names = "--order",
      paramLabel = "asc|desc",
      description = "By time of creation. Default: desc, newest first.")
  Order order = Order.desc;

  @Option(
      names = {"-l", "--limit"},
      paramLabel = "N",
      description = "How many to list at most; 0 lists all. Default: 0.")
  int limit;

  /** To be called before a store is asked. */
  void check() {
    if (limit < 0) {
      throw CliException.usage("The limit (--limit) must be 0, which lists all, or more.");
    }
  }

  /** Those to list, in order. */
  <T> List<T> apply(List<T> all, Function<T, Instant> created, Function<T, String> name) {
    Comparator<T> byTime = Comparator.comparing(created);
    List<T> sorted = new ArrayList<>(all);
    sorted.sort((order == Order.desc ? byTime.reversed() : byTime).thenComparing(name));
    return limit == 0 ? sorted : sorted.subList(0, Math.min(limit, sorted.size()));
  }
}
