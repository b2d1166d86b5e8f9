package dev.millrace.workers;

import dev.millrace.contracts.Job;
import dev.millrace.contracts.Tier;
import dev.millrace.contracts.Topic;
import dev.millrace.contracts.Topics;
import dev.millrace.runtime.TopicAdmin;

/// Where the jobs of a lane come from.
///
/// @param records the most it holds at once
record LaneSource(String name, Topic<Job> topic, String group, int records) {

  static LaneSource of(Topics topics, Tier tier, int records) {
    return new LaneSource(
        tier.id(), topics.lane(tier), TopicAdmin.laneGroup(topics, tier), records);
  }

  /// The jobs nobody waits for, one at a time: what it held beyond a free slot would stand in
  /// nobody's way but its own.
  static LaneSource background(Topics topics) {
    return new LaneSource("background", topics.background(), TopicAdmin.backgroundGroup(topics), 1);
  }
}
