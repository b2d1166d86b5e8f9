package dev.millrace.cache.ledger;

import dev.millrace.cache.ledger.Entry.Answer;
import dev.millrace.contracts.Admitted;
import dev.millrace.contracts.CacheMode;
import dev.millrace.contracts.Origin;
import dev.millrace.contracts.RequestHash;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// When an answer that was just given is computed again, though nobody waits for it: because it is
/// past its TTL, or, by chance, because that is near.
final class Refreshes {

  /* XFetch [1]. Were an answer computed again only once it has expired, everybody who asks in that
  moment would wait. Each who gets it before throws a die of their own, and the first to win has it
  computed ahead: the later and the dearer, the likelier. With the time a run takes, `delta`, and
  `u` drawn evenly from (0, 1], that is when

    now - delta * beta * ln(u) >= expiry

  so an answer that lasts `t` more is computed again with probability exp(-t / (delta * beta)).
  [1] proves that no other distribution does better. Beta 1 is its optimum; a larger one refreshes
  earlier.

  [1] Vattani, Chierichetti, Lowenstein: Optimal Probabilistic Cache Stampede Prevention. VLDB 2015 */

  private static final double FRACTIONS = 0x1p53;

  /// An answer that depends on more is computed again only when somebody waits for it: each refresh
  /// adds the tags of whoever caused it, and they must not grow without end.
  private static final int MOST_TAGS = 256;

  /// How long the next refresh waits at least after one that left nothing.
  private static final long LEAST_PAUSE_MS = 10_000;

  private Refreshes() {}

  /// Whether the request is of a kind that may have an answer computed in the background. `only`
  /// computes nothing, `refresh` and `bypass` take no answer.
  static boolean wanted(Admitted request) {
    return request.mode() == CacheMode.DEFAULT || request.mode() == CacheMode.STALE_OK;
  }

  /// Sends the answer to be refreshed if its time has come, unless a job of its hash is in flight.
  static void consider(Step step, Admitted request, Answer answer) {
    var reason = reason(step, request, answer);
    if (reason == null || step.entry().flight() != null) {
      return;
    }
    var asked = Admission.asked(request);
    var tags = new LinkedHashSet<>(answer.tags());
    tags.addAll(asked.tags());
    if (tags.size() > MOST_TAGS) {
      return;
    }
    var policy = request.policy();
    var refresh =
        new Flight.Asked(
            asked.type(),
            policy,
            policy.maxAttempts(),
            List.copyOf(tags),
            true,
            policy.ttlMs(),
            asked.traceparent());
    Dispatches.inBackground(step, refresh, request.tier(), request.params(), reason);
  }

  private static @Nullable String reason(Step step, Admitted request, Answer answer) {
    var caching = request.policy().caching();
    var end = Answers.end(answer, request.policy().oldestMs());
    var pause = answer.notRefreshedBefore();
    if (caching == null
        || end == null
        || answer.failure() != null
        || !request.policy().runsUnasked()
        || !wanted(request)
        || (pause != null && step.now().isBefore(pause))) {
      return null;
    }
    if (!step.now().isBefore(end)) {
      return request.policy().staleMs() == null ? null : "refresh: stale";
    }
    var beta = caching.refreshBeta();
    boolean ahead =
        beta != null
            && ahead(
                Duration.between(step.now(), end).toMillis(),
                answer.runMs(),
                beta,
                draw(step.hash(), request.origin()));
    return ahead ? "refresh: ahead" : null;
  }

  /// XFetch's rule.
  ///
  /// @param leftMs how long the answer still lasts
  /// @param runMs how long computing it took
  /// @param drawn from (0, 1]
  static boolean ahead(long leftMs, long runMs, double beta, double drawn) {
    return beta > 0 && -runMs * beta * Math.log(drawn) >= leftMs;
  }

  /// A number from (0, 1], the same whenever the same record is read again.
  static double draw(RequestHash hash, Origin origin) {
    long seed = Long.parseUnsignedLong(hash.hex(), 0, 16, 16);
    seed = 31 * seed + origin.topicId().hashCode();
    seed = 31 * seed + origin.partition();
    seed = 31 * seed + origin.offset();
    return ((new SplittableRandom(seed).nextLong() >>> 11) + 1) / FRACTIONS;
  }

  /// A job that should have replaced the answer has ended and left it in its place. So would the
  /// next refresh, which is not sent before a permanent failure would be forgotten.
  static void pause(Step step, Answer answer, Flight.Asked asked) {
    if (asked.stores() && answer.failure() == null) {
      long pauseMs = Math.max(LEAST_PAUSE_MS, asked.policy().negativeTtlMs());
      Instant next = step.now().plusMillis(pauseMs);
      step.entry(step.entry().with(answer.notRefreshedBefore(next)));
    }
  }
}
