package tech.tailor.secretmanager.testing.emulator;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A method that the emulator serves.
 *
 * @param name its name in its service
 * @param path its path, which a request must have to the letter
 */
record Rpc(String name, String path, Descriptor request, Descriptor response) {

  /** Every method of the two services. */
  private static final Map<String, Rpc> BY_PATH = Stream.of(Wire.OPERATOR, Wire.RUNTIME)
      .flatMap(file -> file.getServices().stream())
      .flatMap(service -> service.getMethods().stream())
      .map(Rpc::of)
      .collect(Collectors.toUnmodifiableMap(Rpc::path, rpc -> rpc));

  static Stream<Rpc> all() {
    return BY_PATH.values().stream();
  }

  static @Nullable Rpc at(String path) {
    return BY_PATH.get(path);
  }

  /**
   * Returns the method of that name.
   *
   * @throws IllegalArgumentException if no method has that name
   */
  static Rpc named(String name) {
    return all()
        .filter(rpc -> rpc.name.equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("The emulator has no such method; it has "
            + all().map(Rpc::name).sorted().collect(Collectors.joining(", "))));
  }

  private static Rpc of(MethodDescriptor method) {
    return new Rpc(
        method.getName(),
        "/" + method.getService().getFullName() + "/" + method.getName(),
        method.getInputType(),
        method.getOutputType());
  }
}
