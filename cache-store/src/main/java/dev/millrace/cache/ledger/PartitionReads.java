package dev.millrace.cache.ledger;

import dev.millrace.cache.ledger.Entry.Answer;
import dev.millrace.cache.ledger.Rows.RequestKey;
import dev.millrace.contracts.RequestHash;
import dev.millrace.contracts.Source;
import dev.millrace.runtime.reads.KnownAnswer;
import dev.millrace.runtime.reads.KnownEntry;
import dev.millrace.runtime.reads.Question;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One partition's stores as other threads may read them.
///
/// **Committed only.** A store shows at once what its task commits later, or never. So the ledger
/// says which answers it is about to change, and whoever reads one of them knows nothing until the
/// transaction is over. A commit between the first and the last row of a read is noticed by its
/// number.
///
/// **By the owner only.** A process that was paused or cut off still has its stores after another
/// took the partition over. What it reads counts for a second from the beginning of its last
/// successful commit of offsets, which no longer succeeds once it is not the owner. The ledger
/// commits something now and then while anybody reads.
final class PartitionReads {

  private static final long OWNER_FOR = Duration.ofSeconds(1).toNanos();
  private static final long COMMIT_EVERY = Duration.ofMillis(250).toNanos();
  private static final long READ_LATELY = Duration.ofMinutes(1).toNanos();

  private final int partition;
  private final Thread owner;
  private final Stores stores;
  private final View view;
  private final LedgerClock clock;
  private final Set<RequestHash> uncommitted = ConcurrentHashMap.newKeySet();
  private final AtomicLong commits = new AtomicLong();
  private volatile long committedAt;
  private volatile long readAt;
  private boolean hasOffsets;

  /// @param owner the thread whose commits are this partition's
  PartitionReads(int partition, Thread owner, Stores stores, View view, LedgerClock clock) {
    this.partition = partition;
    this.owner = owner;
    this.stores = stores;
    this.view = view;
    this.clock = clock;
    this.committedAt = clock.nanos() - OWNER_FOR - 1;
    this.readAt = clock.nanos() - READ_LATELY - 1;
  }

  /// The owner took a record: every commit from now on carries offsets.
  void tookRecord() {
    hasOffsets = true;
  }

  /// The owner is about to change the answer of a hash.
  void changing(RequestHash hash) {
    uncommitted.add(hash);
  }

  /// All that `thread` has written until now is committed.
  ///
  /// @param begun when the commit began
  void committed(Thread thread, long begun) {
    if (thread.equals(owner)) {
      commits.incrementAndGet();
      uncommitted.clear();
      if (hasOffsets) {
        committedAt = begun;
      }
    }
  }

  /// Whether somebody reads, and the last commit will soon be too old for them.
  boolean wantsCommit() {
    long now = clock.nanos();
    return now - readAt < READ_LATELY && now - committedAt > COMMIT_EVERY;
  }

  Optional<KnownAnswer> answer(Question question) {
    return sure(question.hash(), () -> find(question));
  }

  /// As it stands, committed or not.
  Optional<KnownEntry> entry(RequestHash hash) {
    var entry = stores.entry(hash);
    return entry.answer() == null && entry.flight() == null
        ? Optional.empty()
        : Optional.of(describe(hash, entry));
  }

  private <T> Optional<T> sure(RequestHash hash, Supplier<@Nullable T> rows) {
    readAt = clock.nanos();
    for (int attempt = 0; attempt < 2; attempt++) {
      long before = commits.get();
      T found = rows.get();
      boolean isUncommitted = uncommitted.contains(hash);
      if (commits.get() == before) {
        boolean owned = clock.nanos() - committedAt < OWNER_FOR;
        return isUncommitted || !owned ? Optional.empty() : Optional.ofNullable(found);
      }
    }
    return Optional.empty();
  }

  private @Nullable KnownAnswer find(Question question) {
    var hash = question.hash();
    var answer = stores.entry(hash).answer();
    if (answer == null || answer.failure() != null || cameBefore(question)) {
      return null;
    }
    var now = clock.now();
    var terms = Terms.of(question);
    if (Answers.hit(view, hash, now, answer, terms) != Source.CACHED || view.missing(answer)) {
      return null;
    }
    var result = answer.resultRef() == null ? stores.peekResult(hash, answer) : null;
    if (answer.resultRef() == null && result == null) {
      return null;
    }
    return new KnownAnswer(
        answer.jobId(),
        answer.epoch(),
        answer.generation(),
        result,
        answer.resultRef(),
        answer.resultBytes(),
        answer.resultSha256(),
        answer.runMs(),
        answer.completedAt(),
        validMs(answer, terms, now),
        now);
  }

  /// Whether the request has an end already, or will have one that is not this answer.
  private boolean cameBefore(Question question) {
    var id = question.requestId();
    return id != null
        && (stores.request(new RequestKey(question.organizationId(), id, question.hash())) != null
            || stores.cancelledAhead(question.organizationId(), id));
  }

  private static @Nullable Long validMs(Answer answer, Terms terms, Instant now) {
    var end = Answers.end(answer, terms.ttlMs());
    return end == null ? null : Duration.between(now, end).toMillis();
  }

  private KnownEntry describe(RequestHash hash, Entry entry) {
    var answer = entry.answer();
    var flight = entry.flight();
    var now = clock.now();
    var jobId = answer != null ? answer.jobId() : flight == null ? null : flight.jobId();
    var type = jobId == null ? "" : jobId.value().substring(0, jobId.value().indexOf(':'));
    return new KnownEntry(
        hash,
        type,
        partition,
        answer == null ? null : describe(hash, answer, type, now),
        flight == null ? null : describe(flight),
        now);
  }

  private KnownEntry.Answer describe(RequestHash hash, Answer answer, String type, Instant now) {
    return new KnownEntry.Answer(
        status(hash, answer, type, now),
        answer.provenance() == null ? "COMPUTED" : answer.provenance(),
        answer.jobId(),
        answer.epoch(),
        answer.generation(),
        answer.tags(),
        answer.completedAt(),
        Math.max(0, Duration.between(answer.completedAt(), now).toMillis()),
        answer.expiresAt(),
        answer.attempts(),
        answer.runMs(),
        answer.resultBytes() == null ? stores.resultBytes(hash) : answer.resultBytes(),
        answer.resultRef(),
        answer.failure());
  }

  private String status(RequestHash hash, Answer answer, String type, Instant now) {
    if (Answers.invalidated(view, hash, answer, answer.tags(), type)) {
      return "invalidated";
    }
    var keptUntil = answer.keptUntil();
    if (keptUntil != null && !now.isBefore(keptUntil)) {
      return "expired";
    }
    if (answer.expiresAt() != null && !now.isBefore(answer.expiresAt())) {
      return "stale";
    }
    return answer.failure() == null ? "fresh" : "failed";
  }

  private static KnownEntry.Flight describe(Flight flight) {
    var current = flight.current();
    return new KnownEntry.Flight(
        flight.jobId(),
        current.epoch(),
        current.state().name().toLowerCase(Locale.ROOT),
        current.attempt(),
        flight.cohorts().stream().mapToLong(Flight.Cohort::size).sum());
  }
}
