package dev.millrace.publisher.sse;

import dev.millrace.contracts.Completion;
import dev.millrace.contracts.Decision;
import dev.millrace.contracts.Progress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What this instance saw lately, within bounds: it bridges the time until the history has it.
final class Recent {

  private static final int REQUESTS = 100_000;
  private static final int JOBS = 20_000;
  private static final int ENDS = 10_000;
  private static final long END_BYTES = 32L * 1024 * 1024;
  private static final int ORGANIZATIONS_OF_A_JOB = 1_000;

  private final Map<RequestKey, String> jobs = lru(REQUESTS);
  private final Map<String, Progress> progress = lru(JOBS);
  private final Map<String, Set<String>> organizations = lru(JOBS);
  private final LinkedHashMap<RequestKey, End> ends = new LinkedHashMap<>();
  private long endBytes;

  /// An end and where it stands.
  record End(Completion completion, int partition, long offset, int bytes) {}

  synchronized void decided(RequestKey request, Decision decision) {
    var job = decision.jobId();
    if (job == null) {
      return;
    }
    jobs.put(request, job.value());
    var known = organizations.computeIfAbsent(job.value(), _ -> new TreeSet<>());
    if (known.size() < ORGANIZATIONS_OF_A_JOB) {
      known.add(request.organizationId());
    }
  }

  /// Keeps a report unless a later one is known.
  ///
  /// @return whether it is news
  synchronized boolean progressed(Progress report) {
    var job = report.jobId().value();
    var last = progress.get(job);
    if (last != null && !isNews(last, report)) {
      return false;
    }
    progress.put(job, report);
    return true;
  }

  private static boolean isNews(Progress last, Progress report) {
    if (last.terminal() || report.terminal()) {
      return !last.terminal();
    }
    boolean sameRun = last.runId() != null && last.runId().equals(report.runId());
    return sameRun ? report.sequence() > last.sequence() : report.attempt() >= last.attempt();
  }

  synchronized void ended(RequestKey request, End end) {
    var replaced = ends.put(request, end);
    endBytes += end.bytes() - (replaced == null ? 0 : replaced.bytes());
    var oldest = ends.entrySet().iterator();
    while ((ends.size() > ENDS || endBytes > END_BYTES) && oldest.hasNext()) {
      endBytes -= oldest.next().getValue().bytes();
      oldest.remove();
    }
  }

  synchronized Optional<End> end(RequestKey request) {
    return Optional.ofNullable(ends.get(request));
  }

  synchronized @Nullable String job(RequestKey request) {
    return jobs.get(request);
  }

  synchronized Optional<Progress> progress(String job) {
    return Optional.ofNullable(progress.get(job));
  }

  synchronized boolean concerns(String job, String organization) {
    return organizations.getOrDefault(job, Set.of()).contains(organization);
  }

  private static <K, V> Map<K, V> lru(int most) {
    return new LinkedHashMap<>(64, 0.75f, true) {
      private static final long serialVersionUID = 1L;

      @Override
      protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
        return size() > most;
      }
    };
  }
}
