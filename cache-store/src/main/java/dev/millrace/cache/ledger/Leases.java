package dev.millrace.cache.ledger;

import dev.millrace.contracts.JobId;
import dev.millrace.contracts.Outcome;
import dev.millrace.contracts.RequestHash;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Which runs are believed alive, in monotonic time and in memory only: a heartbeat writes nothing.
final class Leases {

  /* After SILENCE without a heartbeat the ledger appends a check to its own outcomes. It comes back
  behind every outcome that was already there, so a ledger that itself fell behind never takes its
  own lateness for a worker's silence. The first check that comes back gives the run GRACE more; the
  second ends the lease. Checks of an earlier process are not ours and mean nothing. */

  static final Duration SILENCE = Duration.ofSeconds(4);
  static final Duration GRACE = Duration.ofSeconds(2);

  private final Map<RequestHash, Lease> leases = new HashMap<>();

  private static final class Lease {
    private final JobId jobId;
    private final long epoch;
    private final String runId;
    private long deadline;

    /// The round of the check on its way; 0: none.
    private int sent;

    /// Rounds that came back since the last heartbeat.
    private int back;

    private Lease(JobId jobId, long epoch, String runId, long deadline) {
      this.jobId = jobId;
      this.epoch = epoch;
      this.runId = runId;
      this.deadline = deadline;
    }

    private boolean is(long otherEpoch, String otherRun) {
      return epoch == otherEpoch && runId.equals(otherRun);
    }
  }

  /// Starts watching a run, or notes that it is alive.
  ///
  /// @return whether the run is new
  boolean renew(RequestHash hash, JobId jobId, long epoch, String runId, long nanos) {
    var lease = leases.get(hash);
    long deadline = nanos + SILENCE.toNanos();
    if (lease != null && lease.is(epoch, runId)) {
      lease.deadline = deadline;
      lease.sent = 0;
      lease.back = 0;
      return false;
    }
    leases.put(hash, new Lease(jobId, epoch, runId, deadline));
    return true;
  }

  /// Stops watching.
  ///
  /// @return whether there was a run to watch
  boolean release(RequestHash hash) {
    return leases.remove(hash) != null;
  }

  /// The checks to append now.
  List<Outcome.Check> silent(long nanos, Instant now) {
    var checks = new ArrayList<Outcome.Check>();
    leases.forEach((hash, lease) -> {
      if (lease.sent == 0 && nanos - lease.deadline >= 0) {
        lease.sent = lease.back + 1;
        checks.add(new Outcome.Check(lease.jobId, hash, lease.epoch, lease.runId, lease.sent, now));
      }
    });
    return checks;
  }

  /// A check came back.
  ///
  /// @return whether the lease is over
  boolean over(Outcome.Check check, long nanos) {
    var lease = leases.get(check.requestHash());
    if (lease == null || !lease.is(check.epoch(), check.runId()) || lease.sent != check.round()) {
      return false;
    }
    lease.sent = 0;
    lease.back = check.round();
    lease.deadline = nanos + GRACE.toNanos();
    return check.round() == 2;
  }

  int size() {
    return leases.size();
  }
}
