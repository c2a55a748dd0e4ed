package tech.tailor.secretmanager.testing.emulator;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.DynamicMessage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;

/**
 * A page of a list. Its token is the sort key of the last element of the page before, so that what
 * is created or deleted between two pages moves nothing else; and which list that was.
 *
 * @param nextToken empty on the last page
 */
record Page<T>(List<T> elements, String nextToken, long totalCount) {

  static final int DEFAULT_SIZE = 100;
  static final int MAX_SIZE = 1_000;

  /**
   * The page that the request asks for of a list by the time of creation, and by name where times
   * are equal: newest first, unless the request asks for ascending order.
   */
  static <T> Page<T> newestFirst(
      List<T> all,
      Function<T, Instant> createTime,
      Function<T, String> name,
      DynamicMessage request) {
    return of(
        all,
        element -> sortable(createTime.apply(element)) + name.apply(element),
        request,
        !direction(request).equals("PAGE_DIRECTION_ASC"));
  }

  /** The page that the request asks for of a list by name: ascending, unless it asks otherwise. */
  static <T> Page<T> byName(List<T> all, Function<T, String> name, DynamicMessage request) {
    return of(all, name, request, direction(request).equals("PAGE_DIRECTION_DESC"));
  }

  private static <T> Page<T> of(
      List<T> all, Function<T, String> key, DynamicMessage request, boolean descending) {
    int asked = Fields.number(request, "page_size");
    int size = asked == 0 ? DEFAULT_SIZE : asked < 0 ? MAX_SIZE : Math.min(asked, MAX_SIZE);
    String list = listOf(request, descending);
    String after = decode(list, Fields.text(request, "page_token"));
    Comparator<String> order =
        descending ? Comparator.<String>reverseOrder() : Comparator.<String>naturalOrder();
    List<T> rest = new ArrayList<>(all);
    rest.sort(Comparator.comparing(key, order));
    rest.removeIf(element -> !after.isEmpty() && order.compare(key.apply(element), after) <= 0);
    if (rest.size() <= size) {
      return new Page<>(rest, "", all.size());
    }
    List<T> page = rest.subList(0, size);
    return new Page<>(page, encode(list, key.apply(page.get(size - 1))), all.size());
  }

  private static String direction(DynamicMessage request) {
    return Fields.enumName(request, "page_direction");
  }

  /** The instant as digits, which sort as it does. */
  private static String sortable(Instant instant) {
    return "%020d%09d"
        .formatted(instant.getEpochSecond() - Instant.MIN.getEpochSecond(), instant.getNano());
  }

  /** Which list it is, and in which direction: a token is good for no other. */
  private static String listOf(DynamicMessage request, boolean descending) {
    Descriptor type = request.getDescriptorForType();
    String vault = "secretmanager_vault_name";
    return String.join(
        ":",
        type.getName(),
        type.findFieldByName(vault) == null ? "" : Fields.text(request, vault),
        descending ? "desc" : "asc",
        "");
  }

  private static String encode(String list, String name) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString((list + name).getBytes(UTF_8));
  }

  private static String decode(String list, String token) {
    if (token.isEmpty()) {
      return "";
    }
    try {
      String text = new String(Base64.getUrlDecoder().decode(token), UTF_8);
      if (text.startsWith(list)) {
        return text.substring(list.length());
      }
    } catch (IllegalArgumentException e) {
      // Told below, without what was sent.
    }
    throw new RefusedCall(
        Code.INVALID_ARGUMENT, "page_token is not one that this method has returned");
  }
}
