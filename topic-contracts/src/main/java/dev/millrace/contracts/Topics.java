package dev.millrace.contracts;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// The catalogue of every topic under one prefix.
///
/// | topic | key | value | writes → reads |
/// |---|---|---|---|
/// | `requests.<tier>` | anything | a request | anyone → intake |
/// | `requests.rejected` | as it came | the original bytes | intake, and whoever meets an undecodable record → you |
/// | `requests.admitted.<tier>` | request hash | [Admitted] | intake → cache-store |
/// | `commands` | free | [Command] | anyone → intake |
/// | `commands.admitted` | partition number | [Command] | intake → cache-store |
/// | `decisions` | request id | [Decision] | cache-store → publisher, you |
/// | `jobs.<tier>` | request hash | [Job] | cache-store → workers |
/// | `jobs.background` | request hash | [Job] nobody waits for | cache-store → workers |
/// | `jobs.retry.<delay>` | request hash | [Job] | cache-store → relay |
/// | `jobs.outcomes` | request hash | [Outcome] | workers, relay, cache-store → cache-store |
/// | `jobs.control` | job id | [Control] | cache-store → every worker |
/// | `jobs.progress` | job id | [Progress] | workers, cache-store → publisher, you |
/// | `jobs.dead-letters` | request hash | [Job] | cache-store → you |
/// | `completions` | request id | [Completion] | cache-store → publisher, you |
/// | `receipts` | command id | [Receipt] | services → you |
/// | `settings` | setting | [Setting] | cache-store, `topics create` → all |
/// | `alerts`, `metrics` | id | [Alert] | services → publisher |
/// | `values.commands` | anything | [ValueCommand] | anyone → intake |
/// | `values.admitted` | partition number | [ValueCommand] | intake → cache-store |
/// | `values.replies` | command id | [ValueReply] | cache-store, intake → publisher, you |
/// | `values` | namespace/key | [CurrentValue] | cache-store → you |
public final class Topics {

  private static final Duration DAY = Duration.ofDays(1);
  private static final Duration WEEK = Duration.ofDays(7);
  private static final Duration MONTH = Duration.ofDays(30);
  private static final int MEBIBYTE = 1024 * 1024;

  /// The prefix of all names unless the setting `topic.prefix` says otherwise.
  public static final String DEFAULT_PREFIX = "millrace.";

  private final String prefix;
  private final Map<Tier, Topic<JsonNode>> requests;
  private final Topic<JsonNode> rejected;
  private final Map<Tier, Topic<Admitted>> admitted;
  private final Topic<Command> commands;
  private final Topic<Command> admittedCommands;
  private final Topic<Decision> decisions;
  private final Map<Tier, Topic<Job>> lanes;
  private final Topic<Job> background;
  private final Map<RetryDelay, Topic<Job>> retries;
  private final Topic<Outcome> outcomes;
  private final Topic<Control> control;
  private final Topic<Progress> progress;
  private final Topic<Job> deadLetters;
  private final Topic<Completion> completions;
  private final Topic<Receipt> receipts;
  private final Topic<Setting> settings;
  private final Topic<Alert> alerts;
  private final Topic<JsonNode> metrics;
  private final Topic<ValueCommand> valueCommands;
  private final Topic<ValueCommand> admittedValueCommands;
  private final Topic<ValueReply> valueReplies;
  private final Topic<CurrentValue> values;

  /// The topics under `prefix`, which ends in a dot, or is empty.
  public Topics(String prefix) {
    this.prefix = prefix;
    requests = new EnumMap<>(Tier.class);
    admitted = new EnumMap<>(Tier.class);
    lanes = new EnumMap<>(Tier.class);
    for (var tier : Tier.values()) {
      requests.put(
          tier,
          new Topic<>(
              prefix + "requests." + tier.id(),
              "anything",
              new JsonSerde<>(JsonNode.class),
              "request/1",
              false,
              false,
              WEEK,
              MEBIBYTE,
              true));
      admitted.put(tier, hashed("requests.admitted." + tier.id(), Admitted.class, WEEK, MEBIBYTE));
      lanes.put(tier, hashed("jobs." + tier.id(), Job.class, WEEK, MEBIBYTE));
    }
    background = hashed("jobs.background", Job.class, WEEK, MEBIBYTE);
    retries = new EnumMap<>(RetryDelay.class);
    for (var delay : RetryDelay.values()) {
      retries.put(delay, hashed("jobs.retry." + delay.id(), Job.class, WEEK, MEBIBYTE));
    }
    rejected = topic("requests.rejected", "as it came", JsonNode.class, WEEK, 2 * MEBIBYTE);
    commands =
        new Topic<>(
            prefix + "commands",
            "free",
            new JsonSerde<>(Command.class),
            schema(Command.class),
            true,
            false,
            WEEK,
            MEBIBYTE,
            true);
    admittedCommands =
        new Topic<>(
            prefix + "commands.admitted",
            "partition number",
            new JsonSerde<>(Command.class),
            schema(Command.class),
            false,
            true,
            WEEK,
            MEBIBYTE,
            false);
    decisions = topic("decisions", "request id", Decision.class, WEEK, MEBIBYTE);
    outcomes = hashed("jobs.outcomes", Outcome.class, WEEK, MEBIBYTE);
    control = topic("jobs.control", "job id", Control.class, Duration.ofHours(1), MEBIBYTE);
    progress = topic("jobs.progress", "job id", Progress.class, Duration.ofHours(24), MEBIBYTE);
    deadLetters = topic("jobs.dead-letters", "request hash", Job.class, MONTH, 2 * MEBIBYTE);
    completions = topic("completions", "request id", Completion.class, MONTH, 2 * MEBIBYTE);
    receipts = topic("receipts", "command id", Receipt.class, WEEK, MEBIBYTE);
    settings =
        new Topic<>(
            prefix + "settings",
            "setting",
            new JsonSerde<>(Setting.class),
            schema(Setting.class),
            true,
            false,
            Duration.ZERO,
            MEBIBYTE,
            false);
    alerts = topic("alerts", "id", Alert.class, WEEK, MEBIBYTE);
    metrics = topic("metrics", "id", JsonNode.class, WEEK, MEBIBYTE);
    valueCommands =
        new Topic<>(
            prefix + "values.commands",
            "anything",
            new JsonSerde<>(ValueCommand.class),
            schema(ValueCommand.class),
            false,
            false,
            DAY,
            MEBIBYTE,
            true);
    admittedValueCommands = owned("values.admitted", "partition number", ValueCommand.class, DAY);
    valueReplies = topic("values.replies", "command id", ValueReply.class, DAY, MEBIBYTE);
    values = owned("values", "namespace/key", CurrentValue.class, Duration.ZERO);
  }

