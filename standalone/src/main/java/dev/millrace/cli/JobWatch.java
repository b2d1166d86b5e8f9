package dev.millrace.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.cli.ProgressLines.End;
import dev.millrace.cli.ProgressLines.Line;
import dev.millrace.cli.ProgressLines.State;
import dev.millrace.contracts.Completion;
import dev.millrace.contracts.Decision;
import dev.millrace.contracts.DecisionKind;
import dev.millrace.contracts.JobId;
import dev.millrace.contracts.Progress;
import dev.millrace.contracts.Source;
import dev.millrace.contracts.Tier;
import dev.millrace.contracts.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;

/// Follows requests over decisions, progress and completions: which job answers which request, and
/// how each stands. A function of the records it is given, in their order.
final class JobWatch {

  private final Topics topics;
  private final Predicate<Line> wanted;
  private final BiConsumer<String, Line> screen;

  private final Map<JobId, Set<String>> requestsOf = new HashMap<>();
  private final Map<String, Line> lines = new LinkedHashMap<>();
  private final Set<String> ended = new HashSet<>();

  /// @param wanted which lines are shown
  /// @param screen where they are shown, by request id
  JobWatch(Topics topics, Predicate<Line> wanted, BiConsumer<String, Line> screen) {
    this.topics = topics;
    this.wanted = wanted;
    this.screen = screen;
  }

  /// Takes one record of any of the three topics; others are nothing to it.
  void accept(ConsumerRecord<byte[], byte[]> record) {
    if (record.value() == null) {
      return;
    }
    try {
      if (record.topic().equals(topics.decisions().name())) {
        decided(topics.decisions().serde().read(record.value()));
      } else if (record.topic().equals(topics.progress().name())) {
        progressed(topics.progress().serde().read(record.value()));
      } else if (record.topic().equals(topics.completions().name())) {
        completed(topics.completions().serde().read(record.value()));
      }
    } catch (SerializationException _) {
      // not ours to complain about: whoever reads this topic for a living rejects it
    }
  }

  /// A request that was not even admitted.
  void rejected(String id, String type, Tier tier, String why) {
    end(id, new Line(id, type, tier, new State.Ended(End.REJECTED, 0, why)));
  }

  /// Shows a request before anything is known of it.
  void expect(String id, String type, Tier tier) {
    show(id, new Line(id, type, tier, new State.Queued()));
  }

  /// Whether the end of a request was seen.
  boolean ended(String id) {
    return ended.contains(id);
  }

  private void decided(Decision decision) {
    var job = decision.jobId();
    var request = decision.requestId();
    if (job == null) {
      return;
    }
    if (request != null && !ended.contains(request) && asks(decision.decision())) {
      if (requestsOf.computeIfAbsent(job, _ -> new LinkedHashSet<>()).add(request)) {
        var line = lines.get(request);
        show(
            request,
            new Line(
                request, typeOf(decision, line), tierOf(decision, line), stateOfJob(job, request)));
      }
    }
    if (decision.decision() == DecisionKind.RETRIED) {
      var retrying =
          new State.Retrying(
              (decision.attempt() == null ? 1 : decision.attempt()) + 1,
              decision.notBefore() == null
                  ? null
                  : Duration.between(decision.at(), decision.notBefore()).toMillis(),
              decision.reason() == null ? "" : decision.reason());
      forEachRequest(job, line -> with(line, retrying));
    }
  }

  private static boolean asks(DecisionKind kind) {
    return switch (kind) {
      case DISPATCHED, JOINED, PROMOTED -> true;
      default -> false;
    };
  }

  private State stateOfJob(JobId job, String but) {
    return requestsOf.getOrDefault(job, Set.of()).stream()
        .filter(other -> !other.equals(but) && !ended.contains(other))
        .map(lines::get)
        .filter(line -> line != null)
        .map(Line::state)
        .findFirst()
        .orElseGet(State.Queued::new);
  }

  private void progressed(Progress progress) {
    if (progress.terminal()) {
      return;
    }
    var state =
        new State.Running(
            Objects.requireNonNullElse(progress.progress(), 0),
            progress.processedItems(),
            progress.totalItems(),
            progress.message(),
            progress.etaMs());
    var job = progress.jobId();
    if (!requestsOf.containsKey(job)) {
      requestsOf.put(job, new LinkedHashSet<>(Set.of(job.value())));
      lines.put(
          job.value(), new Line(job.value(), progress.type(), progress.tier(), new State.Queued()));
    }
    forEachRequest(job, line -> with(line, state));
  }

  private void completed(Completion completion) {
    if (completion.repeat() && ended.contains(completion.requestId())) {
      return;
    }
    var id = completion.requestId();
    var job = completion.jobId();
    var line = new Line(id, completion.type(), completion.tier(), ended(completion));
    // a job that ran before we looked has a line of its own until its first request ends
    if (job != null && lines.containsKey(job.value())) {
      end(job.value(), line);
      ended.add(id);
    } else {
      end(id, line);
    }
  }

  static State.Ended ended(Completion completion) {
    long took = completion.waitMs() + completion.runMs();
    return switch (completion.status()) {
      case COMPLETED -> new State.Ended(End.COMPLETED, took, answer(completion));
      case CANCELLED -> new State.Ended(End.CANCELLED, took, "");
      case EXPIRED -> new State.Ended(End.EXPIRED, took, "its deadline passed");
      default ->
          new State.Ended(
              End.FAILED,
              took,
              completion.error() == null
                  ? ""
                  : completion.error().code() + " " + completion.error().message());
    };
  }

  private static String answer(Completion completion) {
    var source = completion.source();
    var digest = digest(completion.result());
    if (source == null || source == Source.COMPUTED) {
      return digest;
    }
    var saved = " (saved " + ProgressLines.seconds(completion.savedMs()) + ")";
    return switch (source) {
      case JOINED -> "joined" + saved;
      case CACHED -> "cache hit" + saved;
      default -> "stale answer" + saved;
    };
  }

  /// The one number a simulation is asked for, else the first few plain fields of an answer.
  private static String digest(@Nullable JsonNode result) {
    if (result == null || !result.isObject()) {
      return "";
    }
    var roi = result.path("scenarios").path(0).path("roi").path("p50");
    if (roi.isNumber()) {
      return String.format(Locale.ROOT, "p50 roi %.2f", roi.asDouble());
    }
    return result.properties().stream()
        .filter(field -> field.getValue().isValueNode())
        .limit(3)
        .map(field -> field.getKey() + " " + field.getValue().asText())
        .collect(Collectors.joining("  "));
  }

  private void forEachRequest(JobId job, UnaryOperator<Line> change) {
    for (var request : requestsOf.getOrDefault(job, Set.of())) {
      var line = lines.get(request);
      if (line != null && !ended.contains(request)) {
        show(request, change.apply(line));
      }
    }
  }

  private void end(String id, Line line) {
    if (ended.add(id)) {
      lines.remove(id);
      if (wanted.test(line)) {
        screen.accept(id, line);
      }
    }
  }

  private void show(String id, Line line) {
    lines.put(id, line);
    if (wanted.test(line)) {
      screen.accept(id, line);
    }
  }

  private static Line with(Line line, State state) {
    return new Line(line.id(), line.type(), line.tier(), state);
  }

  private static String typeOf(Decision decision, @Nullable Line known) {
    if (decision.type() != null) {
      return decision.type();
    }
    return known == null ? "-" : known.type();
  }

  private static Tier tierOf(Decision decision, @Nullable Line known) {
    if (decision.tier() != null) {
      return decision.tier();
    }
    return known == null ? Tier.FREE : known.tier();
  }
}
