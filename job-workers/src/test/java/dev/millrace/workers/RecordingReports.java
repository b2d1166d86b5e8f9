package dev.millrace.workers;

import dev.millrace.contracts.Job;
import dev.millrace.contracts.Outcome;
import dev.millrace.contracts.Progress;
import dev.millrace.workers.attempts.Reports;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/// Keeps what is reported, in order, and answers as a broker that can be made deaf or cross.
public final class RecordingReports implements Reports {

  private final List<Object> all = new CopyOnWriteArrayList<>();
  private volatile Predicate<Object> unanswered = _ -> false;
  private volatile Predicate<Object> failing = _ -> false;

  /// From now on the records that match get no answer.
  public void leaveUnanswered(Predicate<Object> records) {
    unanswered = records;
  }

  /// From now on the records that match fail.
  public void fail(Predicate<Object> records) {
    failing = records;
  }

  /// Everything that was sent.
  public List<Object> all() {
    return List.copyOf(all);
  }

  public <T> List<T> all(Class<T> kind) {
    return all.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  /// All outcomes but heartbeats.
  public List<Outcome> outcomes() {
    return all(Outcome.class).stream().filter(o -> !(o instanceof Outcome.Heartbeat)).toList();
  }

  @Override
  public CompletableFuture<?> outcome(Job job, Outcome outcome) {
    return answer(outcome);
  }

  @Override
  public CompletableFuture<?> progress(Job job, Progress progress) {
    return answer(progress);
  }

  private CompletableFuture<?> answer(Object record) {
    all.add(record);
    if (failing.test(record)) {
      return CompletableFuture.failedFuture(new IllegalStateException("the broker is cross"));
    }
    return unanswered.test(record)
        ? new CompletableFuture<>()
        : CompletableFuture.completedFuture(null);
  }
}
