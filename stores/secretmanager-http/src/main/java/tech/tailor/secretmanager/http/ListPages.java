package tech.tailor.secretmanager.http;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tech.tailor.secretmanager.SecretProtocolException;

/**
 * The pages of one list, each asked for when it is wanted. What a server can make of a list is
 * bounded. Not thread-safe.
 */
final class ListPages<T> {

  private final String intent;
  private final Source<T> source;
  private final Set<String> tokens = new HashSet<>();
  private String token = "";
  private int items;
  private boolean hasNext = true;

  /**
   * Makes the pages; nothing is asked yet.
   *
   * @param intent what a page is asked for, such as "list the vaults"
   */
  ListPages(String intent, Source<T> source) {
    this.intent = intent;
    this.source = source;
  }

  /** Asks for a page. */
  @FunctionalInterface
  interface Source<T> {

    /**
     * Asks for it.
     *
     * @param token what the page before said of it; empty for the first
     */
    Answers.Page<T> page(String token) throws RefusedException;
  }

  /** Whether there is another page, which may be empty. */
  boolean hasNext() {
    return hasNext;
  }

  /** Asks for the next page. */
  List<T> next() throws RefusedException {
    Answers.Page<T> page = source.page(token);
    token = page.next();
    hasNext = !token.isEmpty();
    items += page.items().size();
    if (hasNext && !tokens.add(token)) {
      throw broken("the server gave a page token a second time");
    }
    if (tokens.size() == HttpLimits.PAGES) {
      throw broken("there are more than " + HttpLimits.PAGES + " pages, which is the limit");
    }
    if (items > HttpLimits.LISTED) {
      throw broken("there are more than " + HttpLimits.LISTED + ", which is the limit");
    }
    return page.items();
  }

  /** Asks for all pages that are left. */
  List<T> all() throws RefusedException {
    List<T> all = new ArrayList<>();
    while (hasNext) {
      all.addAll(next());
    }
    return all;
  }

  private SecretProtocolException broken(String how) {
    return new SecretProtocolException("Could not " + intent + ": " + how);
  }
}
