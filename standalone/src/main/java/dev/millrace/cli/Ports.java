package dev.millrace.cli;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/// Ports on 127.0.0.1.
final class Ports {

  private Ports() {}

  /// Fails before anything is started when somebody else listens on `port`.
  static void demandFree(String flag, int port) {
    if (port == 0) {
      return;
    }
    try (var socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    } catch (IOException _) {
      throw new CliException(
          ExitCode.FAILED,
          "Port %d is taken by another program; stop that one, or choose another with %s (0: any free port)."
              .formatted(port, flag));
    } catch (IllegalArgumentException _) {
      throw CliException.usage(flag + " must be between 0 and 65535, got " + port + ".");
    }
  }
}
