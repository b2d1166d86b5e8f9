package dev.millrace.cache;

import java.time.Duration;
import java.util.Set;
import java.util.function.LongSupplier;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.StoreBuilder;
import org.jspecify.annotations.Nullable;

/// Asks for a commit of what was written when a stream thread is about to poll: all it had polled
/// is processed then, so that a commit keeps nobody waiting who could have shared it. Alone, a
/// record is committed at once; and while a commit takes its time, the next ones gather (group
/// commit; DeWitt et al. 1984).
///
/// Between two commits lies a while, and at least as long as the first one took, so that a busy
/// machine makes fewer and larger ones.
final class GroupCommit {

  /// The load of more commits a second makes everything slower, commits included.
  private static final long LEAST_NANOS = Duration.ofMillis(10).toNanos();

  private final ThreadLocal<Written> written = ThreadLocal.withInitial(Written::new);
  private final LongSupplier nanoTime;

  GroupCommit(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /// What one stream thread has written since its last commit.
  private final class Written {
    private boolean anything;
    private @Nullable ProcessorContext<?, ?> task;
    private long notBefore = nanoTime.getAsLong();
  }

  /// This thread has written something.
  void wrote() {
    written.get().anything = true;
  }

  /// This thread is about to poll. It asks for a commit once; should that fail, the task that wrote
  /// is another's by now.
  ///
  /// @param timeout how long it would wait
  /// @return how long it may
  Duration polling(Duration timeout) {
    var here = written.get();
    if (!here.anything || here.task == null) {
      return timeout;
    }
    long left = here.notBefore - nanoTime.getAsLong();
    if (left > 0) {
      return left < timeout.toNanos() ? Duration.ofNanos(left) : timeout;
    }
    here.anything = false;
    here.task.commit();
    return Duration.ZERO;
  }

  /// This thread has committed.
  ///
  /// @param begun when, in monotonic time
  void committed(long begun) {
    var here = written.get();
    long now = nanoTime.getAsLong();
    here.anything = false;
    here.notBefore = now + Math.max(LEAST_NANOS, now - begun);
  }

  /// Makes the tasks of a processor known, of which one is asked to commit for its whole thread.
  ProcessorSupplier<byte[], byte[], byte[], byte[]> around(
      ProcessorSupplier<byte[], byte[], byte[], byte[]> supplier) {
    return new ProcessorSupplier<>() {
      @Override
      public Processor<byte[], byte[], byte[], byte[]> get() {
        return new Known(supplier.get());
      }

      @Override
      public Set<StoreBuilder<?>> stores() {
        return supplier.stores();
      }
    };
  }

  private final class Known implements Processor<byte[], byte[], byte[], byte[]> {

    private final Processor<byte[], byte[], byte[], byte[]> processor;
    private ProcessorContext<byte[], byte[]> context;

    Known(Processor<byte[], byte[], byte[], byte[]> processor) {
      this.processor = processor;
    }

    @Override
    public void init(ProcessorContext<byte[], byte[]> newContext) {
      context = newContext;
      written.get().task = context;
      processor.init(newContext);
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
      written.get().task = context;
      processor.process(record);
    }

    @Override
    public void close() {
      processor.close();
    }
  }
}
