package dev.millrace.publisher.reads;

import dev.millrace.contracts.CacheMode;
import dev.millrace.runtime.Resources;
import dev.millrace.runtime.reads.KnownAnswer;
import dev.millrace.runtime.reads.LedgerReader;
import dev.millrace.runtime.reads.LedgerUnavailableException;
import dev.millrace.runtime.reads.Question;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Whether a request can be answered before it is produced. A ledger that cannot be asked, or takes
/// too long, only makes the request go the long way.
public final class Lookup {

  private static final Logger LOG = LoggerFactory.getLogger(Lookup.class);

  /// With the second a ledger may read without a commit, this stays below the two seconds after
  /// which an invalidation gets its receipt.
  private static final Duration TOO_OLD = Duration.ofMillis(500);

  private enum Outcome {
    HIT,
    MISS,
    /// An answer came, too late to be given.
    LATE,
    UNAVAILABLE
  }

  private final LedgerReader ledgers;
  private final LongSupplier nanoTime;
  private final Map<Outcome, Counter> counters = new EnumMap<>(Outcome.class);

  public Lookup(LedgerReader ledgers, Resources resources) {
    this.ledgers = ledgers;
    this.nanoTime = resources.nanoTime();
    for (var outcome : Outcome.values()) {
      counters.put(outcome, counter(resources.meters(), outcome));
    }
  }

  private static Counter counter(MeterRegistry meters, Outcome outcome) {
    return Counter.builder("publisher.lookups")
        .description("Answers looked up before a request was produced")
        .tag("outcome", outcome.name().toLowerCase(Locale.ROOT))
        .register(meters);
  }

  /// The answer that may be given to `question` now.
  public Optional<KnownAnswer> answer(Question question) {
    if (question.mode() == CacheMode.REFRESH || question.mode() == CacheMode.BYPASS) {
      return Optional.empty();
    }
    long asked = nanoTime.getAsLong();
    Optional<KnownAnswer> known;
    try {
      known = ledgers.answer(question);
    } catch (LedgerUnavailableException e) {
      LOG.debug("not looked up hash={}: {}", question.hash(), e.getMessage());
      count(Outcome.UNAVAILABLE);
      return Optional.empty();
    }
    long nanos = nanoTime.getAsLong() - asked;
    boolean late = known.isPresent() && isLate(known.get(), nanos);
    count(late ? Outcome.LATE : known.isPresent() ? Outcome.HIT : Outcome.MISS);
    return late ? Optional.empty() : known;
  }

  /// Its time may have passed on the way here.
  private static boolean isLate(KnownAnswer known, long nanos) {
    var validMs = known.validMs();
    return nanos > TOO_OLD.toNanos()
        || (validMs != null && nanos >= Duration.ofMillis(validMs).toNanos());
  }

  /// How often an answer was given since the start.
  public long hits() {
    return counted(Outcome.HIT);
  }

  /// How often none was, for whatever reason.
  public long misses() {
    return counted(Outcome.MISS) + counted(Outcome.LATE) + counted(Outcome.UNAVAILABLE);
  }

  private void count(Outcome outcome) {
    counter(outcome).increment();
  }

  private long counted(Outcome outcome) {
    return (long) counter(outcome).count();
  }

  private Counter counter(Outcome outcome) {
    return Objects.requireNonNull(counters.get(outcome));
  }
}
