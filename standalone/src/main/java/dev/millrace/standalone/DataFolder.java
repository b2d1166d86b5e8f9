package dev.millrace.standalone;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/// A folder whose data this process alone may touch, and the ports its servers used last.
///
/// The operating system gives the lock back however the process ends, so whoever gets the lock
/// knows that the former holder is gone. The file beside it names the holder for the error message.
final class DataFolder implements AutoCloseable {

  /// Far behind the pid, so that the pid can be read where locks are mandatory.
  private static final long LOCKED_BYTE = Long.MAX_VALUE - 1;

  private final Path path;
  private final FileChannel lockFile;

  private DataFolder(Path path, FileChannel lockFile) {
    this.path = path;
    this.lockFile = lockFile;
  }

  /// @throws FolderInUseException when another live process, or another server of this one, has it
  static DataFolder hold(Path folder) throws IOException {
    var path = Files.createDirectories(folder.toAbsolutePath().normalize()).toRealPath();
    var lockFile = FileChannel.open(path.resolve("lock"), CREATE, READ, WRITE);
    try {
      if (tryLock(lockFile) == null) {
        throw new FolderInUseException(path, holder(lockFile));
      }
      var pid = Long.toString(ProcessHandle.current().pid());
      lockFile.truncate(0).write(ByteBuffer.wrap(pid.getBytes(StandardCharsets.UTF_8)), 0);
      return new DataFolder(path, lockFile);
    } catch (IOException | RuntimeException e) {
      lockFile.close();
      throw e;
    }
  }

  Path path() {
    return path;
  }

  Path resolve(String name) {
    return path.resolve(name);
  }

  /// One free loopback port per name, all different. A port that is wanted is that port or an
  /// error; with 0, the port used last time when it is still free, else any.
  List<Integer> ports(List<PortWish> wishes) throws IOException {
    var recorded = recordedPorts();
    var held = new ArrayList<ServerSocket>();
    try {
      for (var wish : wishes) {
        held.add(wish.claim(recorded.getProperty(wish.name(), "0")));
      }
      var ports = held.stream().map(ServerSocket::getLocalPort).toList();
      for (int i = 0; i < ports.size(); i++) {
        recorded.setProperty(wishes.get(i).name(), ports.get(i).toString());
      }
      try (var out = Files.newBufferedWriter(path.resolve("ports.properties"))) {
        recorded.store(out, null);
      }
      return ports;
    } finally {
      for (var socket : held) {
        socket.close();
      }
    }
  }

  @Override
  public void close() {
    try {
      lockFile.close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot give the data folder " + path + " back", e);
    }
  }

  /// The name a port is recorded under, and the number wanted, 0 for any.
  record PortWish(String name, int port) {

    private ServerSocket claim(String recorded) throws IOException {
      if (port != 0) {
        return listen(port);
      }
      try {
        return listen(Integer.parseInt(recorded));
      } catch (IOException | IllegalArgumentException _) {
        return listen(0);
      }
    }

    private ServerSocket listen(int number) throws IOException {
      var socket = new ServerSocket();
      try {
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), number));
        return socket;
      } catch (IOException e) {
        socket.close();
        throw new IOException(
            "port %d (%s) on 127.0.0.1 is taken by another program".formatted(number, name), e);
      }
    }
  }

  private Properties recordedPorts() throws IOException {
    var ports = new Properties();
    var file = path.resolve("ports.properties");
    if (Files.exists(file)) {
      try (var in = Files.newBufferedReader(file)) {
        ports.load(in);
      }
    }
    return ports;
  }

  private static @Nullable FileLock tryLock(FileChannel file) throws IOException {
    try {
      return file.tryLock(LOCKED_BYTE, 1, false);
    } catch (OverlappingFileLockException _) {
      return null;
    }
  }

  private static String holder(FileChannel lockFile) throws IOException {
    var bytes = ByteBuffer.allocate(20);
    int length = lockFile.read(bytes, 0);
    return length <= 0
        ? "another process"
        : "process " + new String(bytes.array(), 0, length, StandardCharsets.UTF_8);
  }
}
