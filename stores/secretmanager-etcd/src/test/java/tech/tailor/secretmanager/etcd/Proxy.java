package tech.tailor.secretmanager.etcd;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/** A proxy on the loopback address between a client and a server, which a test can stop and cut. */
final class Proxy implements Closeable {

  private static final int BUFFER_BYTES = 1 << 16;

  private final ServerSocket listener;
  private volatile int target;
  private final List<Socket> toClients = new CopyOnWriteArrayList<>();
  private final List<Socket> toServers = new CopyOnWriteArrayList<>();
  private final Lock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean holdsRequests;
  private boolean holdsOld;
  private int generation;
  private boolean holdsAnswers;
  private int held;

  Proxy(int target) throws IOException {
    this.target = target;
    this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    start("accept", this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  String url() {
    return "http://127.0.0.1:" + port();
  }

  private void accept() throws IOException {
    while (!listener.isClosed()) {
      Socket client = listener.accept();
      Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
      toClients.add(client);
      toServers.add(server);
      int born = generation();
      start("requests", () -> copy(client, server, true, born));
      start("answers", () -> copy(server, client, false, born));
    }
  }

  private interface Work {
    void run() throws IOException;
  }

  private static void start(String name, Work work) {
    Thread thread = new Thread(
        () -> {
          try {
            work.run();
          } catch (IOException e) {
            // The connection was cut, or the proxy was closed.
          }
        },
        "proxy-" + name);
    thread.setDaemon(true);
    thread.start();
  }

  private void copy(Socket from, Socket to, boolean isRequest, int born) throws IOException {
    InputStream in = from.getInputStream();
    OutputStream out = to.getOutputStream();
    byte[] buffer = new byte[BUFFER_BYTES];
    int size = in.read(buffer);
    while (size >= 0) {
      awaitPassage(isRequest, born);
      out.write(buffer, 0, size);
      out.flush();
      size = in.read(buffer);
    }
  }

  private void awaitPassage(boolean isRequest, int born) {
    lock.lock();
    try {
      if (isRequest && holdsRequests) {
        held++;
        changed.signalAll();
      }
      while (isRequest ? holdsRequests || (holdsOld && born < generation) : holdsAnswers) {
        changed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  private int generation() {
    lock.lock();
    try {
      return generation;
    } finally {
      lock.unlock();
    }
  }

  private void set(Runnable change) {
    lock.lock();
    try {
      change.run();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Leads new connections to another server. */
  void leadTo(int port) {
    target = port;
  }

  /** Lets nothing pass to the server. */
  void holdRequests() {
    set(() -> {
      holdsRequests = true;
      held = 0;
    });
  }

  /** Lets nothing pass to the clients. */
  void holdAnswers() {
    set(() -> holdsAnswers = true);
  }

  /** Waits until there is a request that was held. */
  void awaitHeld() {
    lock.lock();
    try {
      while (held == 0) {
        changed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Lets requests of new connections pass; those that are held stay so until {@link #pass}. */
  void passLater() {
    set(() -> {
      generation++;
      holdsOld = true;
      holdsRequests = false;
    });
  }

  /** Lets everything pass, also what was held. */
  void pass() {
    set(() -> {
      holdsRequests = false;
      holdsOld = false;
      holdsAnswers = false;
    });
  }

  /** Cuts the connections that there are to clients; those to the server stay. */
  void cutClients() {
    close(toClients);
  }

  /** Cuts all connections that there are. */
  void cut() {
    close(toServers);
    close(toClients);
  }

  private static void close(List<Socket> sockets) {
    for (Socket socket : sockets) {
      try {
        socket.setSoLinger(true, 0);
        socket.close();
      } catch (IOException e) {
        // It is closed already.
      }
    }
    sockets.clear();
  }

  @Override
  public void close() throws IOException {
    listener.close();
    pass();
    cut();
  }
}
