package dev.millrace.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.millrace.workers.handlers.JobContext;
import dev.millrace.workers.handlers.JobHandler;
import dev.millrace.workers.handlers.JobResult;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// Waits and answers. Only workers of a benchmark are given it, by hand: it is on no list.
final class BenchHandler implements JobHandler {

  private final AtomicLong runs = new AtomicLong();
  private final CountDownLatch never = new CountDownLatch(1);

  @Override
  public String type() {
    return "bench";
  }

  @Override
  public boolean waits() {
    return true;
  }

  @Override
  public JobResult handle(JobContext job) throws InterruptedException {
    runs.incrementAndGet();
    var params = job.params();
    long workMs = params.path("workMs").longValue();
    if (workMs > 0 && never.await(workMs, TimeUnit.MILLISECONDS)) {
      throw new IllegalStateException("never came");
    }
    return JobResult.of(
        JsonNodeFactory.instance
            .objectNode()
            .put("answer", "y".repeat(params.path("resultBytes").intValue())));
  }

  /// How often it was called.
  long runs() {
    return runs.get();
  }
}
