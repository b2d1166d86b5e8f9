package dev.millrace.workers.retries;

import dev.millrace.contracts.Job;
import dev.millrace.contracts.RetryDelay;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/// What was fetched from the retry topics and is not due yet, in the order of each partition. Only
/// the heads are looked at: all delays of one topic are the same.
final class Backlog {

  /// Clocks differ a little: a job whose own time is this close to the delay of its topic waits for
  /// it.
  private static final Duration CLOCK_DIFFERENCE = Duration.ofMillis(250);

  private final Map<TopicPartition, Deque<Delayed>> partitions = new HashMap<>();

  /// A record and when it may go on.
  ///
  /// @param due by the wall clock
  /// @param dueNanos by the monotonic one: both must have passed, so that a clock that is set
  ///   forward brings nothing back early
  record Delayed(TopicPartition partition, long offset, Job job, Instant due, long dueNanos) {

    boolean isDue(Instant now, long nanos) {
      return !now.isBefore(due) && nanos - dueNanos >= 0;
    }

    long nanosLeft(Instant now, long nanos) {
      return Math.max(Duration.between(now, due).toNanos(), dueNanos - nanos);
    }
  }

  /// When a job may leave its retry topic: when it says so itself, or after the delay of the topic
  /// if that is earlier, because a longer wait walks through several.
  static Instant due(Job job, RetryDelay delay, Instant appendedAt) {
    var latest = appendedAt.plus(delay.duration());
    var notBefore = job.notBefore();
    return notBefore == null || notBefore.isAfter(latest.plus(CLOCK_DIFFERENCE))
        ? latest
        : notBefore;
  }

  void add(Delayed delayed) {
    partitions.computeIfAbsent(delayed.partition(), _ -> new ArrayDeque<>()).add(delayed);
  }

  /// Takes out what is due, each partition's in order.
  List<Delayed> takeDue(Instant now, long nanos) {
    var due = new ArrayList<Delayed>();
    for (var waiting : partitions.values()) {
      for (var head = waiting.peek();
          head != null && head.isDue(now, nanos);
          head = waiting.peek()) {
        due.add(waiting.remove());
      }
    }
    return due;
  }

  /// How long until the next one is due; `most` when none is earlier.
  Duration untilNext(Instant now, long nanos, Duration most) {
    long left = most.toNanos();
    for (var waiting : partitions.values()) {
      var head = waiting.peek();
      if (head != null) {
        left = Math.min(left, head.nanosLeft(now, nanos));
      }
    }
    return Duration.ofNanos(Math.max(0, left));
  }

  boolean waitsIn(TopicPartition partition) {
    var waiting = partitions.get(partition);
    return waiting != null && !waiting.isEmpty();
  }

  void clear() {
    partitions.clear();
  }

  void forget(Collection<TopicPartition> lost) {
    lost.forEach(partitions::remove);
  }
}
