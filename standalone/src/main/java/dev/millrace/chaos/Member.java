package dev.millrace.chaos;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// One process of the fleet, whether it runs at the moment or not. One fault at a time has it.
final class Member implements AutoCloseable {

  private static final int MOST_STARTS = 8;

  private final String name;
  private final Role role;
  private final List<String> arguments;
  private final Map<String, String> environment;
  private final Path log;
  private final ReentrantLock held = new ReentrantLock();
  private volatile @Nullable Child child;

  /// What a member does.
  enum Role {
    BROKER,
    INTAKE,
    CACHE_STORE,
    WORKERS,
    PUBLISHER
  }

  /// What a fault does with its victim.
  interface Blow {
    void to(Member victim) throws IOException, InterruptedException;
  }

  Member(
      String name, Role role, List<String> arguments, Map<String, String> environment, Path log) {
    this.name = name;
    this.role = role;
    this.arguments = List.copyOf(arguments);
    this.environment = Map.copyOf(environment);
    this.log = log;
  }

  String name() {
    return name;
  }

  Role role() {
    return role;
  }

  /// Keeps every other fault away until `blow` is over.
  void suffer(Blow blow) throws IOException, InterruptedException {
    held.lockInterruptibly();
    try {
      blow.to(this);
    } finally {
      held.unlock();
    }
  }

  /// Starts it as a supervisor does: again and again while it ends at once, because the broker may
  /// be away just now.
  void start() throws IOException {
    for (int attempt = 1; ; attempt++) {
      var started = Child.start(arguments, environment, log);
      child = started;
      try {
        started.awaitReady();
        return;
      } catch (IOException e) {
        started.close();
        if (attempt == MOST_STARTS) {
          throw new IOException(name + " does not start, see " + log, e);
        }
      }
    }
  }

  /// Starts it again if it ended though no fault has it.
  ///
  /// @return whether it had ended
  boolean revive() throws IOException {
    if (!held.tryLock()) {
      return false;
    }
    try {
      var ended = child;
      if (ended == null || ended.alive()) {
        return false;
      }
      ended.close();
      start();
      return true;
    } finally {
      held.unlock();
    }
  }

  void kill() {
    close();
  }

  void terminate() throws InterruptedException {
    var running = child;
    if (running != null) {
      running.terminate();
      running.close();
    }
  }

  void pause() throws IOException {
    var running = child;
    if (running != null) {
      running.pause();
    }
  }

  void resume() throws IOException {
    var running = child;
    if (running != null) {
      running.resume();
    }
  }

  /// Never waits for a fault that has it: whatever happens, no process may stay behind.
  @Override
  public void close() {
    var running = child;
    if (running != null) {
      running.close();
    }
  }
}
