package dev.millrace.cache.layers;

import dev.millrace.runtime.BlobStore;
import dev.millrace.runtime.Resources;
import dev.millrace.runtime.Threads;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Whether the blobs that answers name are still there.
///
/// The ledger asks on its own thread, before a hit. So there is a budget of time to wait for the
/// store in each second, however many questions there are. When it is spent nobody waits, the store
/// goes on looking, and what it says is good for the next who asks.
///
/// Of each answer one question is open at a time, and what comes of it is believed for a while. So
/// one in demand is not asked about each time: neither at its hits nor by all who join its new run
/// when it is missing. What that run brings is an answer of another epoch, though often the same
/// blob, and is asked about anew.
///
/// **Trouble.** While the store does not say, what it said of the answer last still counts; when
/// that is nothing, the answer is given, and counted. And nothing is missing in a store that has
/// not shown this process any blob yet, or none for a while: it may be another than workers write
/// to, and would have every hit on a large result computed anew.
public final class BlobCheck implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(BlobCheck.class);

  private static final int AT_ONCE = 64;
  private static final int REMEMBERED = 10_000;
  private static final long THERE_FOR = Duration.ofMinutes(5).toNanos();
  private static final long NOT_THERE_FOR = Duration.ofSeconds(10).toNanos();
  private static final int MOST_MISSING_IN_A_ROW = 20;
  private static final long BETWEEN_LINES = Duration.ofMinutes(1).toNanos();

  private final BlobStore store;
  private final Budget budget;
  private final Resources resources;

  // No virtual threads: on a folder that hangs they would hold on to the few threads below them.
  // And no queue: a question that finds all threads taken by a slow store is not asked.
  private final ExecutorService asking =
      new ThreadPoolExecutor(
          0,
          AT_ONCE,
          10,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          Threads.platform("blob-check"));

  private final Map<String, Question> questions =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Question> eldest) {
          return size() > REMEMBERED;
        }
      };

  /// Since the store has shown a blob last.
  private final AtomicInteger missingInARow = new AtomicInteger(MOST_MISSING_IN_A_ROW);

  private final AtomicLong tellFrom;

  /// @param there what comes of it
  /// @param before what the store had said until then
  private record Question(Future<Boolean> there, @Nullable Boolean before, long asked) {

    boolean holds(long now) {
      return !there.isDone() || now - asked < (isThere() ? THERE_FOR : NOT_THERE_FOR);
    }

    boolean isThere() {
      return isAnswered() && there.resultNow();
    }

    /// What the store said last; null: nothing yet.
    @Nullable Boolean said() {
      return isAnswered() ? there.resultNow() : before;
    }

    private boolean isAnswered() {
      return there.state() == Future.State.SUCCESS;
    }
  }

  /// @param store is closed with this
  /// @param budget how long all together may wait for it in each second
  public BlobCheck(BlobStore store, Duration budget, Resources resources) {
    this.store = store;
    this.budget = new Budget(budget.toNanos(), resources.nanoTime().getAsLong());
    this.resources = resources;
    this.tellFrom = new AtomicLong(resources.nanoTime().getAsLong());
  }

  /// Whether the store says that it has no such blob.
  ///
  /// @param epoch of the answer that names it
  public boolean missing(String ref, long epoch) {
    long begun = now();
    var question = question(epoch + ":" + ref, ref, begun);
    await(question.there(), budget.left(begun));
    budget.spend(begun, now());
    boolean isThere = question.isThere();
    boolean isMissing = isBelieved() && !isThere && Boolean.FALSE.equals(question.said());
    if (!isThere) {
      count(isMissing ? "missing" : "unknown");
    }
    return isMissing;
  }

  private boolean isBelieved() {
    return missingInARow.get() < MOST_MISSING_IN_A_ROW;
  }

  private Question question(String key, String ref, long now) {
    synchronized (questions) {
      var last = questions.get(key);
      if (last != null && last.holds(now)) {
        return last;
      }
      var next = new Question(ask(ref), last == null ? null : last.said(), now);
      questions.remove(key); // and to the end, behind those asked before
      questions.put(key, next);
      return next;
    }
  }

  private Future<Boolean> ask(String ref) {
    try {
      return asking.submit(() -> look(ref));
    } catch (RejectedExecutionException | OutOfMemoryError e) { // the latter: no more threads
      return CompletableFuture.failedFuture(e);
    }
  }

  private boolean look(String ref) {
    try {
      boolean there = store.exists(ref);
      if (there) {
        missingInARow.set(0);
      } else if (missingInARow.incrementAndGet() >= MOST_MISSING_IN_A_ROW) {
        missingInARow.set(MOST_MISSING_IN_A_ROW);
        tell("it has shown none yet, or none of the last " + MOST_MISSING_IN_A_ROW);
      }
      return there;
    } catch (RuntimeException e) {
      tell(e.toString());
      throw e;
    }
  }

  private void tell(String why) {
    long from = tellFrom.get();
    if (now() - from >= 0 && tellFrom.compareAndSet(from, now() + BETWEEN_LINES)) {
      LOG.warn(
          "the blob store does not say whether large results are there, so they are taken to be:"
              + " {}; check that blobs.dir or blobs.s3 are those of the workers",
          why);
    }
  }

  private static void await(Future<Boolean> outcome, long nanos) {
    try {
      var _ = outcome.get(nanos, TimeUnit.NANOSECONDS);
    } catch (TimeoutException | ExecutionException _) {
      // the store says nothing now
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void count(String reason) {
    resources
        .meters()
        .counter("cache.layer.errors", "layer", "blobs", "reason", reason)
        .increment();
  }

  private long now() {
    return resources.nanoTime().getAsLong();
  }

  @Override
  public void close() {
    asking.shutdownNow();
    store.close();
  }

  /// So many nanoseconds in each second.
  private static final class Budget {

    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private final long nanos;
    private long begun;
    private long spent;

    private Budget(long nanos, long now) {
      this.nanos = nanos;
      begun = now;
    }

    private synchronized long left(long now) {
      if (now - begun >= SECOND) {
        begun = now;
        spent = 0;
      }
      return nanos - spent;
    }

    private synchronized void spend(long from, long to) {
      spent = nanos - left(to) + to - from;
    }
  }
}
