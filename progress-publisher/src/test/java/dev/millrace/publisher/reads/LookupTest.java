package dev.millrace.publisher.reads;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.contracts.CacheMode;
import dev.millrace.contracts.JobId;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.RequestHash;
import dev.millrace.runtime.Resources;
import dev.millrace.runtime.reads.CacheStats;
import dev.millrace.runtime.reads.KnownAnswer;
import dev.millrace.runtime.reads.KnownEntry;
import dev.millrace.runtime.reads.LedgerReader;
import dev.millrace.runtime.reads.LedgerUnavailableException;
import dev.millrace.runtime.reads.Question;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LookupTest {

  private static final RequestHash HASH = RequestHash.of("00000001".repeat(8));

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private long nanos;

  @Test
  void what_is_known_is_given() {
    assertThat(lookup(Duration.ofMillis(500), 501L, CacheMode.DEFAULT)).isPresent();
    assertThat(lookup(Duration.ofMillis(500), null, CacheMode.ONLY)).isPresent();
    assertThat(count("hit")).isEqualTo(2);
  }

  @Test
  void what_comes_too_late_is_not() {
    assertThat(lookup(Duration.ofNanos(500_000_001), null, CacheMode.DEFAULT)).isEmpty();
    assertThat(lookup(Duration.ofMillis(20), 20L, CacheMode.DEFAULT)).isEmpty();
    assertThat(count("late")).isEqualTo(2);
  }

  @Test
  void whoever_wants_no_cached_answer_is_not_looked_up() {
    assertThat(lookup(Duration.ZERO, null, CacheMode.REFRESH)).isEmpty();
    assertThat(lookup(Duration.ZERO, null, CacheMode.BYPASS)).isEmpty();
    assertThat(count("hit")).isZero();
  }

  @Test
  void a_ledger_that_cannot_be_asked_is_a_miss() {
    var known =
        lookup(
            CacheMode.DEFAULT,
            _ -> {
              throw new LedgerUnavailableException("gone");
            });

    assertThat(known).isEmpty();
    assertThat(count("unavailable")).isEqualTo(1);
  }

  private Optional<KnownAnswer> lookup(Duration takes, @Nullable Long validMs, CacheMode mode) {
    return lookup(
        mode,
        _ -> {
          nanos += takes.toNanos();
          return Optional.of(known(validMs));
        });
  }

  private Optional<KnownAnswer> lookup(
      CacheMode mode, Function<Question, Optional<KnownAnswer>> ledger) {
    var resources = new Resources(Clock.systemUTC(), () -> nanos, new Random(1), meters);
    return new Lookup(new Answering(ledger), resources)
        .answer(new Question(HASH, "simulation", mode, null, List.of(), null, null));
  }

  private double count(String outcome) {
    return meters.counter("publisher.lookups", "outcome", outcome).count();
  }

  private static KnownAnswer known(@Nullable Long validMs) {
    return new KnownAnswer(
        JobId.of("simulation", HASH, 1),
        1,
        0,
        Json.MAPPER.createObjectNode(),
        null,
        null,
        null,
        10,
        Instant.EPOCH,
        validMs,
        Instant.EPOCH);
  }

  /// Ledgers nobody asks for anything else.
  private record Answering(Function<Question, Optional<KnownAnswer>> ledger)
      implements LedgerReader {

    @Override
    public Optional<KnownAnswer> answer(Question question) {
      return ledger.apply(question);
    }

    @Override
    public Optional<KnownEntry> entry(RequestHash hash) {
      throw new LedgerUnavailableException("not asked here");
    }

    @Override
    public List<CacheStats> stats() {
      return List.of();
    }
  }
}
