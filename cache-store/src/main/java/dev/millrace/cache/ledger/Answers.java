package dev.millrace.cache.ledger;

import static dev.millrace.contracts.DecisionKind.EVICTED;
import static dev.millrace.contracts.DecisionKind.EXPIRED;

import dev.millrace.cache.ledger.Entry.Answer;
import dev.millrace.contracts.Admitted;
import dev.millrace.contracts.RequestHash;
import dev.millrace.contracts.Source;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.LinkedHashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Whether a known answer may be given.
final class Answers {

  /// A blob is kept this long at least, and must outlive a completion that names it by 30 days.
  private static final int BLOB_KEPT_DAYS = 31;

  private static final int COMPLETION_KEPT_DAYS = 30;

  /// What an answer takes beside its result: its part of the entry, rounded up.
  private static final long ROW_BYTES = 512;

  private Answers() {}

  /// What an answer takes in the stores. A result in the blob store is not among it: blobs go by
  /// age alone.
  static long bytes(Answer answer) {
    boolean inline = answer.failure() == null && answer.resultRef() == null;
    return inline && answer.resultBytes() != null ? bytes(answer.resultBytes()) : ROW_BYTES;
  }

  /// What an answer with an inline result of so many bytes takes.
  static long bytes(long resultBytes) {
    return ROW_BYTES + resultBytes;
  }

  /// How the answer may be given to this request, or null when it may not.
  static @Nullable Source hit(Step step, Answer answer, Admitted request) {
    return hit(step.view(), step.hash(), step.now(), answer, Terms.of(request));
  }

  /// How the answer of `hash` may be given on these terms, or null when it may not.
  static @Nullable Source hit(
      View view, RequestHash hash, Instant now, Answer answer, Terms terms) {
    if (!terms.reads()
        || invalidated(view, hash, answer, terms.tags(), terms.type())
        || !blobLasts(answer, now)) {
      return null;
    }
    var end = end(answer, terms.ttlMs());
    if (end == null || now.isBefore(end)) {
      return Source.CACHED;
    }
    boolean stale =
        answer.failure() == null
            && terms.maxStaleMs() != null
            && now.isBefore(end.plusMillis(terms.maxStaleMs()));
    return stale ? Source.STALE : null;
  }

  /// Whether the answer is within its TTL, no invalidation covers it and its blob lasts.
  static boolean fresh(Step step, Answer answer, List<String> tags, String type) {
    return goodUntil(answer.expiresAt(), step, answer, tags, type);
  }

  /// Whether the answer is fresh, or so little past its TTL that it is still given as stale.
  static boolean given(Step step, Answer answer, List<String> tags, String type) {
    return goodUntil(answer.keptUntil(), step, answer, tags, type);
  }

  private static boolean goodUntil(
      @Nullable Instant end, Step step, Answer answer, List<String> tags, String type) {
    return (end == null || step.now().isBefore(end))
        && !invalidated(step.view(), step.hash(), answer, tags, type)
        && blobLasts(answer, step.now());
  }

  /// Takes an answer out when its TTL has passed and it is not given as stale any more.
  static void expire(Step step) {
    var answer = step.entry().answer();
    var keptUntil = answer == null ? null : answer.keptUntil();
    if (answer == null || keptUntil == null || step.now().isBefore(keptUntil)) {
      return;
    }
    step.decide(EXPIRED)
        .job(answer.jobId(), answer.epoch())
        .expires(answer.expiresAt())
        .because("ttl");
    step.then(new Effect.DropResult(step.hash()));
    step.entry(step.entry().with((Answer) null));
  }

  /// Takes an answer out because its room is needed. A job in flight goes on, as do the completions
  /// of an end that is decided: they carry what they need with them.
  static void evict(Step step, String reason) {
    var answer = step.entry().answer();
    if (answer == null) {
      return;
    }
    step.decide(EVICTED)
        .job(answer.jobId(), answer.epoch())
        .expires(answer.expiresAt())
        .because(reason);
    step.then(new Effect.DropResult(step.hash()));
    // What is known of its lifetime takes room, too.
    step.entry(step.entry().with((Answer) null).with((Lifetime) null));
  }

  /// Whether an invalidation of a tag of the answer or the request, of the type or of the hash came
  /// after the answer's epoch was dispatched.
  static boolean invalidated(
      View view, RequestHash hash, Answer answer, List<String> requestTags, String type) {
    var tags = new LinkedHashSet<>(answer.tags());
    tags.addAll(requestTags);
    return LedgerRules.lastInvalidation(view, List.copyOf(tags), type, hash) > answer.generation();
  }

  private static boolean blobLasts(Answer answer, Instant now) {
    if (answer.resultRef() == null) {
      return true;
    }
    var written = LocalDate.parse(answer.resultRef().substring(0, 10));
    var swept = written.plusDays(BLOB_KEPT_DAYS).atStartOfDay().toInstant(ZoneOffset.UTC);
    return now.plus(Duration.ofDays(COMPLETION_KEPT_DAYS)).isBefore(swept);
  }

  /// When the answer is too old for whoever wants it at most `ttlMs` old; null: never.
  static @Nullable Instant end(Answer answer, @Nullable Long ttlMs) {
    var expiresAt = answer.expiresAt();
    if (ttlMs == null) {
      return expiresAt;
    }
    var tooOld = answer.completedAt().plusMillis(ttlMs);
    return expiresAt == null || tooOld.isBefore(expiresAt) ? tooOld : expiresAt;
  }
}
