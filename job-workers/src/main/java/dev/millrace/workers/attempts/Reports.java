package dev.millrace.workers.attempts;

import dev.millrace.contracts.Job;
import dev.millrace.contracts.Outcome;
import dev.millrace.contracts.Progress;
import java.util.concurrent.CompletableFuture;

/// Where the records about runs go. A future that completes means that the broker has the record.
public interface Reports {

  CompletableFuture<?> outcome(Job job, Outcome outcome);

  CompletableFuture<?> progress(Job job, Progress progress);
}