  private <V> Topic<V> topic(
      String name, String key, Class<V> type, Duration retention, int maxBytes) {
    return new Topic<>(
        prefix + name,
        key,
        new JsonSerde<>(type),
        schema(type),
        false,
        false,
        retention,
        maxBytes,
        false);
  }

  private <V> Topic<V> hashed(String name, Class<V> type, Duration retention, int maxBytes) {
    return new Topic<>(
        prefix + name,
        "request hash",
        new JsonSerde<>(type),
        schema(type),
        false,
        true,
        retention,
        maxBytes,
        false);
  }

  /// Kept by partitions of the key/value cache.
  private <V> Topic<V> owned(String name, String key, Class<V> type, Duration retention) {
    return new Topic<>(
        prefix + name,
        key,
        new JsonSerde<>(type),
        schema(type),
        false,
        true,
        retention,
        MEBIBYTE,
        false);
  }

  private static String schema(Class<?> type) {
    return type == JsonNode.class ? "" : type.getSimpleName().toLowerCase(Locale.ROOT) + "/1";
  }

  public String prefix() {
    return prefix;
  }

  public Topic<JsonNode> requests(Tier tier) {
    return of(requests, tier);
  }

  public Topic<JsonNode> rejected() {
    return rejected;
  }

  public Topic<Admitted> admitted(Tier tier) {
    return of(admitted, tier);
  }

  public Topic<Command> commands() {
    return commands;
  }

  public Topic<Command> admittedCommands() {
    return admittedCommands;
  }

  public Topic<Decision> decisions() {
    return decisions;
  }

  public Topic<Job> lane(Tier tier) {
    return of(lanes, tier);
  }

  /// The lane of jobs nobody waits for: refreshes and warm-ups. It gets a slot only when no other
  /// lane has use for it.
  public Topic<Job> background() {
    return background;
  }

  public Topic<Job> retry(RetryDelay delay) {
    return of(retries, delay);
  }

  public Topic<Outcome> outcomes() {
    return outcomes;
  }

  public Topic<Control> control() {
    return control;
  }

  public Topic<Progress> progress() {
    return progress;
  }

  public Topic<Job> deadLetters() {
    return deadLetters;
  }

  public Topic<Completion> completions() {
    return completions;
  }

  public Topic<Receipt> receipts() {
    return receipts;
  }

  public Topic<Setting> settings() {
    return settings;
  }

  public Topic<Alert> alerts() {
    return alerts;
  }

  public Topic<JsonNode> metrics() {
    return metrics;
  }

  public Topic<ValueCommand> valueCommands() {
    return valueCommands;
  }

  public Topic<ValueCommand> admittedValueCommands() {
    return admittedValueCommands;
  }

  public Topic<ValueReply> valueReplies() {
    return valueReplies;
  }

  /// What the key/value cache holds now.
  public Topic<CurrentValue> values() {
    return values;
  }

  /// Every topic, in the order of the catalogue.
  public List<Topic<?>> all() {
    var all = new ArrayList<Topic<?>>(requests.values());
    all.add(rejected);
    all.addAll(admitted.values());
    all.addAll(List.of(commands, admittedCommands, decisions));
    all.addAll(lanes.values());
    all.add(background);
    all.addAll(retries.values());
    all.addAll(
        Arrays.<Topic<?>>asList(
            outcomes,
            control,
            progress,
            deadLetters,
            completions,
            receipts,
            settings,
            alerts,
            metrics,
            valueCommands,
            admittedValueCommands,
            valueReplies,
            values));
    return List.copyOf(all);
  }

  private static <K extends Enum<K>, V> V of(Map<K, V> map, K key) {
    V value = map.get(key);
    if (value == null) {
      throw new IllegalStateException("no topic for " + key);
    }
    return value;
  }
}
