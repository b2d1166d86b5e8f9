package dev.millrace.audit;

import static dev.millrace.audit.Invariant.I12;
import static dev.millrace.audit.Invariant.I14;
import static dev.millrace.audit.Invariant.I19;
import static dev.millrace.audit.Invariant.I2;

import dev.millrace.audit.Model.Job;
import dev.millrace.contracts.Progress;
import dev.millrace.contracts.Status;
import dev.millrace.runtime.request.CanonicalJson;
import java.util.HashSet;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/// What a job leaves behind: its progress, its lane records, its dead letter.
final class Trails {

  private final Facts facts;

  Trails(Facts facts) {
    this.facts = facts;
  }

  void progress(ConsumerRecord<byte[], byte[]> record, Progress progress) {
    long place = facts.places.of(record.topic(), record.partition(), record.offset());
    var job = facts.jobs.get(Id.of(progress.jobId().value()));
    if (job == null) {
      facts.lacks(I12, record.timestamp(), place, "progress of a job nobody dispatched");
      return;
    }
    facts.findings.checked(I12);
    if (progress.terminal()) {
      terminal(job, progress, place);
    } else if (progress.runId() != null) {
      step(job, progress, Id.of(progress.runId()), place);
    }
  }

  private void terminal(Job job, Progress progress, long place) {
    job.terminals++;
    if (job.terminals > 1) {
      facts.findings.broken(I12, place, "a second terminal of its job");
    }
    if (progress.status() == Status.COMPLETED && progress.runId() != null) {
      job.terminalRun = Id.of(progress.runId());
    }
  }

  private void step(Job job, Progress progress, Id runId, long place) {
    var run = job.run(runId);
    run.begun = true;
    if (runId.equals(job.terminalRun)) {
      facts.findings.broken(I12, place, "progress of the run that had completed the job");
    }
    if (progress.sequence() == run.sequence) {
      return;
    }
    int percent = progress.progress() == null ? run.percent : progress.progress();
    if (progress.sequence() < run.sequence) {
      facts.findings.broken(
          I12, place, "number %d after %d".formatted(progress.sequence(), run.sequence));
    } else if (percent < run.percent) {
      facts.findings.broken(I12, place, "%d %% after %d %%".formatted(percent, run.percent));
    }
    run.sequence = Math.max(run.sequence, progress.sequence());
    run.percent = Math.max(run.percent, percent);
  }

  void deadLetter(ConsumerRecord<byte[], byte[]> record, dev.millrace.contracts.Job letter) {
    long place = facts.places.of(record.topic(), record.partition(), record.offset());
    var job = checked(record, letter, place, I14);
    if (job == null) {
      facts.lacks(I14, record.timestamp(), place, "the dead letter of a job nobody dispatched");
      return;
    }
    job.buried++;
    if (job.buried > job.failed) {
      facts.lacks(I14, record.timestamp(), place, "a dead letter of a job that did not fail");
    }
  }

  void queued(ConsumerRecord<byte[], byte[]> record, dev.millrace.contracts.Job queued) {
    long place = facts.places.of(record.topic(), record.partition(), record.offset());
    if (!facts.putAside.contains(place) && checked(record, queued, place, I19) == null) {
      facts.lacks(I19, record.timestamp(), place, "a job that nobody dispatched");
    }
  }

  /// The job of a record that carries one, which must hold what was hashed.
  private @Nullable Job checked(
      ConsumerRecord<byte[], byte[]> record,
      dev.millrace.contracts.Job carried,
      long place,
      Invariant invariant) {
    facts.findings.checked(I19);
    int home = carried.requestHash().partition(facts.scene.partitions());
    if (home != record.partition() || home != carried.partition()) {
      facts.findings.broken(I19, place, "its hash belongs to partition " + home);
    }
    var job = facts.jobs.get(Id.of(carried.jobId().value()));
    if (job != null && !job.entry.params.equals(Id.of(CanonicalJson.of(carried.params())))) {
      facts.findings.broken(invariant, place, "its params are not those that were hashed");
    }
    return job;
  }

  void judge() {
    for (var job : facts.jobs.values()) {
      if (job.failed > 0) {
        facts.findings.checked(I14);
      }
      if (job.buried < job.failed) {
        facts.lacks(I14, job.closedAt, job.place, "a failed job without its dead letter");
      }
      if (job.closed != null && job.terminals == 0) {
        facts.lacks(I12, job.closedAt, job.place, "a job that ended without a terminal");
      } else if (job.closed == null && job.terminals > 0) {
        facts.lacks(
            I12, facts.scene.notedAt().toEpochMilli(), job.place, "a terminal before its end");
      }
      if (job.entry.effect) {
        judgeEffect(job);
      }
    }
  }

  /// An attempt of an effect that has begun may begin again only after its lease ran out.
  private void judgeEffect(Job job) {
    var begun = new HashSet<Integer>();
    for (var run : job.runs) {
      if (run.begun && !begun.add(run.attempt)) {
        facts.findings.broken(
            I2, job.place, "attempt %d of an effect began twice".formatted(run.attempt));
      }
      if (run.leaseOver) {
        begun.remove(run.attempt);
      }
    }
  }
}
