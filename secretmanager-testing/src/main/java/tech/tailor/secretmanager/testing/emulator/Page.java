package tech.tailor.secretmanager.testing.emulator;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.DynamicMessage;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;

/**
 * A page of a list that is ordered by name. A token is the name that the page before ended with, so
 * that what is created or deleted between two pages moves nothing else; and which list that was.
 *
 * @param nextToken empty on the last page
 */
record Page<T>(List<T> elements, String nextToken, long totalCount) {

  static final int DEFAULT_SIZE = 100;
  static final int MAX_SIZE = 1_000;

  /** The page that the request asks for; the elements come in ascending order of their names. */
  static <T> Page<T> of(List<T> ascending, Function<T, String> name, DynamicMessage request) {
    int asked = Fields.number(request, "page_size");
    int size = asked == 0 ? DEFAULT_SIZE : asked < 0 ? MAX_SIZE : Math.min(asked, MAX_SIZE);
    boolean descending = Fields.enumName(request, "page_direction").equals("PAGE_DIRECTION_DESC");
    String list = listOf(request, descending);
    String after = decode(list, Fields.text(request, "page_token"));
    Comparator<String> order =
        descending ? Comparator.<String>reverseOrder() : Comparator.<String>naturalOrder();
    List<T> rest = new ArrayList<>(ascending);
    rest.sort(Comparator.comparing(name, order));
    rest.removeIf(element -> !after.isEmpty() && order.compare(name.apply(element), after) <= 0);
    if (rest.size() <= size) {
      return new Page<>(rest, "", ascending.size());
    }
    List<T> page = rest.subList(0, size);
    return new Page<>(page, encode(list, name.apply(page.get(size - 1))), ascending.size());
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
