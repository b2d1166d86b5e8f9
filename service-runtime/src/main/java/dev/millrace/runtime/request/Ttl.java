package dev.millrace.runtime.request;

import static dev.millrace.contracts.RejectionCode.E_SCHEMA;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// How long an answer or a value is good. Wherever one stands, it is given in milliseconds
/// (`ttlMs`) or by a name (`ttl`).
///
/// @param ms null: for ever
public record Ttl(@Nullable Long ms) {

  public static final List<String> NAMES =
      List.of("short", "medium", "long", "day", "week", "none");

  private static final Ttl[] NAMED = {
    of(Duration.ofMinutes(1)),
    of(Duration.ofMinutes(5)),
    of(Duration.ofHours(1)),
    of(Duration.ofDays(1)),
    of(Duration.ofDays(7)),
    new Ttl(null)
  };

  public static Optional<Ttl> named(String name) {
    int index = NAMES.indexOf(name);
    return index < 0 ? Optional.empty() : Optional.of(NAMED[index]);
  }

  /// The TTL that `fields` give; null: none.
  ///
  /// @throws RejectedException when it is not a good one, or given both ways
  public static @Nullable Ttl in(Fields fields) {
    Ttl named = fields.choice("ttl", NAMES, NAMED);
    Long ms = fields.whole("ttlMs", 1, Envelope.MAX_TTL_MS);
    if (named != null && ms != null) {
      throw fields.refuse("ttl", E_SCHEMA, "no ttl beside ttlMs");
    }
    return ms == null ? named : new Ttl(ms);
  }

  private static Ttl of(Duration duration) {
    return new Ttl(duration.toMillis());
  }
}
