package dev.millrace.audit;

import dev.millrace.contracts.RetryDelay;
import dev.millrace.contracts.Tier;
import dev.millrace.contracts.Topics;
import java.util.ArrayList;
import java.util.List;

/// The topics that are read, in the order in which they are: what comes first explains what
/// follows.
enum Feed {
  SETTINGS,
  REJECTED,
  REQUESTS,
  COMMANDS,
  RECEIPTS,
  ADMITTED,
  OUTCOMES,
  DECISIONS,
  COMPLETIONS,
  PROGRESS,
  DEAD_LETTERS,
  LANES;

  List<String> topics(Topics topics) {
    var names = new ArrayList<String>();
    switch (this) {
      case SETTINGS -> names.add(topics.settings().name());
      case REJECTED -> names.add(topics.rejected().name());
      case REQUESTS -> {
        for (var tier : Tier.values()) {
          names.add(topics.requests(tier).name());
        }
      }
      case COMMANDS -> names.add(topics.admittedCommands().name());
      case RECEIPTS -> names.add(topics.receipts().name());
      case ADMITTED -> {
        for (var tier : Tier.values()) {
          names.add(topics.admitted(tier).name());
        }
      }
      case OUTCOMES -> names.add(topics.outcomes().name());
      case DECISIONS -> names.add(topics.decisions().name());
      case COMPLETIONS -> names.add(topics.completions().name());
      case PROGRESS -> names.add(topics.progress().name());
      case DEAD_LETTERS -> names.add(topics.deadLetters().name());
      case LANES -> {
        for (var tier : Tier.values()) {
          names.add(topics.lane(tier).name());
        }
        names.add(topics.background().name());
        for (var delay : RetryDelay.values()) {
          names.add(topics.retry(delay).name());
        }
      }
    }
    return names;
  }
}
