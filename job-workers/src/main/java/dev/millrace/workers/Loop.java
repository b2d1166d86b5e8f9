package dev.millrace.workers;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Does the same small thing every few milliseconds, on a platform thread of its own, whatever it
/// throws.
final class Loop implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Loop.class);

  private final Thread thread;
  private volatile boolean closed;

  @SuppressWarnings("ThreadPriorityCheck") // a wish; nothing depends on its being heard
  private Loop(String name, int priority, Duration pause, Runnable body) {
    thread =
        Thread.ofPlatform()
            .name(name)
            .daemon()
            .priority(priority)
            .start(() -> {
              while (!closed) {
                try {
                  body.run();
                } catch (RuntimeException | Error e) {
                  LOG.error("{} failed once, going on", name, e);
                }
                LockSupport.parkNanos(pause.toNanos());
              }
            });
  }

  static Loop every(Duration pause, String name, Runnable body) {
    return new Loop(name, Thread.NORM_PRIORITY, pause, body);
  }

  /// For what must not wait for handlers that compute.
  static Loop urgently(Duration pause, String name, Runnable body) {
    return new Loop(name, Thread.MAX_PRIORITY, pause, body);
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }
}
