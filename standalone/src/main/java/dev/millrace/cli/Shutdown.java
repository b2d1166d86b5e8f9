package dev.millrace.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Turns SIGTERM and Ctrl-C into an orderly end: the main thread is told, finishes what it holds
/// and returns its exit code, and only then the process goes.
///
/// The JVM would exit by itself with 143 or 130, and would not wait for the main thread.
final class Shutdown implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final CountDownLatch asked = new CountDownLatch(1);
  private final CountDownLatch finished = new CountDownLatch(1);
  private final Thread main = Thread.currentThread();
  private final Thread hook;
  private volatile boolean started;
  private volatile int exitCode = ExitCode.INTERRUPTED;

  private Shutdown() {
    hook = new Thread(this::hook, "shutdown");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /// From now on the process waits for [#close] before it ends.
  static Shutdown install() {
    return new Shutdown();
  }

  /// Whatever was being started runs: being asked to stop now no longer interrupts the main thread.
  void started() {
    started = true;
  }

  /// Waits until the process is asked to stop.
  void await() throws InterruptedException {
    asked.await();
  }

  boolean asked() {
    return asked.getCount() == 0;
  }

  /// What a process that was asked to stop ends with.
  void exitCode(int code) {
    exitCode = code;
  }

  @Override
  public void close() {
    finished.countDown();
    if (!asked()) {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException _) {
        // the process is going already, and the hook with it
      }
    }
  }

  private void hook() {
    asked.countDown();
    if (!started) {
      main.interrupt();
    }
    boolean orderly = await(finished);
    System.out.flush();
    System.err.flush();
    Runtime.getRuntime().halt(orderly ? exitCode : ExitCode.FAILED);
  }

  private static boolean await(CountDownLatch latch) {
    try {
      return latch.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException _) {
      return false;
    }
  }

  /// For a command that only waits for an answer: says something when the user gives up.
  static AutoCloseable onInterrupt(Runnable say) {
    var hook = new Thread(say, "interrupted");
    Runtime.getRuntime().addShutdownHook(hook);
    return () -> {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException _) {
        // the process is going already
      }
    };
  }

  /// So that a field for the cause of an early end needs no class of its own.
  static boolean isInterrupt(@Nullable Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof InterruptedException
          || cause instanceof org.apache.kafka.common.errors.InterruptException) {
        return true;
      }
    }
    return false;
  }
}
