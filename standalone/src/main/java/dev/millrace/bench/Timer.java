package dev.millrace.bench;

import java.util.concurrent.locks.LockSupport;

/// Monotonic time, and waiting for it.
interface Timer {

  long nanoTime();

  /// Returns when `nanoTime` is at least `nanos`.
  void await(long nanos) throws InterruptedException;

  /// The machine's.
  static Timer system() {
    return new Timer() {
      @Override
      public long nanoTime() {
        return System.nanoTime();
      }

      @Override
      public void await(long nanos) throws InterruptedException {
        for (long left = nanos - nanoTime(); left > 0; left = nanos - nanoTime()) {
          LockSupport.parkNanos(left);
          if (Thread.interrupted()) {
            throw new InterruptedException();
          }
        }
      }
    };
  }
}
