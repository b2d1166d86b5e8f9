package dev.millrace.cache.ledger;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.cache.ledger.Rows.Ending;
import dev.millrace.cache.ledger.Rows.RequestKey;
import dev.millrace.cache.ledger.Rows.RequestRow;
import dev.millrace.cache.ledger.Rows.Waiter;
import dev.millrace.cache.ledger.Rows.WaiterKey;
import dev.millrace.contracts.Alert;
import dev.millrace.contracts.Completion;
import dev.millrace.contracts.Control;
import dev.millrace.contracts.Decision;
import dev.millrace.contracts.Failure;
import dev.millrace.contracts.Job;
import dev.millrace.contracts.JobId;
import dev.millrace.contracts.Progress;
import dev.millrace.contracts.RequestHash;
import dev.millrace.contracts.RetryDelay;

/// What a rule wants done besides the new entry: rows to write, records to send, leases to keep.
/// The shell carries them out in order, in one transaction.
sealed interface Effect {

  record PutWaiter(RequestHash hash, WaiterKey key, Waiter waiter) implements Effect {}

  record DropWaiter(RequestHash hash, WaiterKey key) implements Effect {}

  record PutRequest(RequestKey key, RequestRow row) implements Effect {}

  record AddDue(Due due) implements Effect {}

  record PutParams(JobId jobId, ObjectNode params) implements Effect {}

  record DropParams(JobId jobId) implements Effect {}

  record PutResult(RequestHash hash, String type, JsonNode result) implements Effect {}

  record DropResult(RequestHash hash) implements Effect {}

  /// The answer of a hash was given: it is worth more than one that was not.
  record Touch(RequestHash hash) implements Effect {}

  /// Watch a run, or start watching it anew.
  record Lease(RequestHash hash, JobId jobId, long epoch, String runId) implements Effect {}

  record Release(RequestHash hash) implements Effect {}

  /// Give the waiters of these cohorts their completions.
  record FanOut(Ending ending) implements Effect {}

  record Decide(Decision decision) implements Effect {}

  record Dispatch(Job job) implements Effect {}

  record Delay(Job job, RetryDelay delay) implements Effect {}

  record Bury(Job job, Failure failure) implements Effect {}

  record Complete(Completion completion) implements Effect {}

  record Direct(Control control) implements Effect {}

  record Finish(Progress progress) implements Effect {}

  record Warn(Alert alert) implements Effect {}
}
