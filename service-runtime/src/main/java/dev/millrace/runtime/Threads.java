package dev.millrace.runtime;

import java.util.concurrent.ThreadFactory;

/// Threads with readable names.
public final class Threads {

  private Threads() {}

  /// Daemon platform threads `name-0`, `name-1`, …: for consumers, heartbeats, timers and handlers
  /// that compute.
  public static ThreadFactory platform(String name) {
    return Thread.ofPlatform().daemon().name(name + "-", 0).factory();
  }

  /// Virtual threads `name-0`, `name-1`, …: for HTTP and handlers that wait.
  public static ThreadFactory virtual(String name) {
    return Thread.ofVirtual().name(name + "-", 0).factory();
  }
}
