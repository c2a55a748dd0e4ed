package tech.tailor.secretmanager.etcd;

import io.etcd.jetcd.Client;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import tech.tailor.secretmanager.fixtures.Tools;

/**
 * A member of etcd, alone or of a cluster, on the loopback address, with a data directory of its
 * own. It keeps its ports over a restart, and ends with {@link #close} or this JVM.
 */
final class EtcdServer implements AutoCloseable {

  private static final int ATTEMPTS = 5;
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final String name;
  private final Path directory;
  private final int clientPort;
  private final int peerPort;
  private final List<String> cluster;
  private final Thread atExit = new Thread(this::kill);
  private Process process;

  private EtcdServer(
      String name, Path directory, int clientPort, int peerPort, List<String> cluster) {
    this.name = name;
    this.directory = directory;
    this.clientPort = clientPort;
    this.peerPort = peerPort;
    this.cluster = cluster;
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  /** Skips the test where there is no etcd. */
  static void require(String what) {
    Tools.require(Tools.has("etcd"), what, "needs etcd, such as Debian's package etcd-server");
  }

  /** Starts one that is alone. */
  static EtcdServer start(Path directory) throws IOException, InterruptedException {
    return startCluster(directory, 1).get(0);
  }

  /** Starts a cluster. */
  static List<EtcdServer> startCluster(Path directory, int size)
      throws IOException, InterruptedException {
    for (int attempt = 1; true; attempt++) {
      List<EtcdServer> members = members(directory.resolve("etcd-" + attempt), size);
      for (EtcdServer member : members) {
        member.launch("new");
      }
      boolean areUp = true;
      for (EtcdServer member : members) {
        areUp &= member.awaitHealth();
      }
      if (areUp) {
        return members;
      }
      members.forEach(EtcdServer::close); // another process took a port meanwhile
      if (attempt == ATTEMPTS) {
        throw new IOException("etcd did not start; see the logs in " + directory);
      }
    }
  }

  private static List<EtcdServer> members(Path directory, int size) throws IOException {
    List<Integer> ports = freePorts(2 * size);
    List<String> cluster = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      cluster.add("member" + i + "=http://127.0.0.1:" + ports.get(2 * i + 1));
    }
    List<EtcdServer> members = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      members.add(new EtcdServer(
          "member" + i,
          directory.resolve("member" + i),
          ports.get(2 * i),
          ports.get(2 * i + 1),
          cluster));
    }
    return members;
  }

  private static List<Integer> freePorts(int count) throws IOException {
    List<ServerSocket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
      }
      return sockets.stream().map(ServerSocket::getLocalPort).toList();
    } finally {
      for (ServerSocket socket : sockets) {
        socket.close();
      }
    }
  }

  private void launch(String state) throws IOException {
    Files.createDirectories(directory);
    String peer = "http://127.0.0.1:" + peerPort;
    process = new ProcessBuilder(
            "etcd",
            "--name",
            name,
            "--data-dir",
            directory.resolve("data").toString(),
            "--listen-client-urls",
            url(),
            "--advertise-client-urls",
            url(),
            "--listen-peer-urls",
            peer,
            "--initial-advertise-peer-urls",
            peer,
            "--initial-cluster",
            String.join(",", cluster),
            "--initial-cluster-state",
            state)
        .redirectErrorStream(true)
        .redirectOutput(
            ProcessBuilder.Redirect.appendTo(directory.resolve("log").toFile()))
        .start();
  }

  /** False if it ended instead. */
  private boolean awaitHealth() throws InterruptedException {
    HttpRequest health = HttpRequest.newBuilder(URI.create(url() + "/health"))
        .timeout(Duration.ofSeconds(5))
        .build();
    while (process.isAlive()) {
      try {
        if (HTTP.send(health, HttpResponse.BodyHandlers.ofString()).body().contains("true")) {
          return true;
        }
      } catch (IOException e) {
        // It does not listen yet.
      }
      Thread.sleep(50);
    }
    return false;
  }

  /** Starts it again with its data, on the same ports. */
  void restart() throws IOException, InterruptedException {
    launch("existing");
    if (!awaitHealth()) {
      throw new IOException("etcd did not start again; see the log in " + directory);
    }
  }

  /** Starts it again and does not wait until it is healthy. */
  void restartInBackground() throws IOException {
    launch("existing");
  }

  /** Ends it as a crash does. */
  void kill() {
    process.destroyForcibly();
    boolean isInterrupted = false;
    while (true) {
      try {
        process.waitFor();
        break;
      } catch (InterruptedException e) {
        isInterrupted = true;
      }
    }
    if (isInterrupted) {
      Thread.currentThread().interrupt();
    }
  }

  String name() {
    return name;
  }

  Path directory() {
    return directory;
  }

  int port() {
    return clientPort;
  }

  String peerUrl() {
    return "http://127.0.0.1:" + peerPort;
  }

  /** Where clients connect. */
  String url() {
    return "http://127.0.0.1:" + clientPort;
  }

  /** A client of its own, which the caller closes. */
  Client client() {
    return Client.builder().endpoints(url()).build();
  }

  @Override
  public void close() {
    kill();
    Runtime.getRuntime().removeShutdownHook(atExit);
  }
}
