package dev.millrace.audit;

import dev.millrace.audit.Report.Example;
import dev.millrace.audit.Report.Judged;
import dev.millrace.audit.Report.Verdict;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What was checked, what broke, and what could not be judged, by invariant.
final class Findings {

  private static final int EXAMPLES = 10;

  private final Places places;
  private final Map<Invariant, Tally> tallies = new EnumMap<>(Invariant.class);

  Findings(Places places) {
    this.places = places;
    for (var invariant : Invariant.values()) {
      tallies.put(invariant, new Tally());
    }
  }

  private static final class Tally {
    private long checked;
    private long broken;
    private final List<Example> examples = new ArrayList<>();
    private final Map<String, Long> open = new LinkedHashMap<>();
  }

  void checked(Invariant invariant) {
    tally(invariant).checked++;
  }

  void broken(Invariant invariant, long place, String what) {
    var tally = tally(invariant);
    tally.broken++;
    if (tally.examples.size() < EXAMPLES) {
      tally.examples.add(new Example(places.text(place), what));
    }
  }

  /// Counts one case that cannot be judged yet.
  void open(Invariant invariant, String why) {
    tally(invariant).open.merge(why, 1L, Long::sum);
  }

  /// @param gone what retention, or a ledger built anew, has taken away, by feed
  List<Judged> judge(Map<Feed, String> gone) {
    var judged = new ArrayList<Judged>();
    tallies.forEach((invariant, tally) -> judged.add(judge(invariant, tally, gone)));
    return judged;
  }

  private static Judged judge(Invariant invariant, Tally tally, Map<Feed, String> gone) {
    var missing = new ArrayList<String>();
    invariant.feeds().stream()
        .filter(gone::containsKey)
        .sorted()
        .forEach(feed -> missing.add(String.valueOf(gone.get(feed))));
    if (!missing.isEmpty()) {
      return judged(invariant, tally, Verdict.UNKNOWN, List.of(), missing);
    }
    tally.open.forEach((why, count) -> missing.add(count + " " + why));
    if (tally.broken > 0) {
      return judged(invariant, tally, Verdict.INVALID, tally.examples, missing);
    }
    if (missing.isEmpty() && tally.checked == 0) {
      missing.add("not exercised");
    }
    var verdict = missing.isEmpty() ? Verdict.VALID : Verdict.UNKNOWN;
    return judged(invariant, tally, verdict, List.of(), missing);
  }

  private static Judged judged(
      Invariant invariant,
      Tally tally,
      Verdict verdict,
      List<Example> examples,
      List<String> missing) {
    return new Judged(
        invariant.name(),
        invariant.statement(),
        verdict,
        tally.checked,
        verdict == Verdict.INVALID ? tally.broken : 0,
        examples,
        missing);
  }

  private Tally tally(Invariant invariant) {
    var tally = tallies.get(invariant);
    if (tally == null) {
      throw new IllegalStateException("no tally of " + invariant);
    }
    return tally;
  }
}
