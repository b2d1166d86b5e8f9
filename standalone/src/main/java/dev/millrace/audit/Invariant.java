package dev.millrace.audit;

import static dev.millrace.audit.Feed.ADMITTED;
import static dev.millrace.audit.Feed.COMMANDS;
import static dev.millrace.audit.Feed.COMPLETIONS;
import static dev.millrace.audit.Feed.DEAD_LETTERS;
import static dev.millrace.audit.Feed.DECISIONS;
import static dev.millrace.audit.Feed.OUTCOMES;
import static dev.millrace.audit.Feed.PROGRESS;
import static dev.millrace.audit.Feed.RECEIPTS;
import static dev.millrace.audit.Feed.REJECTED;

import java.util.Set;

/// What must hold on the topics, whatever crashed.
public enum Invariant {
  I0(
      "every request has one fate: rejected, or taken by the ledger, those of warm-ups too",
      REJECTED,
      COMMANDS,
      ADMITTED,
      DECISIONS),
  I1(
      "every request ends exactly once, repeats are the same",
      COMMANDS,
      ADMITTED,
      DECISIONS,
      COMPLETIONS),
  I2(
      "a hash has one run at a time, and every further run is explained",
      COMMANDS,
      ADMITTED,
      DECISIONS),
  I3("epochs only grow", DECISIONS),
  I4("only started runs of epochs that are not void count", COMMANDS, OUTCOMES, DECISIONS),
  I5("what is cancelled never completes", COMMANDS, RECEIPTS, ADMITTED, DECISIONS, COMPLETIONS),
  I6("no answer is given after its time or after an invalidation", COMMANDS, ADMITTED, DECISIONS),
  I7(
      "every result was computed by the job it names, or given",
      COMMANDS,
      OUTCOMES,
      DECISIONS,
      COMPLETIONS),
  I8("nothing is shared across scopes", COMMANDS, ADMITTED),
  I9("every waiter gets its job's end", COMMANDS, ADMITTED, DECISIONS, COMPLETIONS),
  I11("a better waiter moves a queued job to its lane", ADMITTED, DECISIONS),
  I12("progress never goes back, and a job has one terminal", DECISIONS, PROGRESS),
  I13("attempts come in order, never early and never too many", OUTCOMES, DECISIONS),
  I14("a failed job is exactly one dead letter", DECISIONS, DEAD_LETTERS),
  I16("a record nobody can use is put aside and has no effect", REJECTED, DECISIONS),
  I17("the same request again is never decided again", ADMITTED, DECISIONS),
  I18("decisions are numbered without gaps, and the ledger's clock never goes back", DECISIONS),
  I19("records lie under the key and in the partition of the contract", ADMITTED);

  private final String statement;

  @SuppressWarnings("ImmutableEnumChecker") // Set.of never changes
  private final Set<Feed> feeds;

  Invariant(String statement, Feed... feeds) {
    this.statement = statement;
    this.feeds = Set.of(feeds);
  }

  public String statement() {
    return statement;
  }

  /// What must be there from the beginning, so that anything can be said.
  Set<Feed> feeds() {
    return feeds;
  }
}
