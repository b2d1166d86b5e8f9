package dev.millrace.audit;

import dev.millrace.audit.Model.Admission;
import dev.millrace.audit.Model.Cancel;
import dev.millrace.audit.Model.Entry;
import dev.millrace.audit.Model.Job;
import dev.millrace.audit.Model.Request;
import dev.millrace.audit.Model.Told;
import dev.millrace.audit.Model.Warm;
import dev.millrace.audit.Model.WarmUp;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Everything known so far, and how to say that something is wrong with it.
final class Facts {

  /// Topics are not read at one instant: what is younger may have its counterpart beyond the end.
  private static final Duration SETTLE = Duration.ofSeconds(10);

  final Scene scene;
  final Places places;
  final Findings findings;

  final Map<Long, Admission> admissions = new HashMap<>();
  final Map<Id, Request> requests = new HashMap<>();
  final Map<Id, Entry> entries = new HashMap<>();
  final Map<Id, Job> jobs = new HashMap<>();
  final Map<Long, Told> outcomes = new HashMap<>();
  final Map<Id, Cancel> cancels = new HashMap<>();

  final Map<Long, WarmUp> warmUps = new HashMap<>();

  /// Places whose records were put on the rejected topic, those of requests apart.
  final Set<Long> putAside = new HashSet<>();

  private final Map<Long, Long> reach = new HashMap<>();

  Facts(Scene scene) {
    this.scene = scene;
    this.places = new Places(scene.topics());
    this.findings = new Findings(places);
  }

  /// Notes that the ledger has read up to here.
  void read(long place) {
    reach.merge(Places.partition(place), place, Math::max);
  }

  /// Whether the ledger has acted on something behind this place.
  boolean passed(long place) {
    return reach.getOrDefault(Places.partition(place), Places.NOWHERE) > place;
  }

  /// The answer that the warm-up at a place wants of this entry, which is thereby decided.
  ///
  /// @param given whether the answer came with it
  @Nullable Warm warm(long place, Entry entry, boolean given) {
    return warm(place, warm -> warm.entry() == entry && (warm.result() != null) == given);
  }

  /// The same, whether or not the answer came with it.
  @Nullable Warm warm(long place, Entry entry) {
    return warm(place, warm -> warm.entry() == entry);
  }

  private @Nullable Warm warm(long place, Predicate<Warm> which) {
    var warmUp = warmUps.get(place);
    var found = warmUp == null ? null : warmUp.left.stream().filter(which).findFirst().orElse(null);
    if (warmUp != null && found != null) {
      warmUp.left.remove(found);
    }
    return found;
  }

  /// Something that must be there is not: broken, unless it may still be on its way.
  void lacks(Invariant invariant, long timestamp, long place, String what) {
    if (fresh(timestamp)) {
      findings.open(invariant, "records too young to judge");
    } else {
      findings.broken(invariant, place, what);
    }
  }

  boolean fresh(long timestamp) {
    return Instant.ofEpochMilli(timestamp).plus(SETTLE).isAfter(scene.notedAt());
  }

  /// Whether a request of this age must have ended, whatever it waits for.
  boolean overdue(long timestamp) {
    var within = scene.drainedWithin();
    return within != null && Instant.ofEpochMilli(timestamp).plus(within).isBefore(scene.notedAt());
  }
}
