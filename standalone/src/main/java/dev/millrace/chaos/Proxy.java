package dev.millrace.chaos;

import dev.millrace.runtime.Threads;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// A network between a client and the broker that can be cut: connections hang, as when a cable is
/// pulled, and are reset when it is healed.
final class Proxy implements AutoCloseable {

  private final ServerSocket door;
  private final int target;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private volatile boolean cut;

  private Proxy(ServerSocket door, int target) {
    this.door = door;
    this.target = target;
  }

  /// Listens on a free port of 127.0.0.1 and passes on to `target` there.
  static Proxy to(int target) throws IOException {
    var door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    var proxy = new Proxy(door, target);
    Threads.platform("chaos-proxy").newThread(proxy::accept).start();
    return proxy;
  }

  int port() {
    return door.getLocalPort();
  }

  void cut() {
    cut = true;
  }

  void heal() {
    cut = false;
    open.forEach(Proxy::drop);
  }

  private void accept() {
    while (!door.isClosed()) {
      try {
        var client = door.accept();
        open.add(client);
        Thread.ofVirtual().start(() -> join(client));
      } catch (IOException _) {
        // closed
      }
    }
  }

  private void join(Socket client) {
    try (client;
        var broker = new Socket()) {
      open.add(broker);
      broker.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target), 5_000);
      var back = Thread.ofVirtual().start(() -> pump(broker, client));
      pump(client, broker);
      back.join();
      open.remove(broker);
    } catch (IOException _) {
      // the broker is away; the client will try again
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      open.remove(client);
    }
  }

  /// While the cable is cut nothing passes, and nothing is lost: it hangs until the reset.
  private void pump(Socket from, Socket to) {
    var buffer = new byte[16_384];
    try {
      for (int read; (read = from.getInputStream().read(buffer)) >= 0; ) {
        if (cut) {
          return;
        }
        to.getOutputStream().write(buffer, 0, read);
      }
      drop(to);
    } catch (IOException _) {
      drop(from);
      drop(to);
    }
  }

  private static void drop(Closeable socket) {
    try {
      socket.close();
    } catch (IOException _) {
      // gone
    }
  }

  @Override
  public void close() throws IOException {
    door.close();
    open.forEach(Proxy::drop);
  }
}
