package dev.millrace.cache.ledger;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.millrace.contracts.Policy.Caching;
import dev.millrace.contracts.RequestHash;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// How long an answer is good whose TTL adapts: one that came out the same again for twice as long
/// as before, one that came out different for half as long, within the bounds of its type.
///
/// It is remembered beyond the answer, for as long as the longest TTL; then the next answer begins
/// anew.
///
/// @param ttlMs of the last answer
/// @param since when that was stored
/// @param resultSha256 what it said
/// @param forgottenAt when this is no longer remembered
@JsonInclude(JsonInclude.Include.NON_NULL)
record Lifetime(long ttlMs, Instant since, @Nullable String resultSha256, Instant forgottenAt) {

  /// The lifetime of a new answer.
  ///
  /// That an answer is the same a moment later says nothing about how long it will be: it counts
  /// only when half of the TTL has passed. That it differs always counts.
  ///
  /// @param last that of the answer before; null: none is remembered
  /// @param bounds of a type that adapts
  /// @param firstMs the TTL to begin with; null: the longest
  static Lifetime of(
      @Nullable Lifetime last,
      Caching bounds,
      @Nullable Long firstMs,
      @Nullable String resultSha256,
      Instant now) {
    long least = Objects.requireNonNull(bounds.minTtlMs());
    long most = Objects.requireNonNull(bounds.maxTtlMs());
    long ttlMs = firstMs == null ? most : firstMs;
    if (last != null && now.isBefore(last.forgottenAt)) {
      boolean same = resultSha256 != null && resultSha256.equals(last.resultSha256);
      boolean soon = Duration.between(last.since, now).toMillis() < last.ttlMs / 2;
      ttlMs = !same ? last.ttlMs / 2 : soon ? last.ttlMs : last.ttlMs * 2;
    }
    ttlMs = Math.clamp(ttlMs, least, most);
    return new Lifetime(ttlMs, now, resultSha256, now.plusMillis(ttlMs).plusMillis(most));
  }

  /// When to look whether it is forgotten. However often answers are stored, one such note is on
  /// its way, and is put off while there are newer ones.
  static Effect due(RequestHash hash, Lifetime lifetime) {
    return new Effect.AddDue(new Due(Due.Kind.LIFETIME, lifetime.forgottenAt, hash.hex(), ""));
  }

  /// Forgets the lifetime of a hash whose answers nobody has wanted for long.
  static void forget(Step step) {
    var lifetime = step.entry().lifetime();
    if (lifetime == null) {
      return;
    }
    if (step.now().isBefore(lifetime.forgottenAt)) {
      step.then(due(step.hash(), lifetime));
    } else {
      step.entry(step.entry().with((Lifetime) null));
    }
  }
}
