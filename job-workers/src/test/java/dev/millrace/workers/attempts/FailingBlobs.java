package dev.millrace.workers.attempts;

import dev.millrace.runtime.BlobStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/// A blob store that takes nothing for a while.
final class FailingBlobs implements BlobStore {

  private final BlobStore store;
  private final AtomicInteger failing = new AtomicInteger();
  private final AtomicInteger failed = new AtomicInteger();

  FailingBlobs(BlobStore store) {
    this.store = store;
  }

  /// Does not take the next so many.
  void fail(int times) {
    failing.set(times);
  }

  /// How many it has not taken.
  int failed() {
    return failed.get();
  }

  @Override
  public String put(byte[] bytes) {
    if (failing.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      failed.incrementAndGet();
      throw new UncheckedIOException("cannot keep a blob", new IOException("no space left"));
    }
    return store.put(bytes);
  }

  @Override
  public Optional<byte[]> get(String ref) {
    return store.get(ref);
  }

  @Override
  public boolean exists(String ref) {
    return store.exists(ref);
  }

  @Override
  public int sweep(Instant olderThan) {
    return store.sweep(olderThan);
  }

  @Override
  public void close() {
    store.close();
  }
}
