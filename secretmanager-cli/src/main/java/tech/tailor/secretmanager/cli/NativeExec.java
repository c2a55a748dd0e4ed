package tech.tailor.secretmanager.cli;

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.reflect.Array;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Puts a program in the place of this process, so that it has its terminal, its process id and its
 * signals. Linux with JDK 22 or newer alone, by the JDK's interface to native functions, which is
 * called by reflection since this code is compiled for JDK 17.
 */
final class NativeExec {

  private static final int FIRST_NATIVE_JDK = 22;
  private static final int SET_MASK = 2;
  private static final int SIGNAL_SET_BYTES = 128;
  private static final int SET_DESCRIPTOR_FLAGS = 2;
  private static final int CLOSE_ON_EXEC = 1;
  private static final int FIRST_OTHER_DESCRIPTOR = 3;

  private static final String PATH = "PATH";
  private static final Charset LOCALE =
      Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));

  private final Object arena;
  private final Object linker;

  private NativeExec() throws ReflectiveOperationException {
    arena = type("Arena").getMethod("global").invoke(null);
    linker = type("Linker").getMethod("nativeLinker").invoke(null);
  }

  /**
   * Replaces this process; returns if it can't, or if there is no such program. The secrets are
   * added to the environment, whose other variables stay as they are, byte for byte.
   */
  static void replaceProcess(List<String> command, List<SecretInEnvironment> secrets) {
    if (!System.getProperty("os.name", "").equals("Linux")
        || Runtime.version().feature() < FIRST_NATIVE_JDK) {
      return;
    }
    try {
      new NativeExec().exec(command, secrets);
    } catch (Throwable e) {
      // Such as a JVM that allows no native access. The program is started as a child then.
      if (e instanceof VirtualMachineError error) {
        throw error;
      }
    }
  }

  private void exec(List<String> command, List<SecretInEnvironment> secrets) throws Throwable {
    Optional<String> program = find(command.get(0));
    if (program.isEmpty()) {
      return;
    }
    closeOthersOnExec();
    // The JVM blocks some signals on its threads, and the program would inherit that.
    call("sigprocmask", SET_MASK, address(SIGNAL_SET_BYTES), 0L);
    for (SecretInEnvironment secret : secrets) {
      call("setenv", text(secret.variable().getBytes(LOCALE)), text(secret.bytes()), 1);
    }
    ByteBuffer pointers =
        ByteBuffer.allocate((command.size() + 1) * Long.BYTES).order(ByteOrder.nativeOrder());
    for (String argument : command) {
      pointers.putLong(text(argument.getBytes(LOCALE)));
    }
    pointers.putLong(0);
    call("execv", text(program.get().getBytes(LOCALE)), copied(pointers.array()));
    if (secrets.stream().anyMatch(secret -> secret.variable().equals(PATH))) {
      // The program is looked up once more, for a child.
      call("setenv", text(PATH.getBytes(LOCALE)), text(userPath().getBytes(LOCALE)), 1);
    }
  }

  /** Where the program is by the user's own PATH, which a secret may be about to replace. */
  private static Optional<String> find(String program) {
    if (program.indexOf('/') >= 0) {
      return Optional.of(program);
    }
    return Stream.of(userPath().split(":", -1))
        .map(directory -> Path.of(directory, program))
        .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
        .map(Path::toString)
        .findFirst();
  }

  private static String userPath() {
    return System.getenv().getOrDefault(PATH, "/usr/bin:/bin");
  }

  /** The program gets standard streams alone, as a child of the JDK's does. */
  private void closeOthersOnExec() throws Throwable {
    List<Integer> descriptors;
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      descriptors =
          open.map(each -> Integer.parseInt(each.getFileName().toString())).toList();
    } catch (IOException e) {
      throw new IllegalStateException("descriptors can't be listed", e);
    }
    for (int descriptor : descriptors) {
      if (descriptor >= FIRST_OTHER_DESCRIPTOR) {
        call("fcntl", descriptor, SET_DESCRIPTOR_FLAGS, CLOSE_ON_EXEC);
      }
    }
  }

  /** Calls a function of the C library whose parameters are int, long or addresses. */
  private void call(String function, Object... arguments) throws Throwable {
    Class<?> layoutType = type("MemoryLayout");
    Object layouts = Array.newInstance(layoutType, arguments.length);
    for (int at = 0; at < arguments.length; at++) {
      Array.set(layouts, at, layout(arguments[at] instanceof Long ? "JAVA_LONG" : "JAVA_INT"));
    }
    Object descriptor = type("FunctionDescriptor")
        .getMethod("of", layoutType, layouts.getClass())
        .invoke(null, layout("JAVA_INT"), layouts);
    Object lookup = type("Linker").getMethod("defaultLookup").invoke(linker);
    Optional<?> symbol =
        (Optional<?>) type("SymbolLookup").getMethod("find", String.class).invoke(lookup, function);
    Object options = Array.newInstance(type("Linker$Option"), 0);
    Object handle = type("Linker")
        .getMethod(
            "downcallHandle", type("MemorySegment"), type("FunctionDescriptor"), options.getClass())
        .invoke(linker, symbol.orElseThrow(), descriptor, options);
    ((MethodHandle) handle).invokeWithArguments(arguments);
  }

  /** Zeroed memory for as long as this process lives. */
  private long address(int size) throws ReflectiveOperationException {
    return copied(new byte[size]);
  }

  /** A text of C: ends with a zero. */
  private long text(byte[] bytes) throws ReflectiveOperationException {
    return copied(Arrays.copyOf(bytes, bytes.length + 1));
  }

  private long copied(byte[] bytes) throws ReflectiveOperationException {
    Object segment = type("Arena")
        .getMethod("allocate", long.class, long.class)
        .invoke(arena, (long) bytes.length, (long) Long.BYTES);
    ByteBuffer memory =
        (ByteBuffer) type("MemorySegment").getMethod("asByteBuffer").invoke(segment);
    memory.put(bytes);
    return (long) type("MemorySegment").getMethod("address").invoke(segment);
  }

  private static Object layout(String name) throws ReflectiveOperationException {
    return type("ValueLayout").getField(name).get(null);
  }

  private static Class<?> type(String name) throws ClassNotFoundException {
    return Class.forName("java.lang.foreign." + name);
  }
}
