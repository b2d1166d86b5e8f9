package dev.millrace.cache.ledger;

import dev.millrace.contracts.Command;
import dev.millrace.contracts.RequestHash;
import java.time.Instant;
import java.util.Objects;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Counts what invalidations would make untrue: walks all entries a slice at a time, so that nobody
/// waits for it. A process that takes over begins the walk anew.
final class DryRuns {

  private static final Logger LOG = LoggerFactory.getLogger(DryRuns.class);

  /// What one slice looks at; a millisecond or two.
  private static final int AT_ONCE = 500;

  private final Stores stores;
  private final View view;
  private final Answered answered;
  private boolean more = true;
  private @Nullable Walk walk;

  /// Takes the answer of a dry run.
  interface Answered {

    /// Answers for this partition.
    ///
    /// @param error null when all went well
    void answer(String commandId, long found, long recomputeMs, @Nullable String error);
  }

  private static final class Walk {
    private final String commandId;
    private final Subject subject;
    private @Nullable RequestHash after;
    private long found;
    private long recomputeMs;

    private Walk(String commandId, Subject subject) {
      this.commandId = commandId;
      this.subject = subject;
    }

    private void count(View view, RequestHash hash, Entry entry, Instant now) {
      var answer = entry.answer();
      if (answer != null
          && subject.covers(answer.tags(), answer.type(), hash)
          && (answer.expiresAt() == null || now.isBefore(answer.expiresAt()))
          && LedgerRules.lastInvalidation(view, answer.tags(), answer.type(), hash)
              <= answer.generation()) {
        found++;
        recomputeMs += answer.runMs();
      }
    }
  }

  DryRuns(Stores stores, View view, Answered answered) {
    this.stores = stores;
    this.view = view;
    this.answered = answered;
  }

  void begin(String commandId, Command.Invalidate command, Instant now) {
    var look = new Walk(commandId, Subject.of(command));
    var hash = command.hash();
    if (hash == null) {
      stores.putDryRun(commandId, command);
      more = true;
    } else {
      look.count(view, hash, stores.entry(hash), now);
      end(look, null);
    }
  }

  boolean underWay(String commandId) {
    return stores.hasDryRun(commandId);
  }

  /// Looks at the next entries of the walk under way, one walk after the other.
  void slice(Instant now) {
    if (!more) {
      return;
    }
    if (walk == null) {
      var next = stores.firstDryRun();
      if (next == null) {
        more = false;
        return;
      }
      walk = new Walk(Objects.requireNonNull(next.commandId()), Subject.of(next));
    }
    try {
      walk(walk, now);
    } catch (KafkaException e) {
      throw e;
    } catch (RuntimeException e) {
      LOG.error("dry run given up command={}", walk.commandId, e);
      end(walk, String.valueOf(e.getMessage()));
    }
  }

  private void walk(Walk current, Instant now) {
    var rows = stores.entriesAfter(current.after, AT_ONCE);
    for (var row : rows) {
      current.after = row.hash();
      current.count(view, row.hash(), row.entry(), now);
    }
    if (rows.size() < AT_ONCE) {
      end(current, null);
    }
  }

  private void end(Walk ended, @Nullable String error) {
    walk = null;
    stores.dropDryRun(ended.commandId);
    answered.answer(ended.commandId, ended.found, ended.recomputeMs, error);
  }
}
