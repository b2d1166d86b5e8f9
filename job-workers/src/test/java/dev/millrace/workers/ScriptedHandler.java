package dev.millrace.workers;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.millrace.workers.handlers.JobContext;
import dev.millrace.workers.handlers.JobHandler;
import dev.millrace.workers.handlers.JobResult;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/// Does what a test says.
public final class ScriptedHandler implements JobHandler {

  /// What to do with a job.
  @FunctionalInterface
  public interface Script {
    JobResult play(JobContext context) throws Exception;
  }

  public static final JobResult DONE =
      JobResult.of(JsonNodeFactory.instance.objectNode().put("done", true));

  private final AtomicInteger begun = new AtomicInteger();
  private volatile Script script = _ -> DONE;

  public void script(Script value) {
    script = value;
  }

  /// Works until it is interrupted.
  public void untilStopped() {
    script =
        _ -> {
          new CountDownLatch(1).await();
          return DONE;
        };
  }

  /// How many jobs it has begun.
  public int begun() {
    return begun.get();
  }

  @Override
  public String type() {
    return "test";
  }

  @Override
  public JobResult handle(JobContext context) throws Exception {
    begun.incrementAndGet();
    return script.play(context);
  }
}
