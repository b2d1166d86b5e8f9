package dev.millrace.runtime;

import dev.millrace.contracts.Setting;
import dev.millrace.contracts.Tier;
import dev.millrace.contracts.Topic;
import dev.millrace.contracts.Topics;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.TopicExistsException;
import org.jspecify.annotations.Nullable;

/// Makes the topics of the contract, and checks a cluster against it.
public final class TopicAdmin implements AutoCloseable {

  private static final long PATIENCE_SECONDS = 60;

  private final Admin admin;
  private final KafkaClients clients;
  private final Topics topics;
  private final int partitions;
  private final short replication;
  private final InstantSource clock;

  public TopicAdmin(KafkaClients clients, Topics topics, Settings settings, InstantSource clock) {
    this.clients = clients;
    this.admin = clients.admin();
    this.topics = topics;
    this.partitions = settings.number(CommonConfig.TOPIC_PARTITIONS);
    this.replication = (short) settings.number(CommonConfig.TOPIC_REPLICATION);
    this.clock = clock;
  }

  /// Where a cluster differs from the contract.
  ///
  /// @param what `missing`, `partitions`, `replication` or the name of a topic setting
  public record Difference(String topic, String what, String expected, String actual) {}

  /// Creates the topics that are missing and notes the partition count. Doing it again changes
  /// nothing.
  ///
  /// When it returns the topics take records: a fresh partition can lose the first batches of a
  /// pipelining producer (KAFKA-15591), so each new one gets its first contact here.
  ///
  /// @return the names of the topics made now
  public List<String> create() {
    var existing = describe();
    var missing =
        topics.all().stream().filter(topic -> !existing.containsKey(topic.name())).toList();
    var made = new ArrayList<String>();
    var pending = new LinkedHashMap<String, KafkaFuture<Void>>();
    admin
        .createTopics(missing.stream().map(this::newTopic).toList())
        .values()
        .forEach(pending::put);
    pending.forEach((name, created) -> {
      try {
        await(created);
        made.add(name);
      } catch (TopicExistsException e) {
        // somebody else was faster
      }
    });
    if (!made.isEmpty()) {
      settle();
    }
    noteSettings();
    return made;
  }

  /// Everything in which the cluster is not as the contract wants it.
  public List<Difference> verify() {
    var differences = new ArrayList<Difference>();
    var described = describe();
    var configs = configs(described.keySet());
    for (var topic : topics.all()) {
      var actual = described.get(topic.name());
      if (actual == null) {
        differences.add(new Difference(topic.name(), "missing", "a topic", "none"));
        continue;
      }
      compare(
          differences,
          topic.name(),
          "partitions",
          topic.partitions(partitions),
          actual.partitions().size());
      compare(
          differences,
          topic.name(),
          "replication",
          replication,
          actual.partitions().getFirst().replicas().size());
      var config = configs.getOrDefault(topic.name(), Map.of());
      topic
          .config()
          .forEach((key, value) -> compare(differences, topic.name(), key, value, config.get(key)));
    }
    return differences;
  }

  /// The partition count of the hash-keyed topics, which must be the recorded one.
  ///
  /// @throws IllegalStateException when topics are missing or a count has changed
  public int checkedPartitions() {
    var described = describe();
    for (var topic : topics.all()) {
      if (!described.containsKey(topic.name())) {
        throw new IllegalStateException(
            "topic " + topic.name() + " is missing: run `millrace topics create` first");
      }
    }
    int recorded;
    try (var settings = SettingsTopic.open(clients, topics)) {
      recorded =
          settings
              .get(Setting.PARTITIONS)
              .map(setting -> Math.toIntExact(setting.count() == null ? 0 : setting.count()))
              .orElseThrow(() ->
                  new IllegalStateException(
                      "the cluster has no partition count on "
                          + topics.settings().name()
                          + ": run `millrace topics create` first"));
    }
    for (var topic : topics.all()) {
      var actual = described.get(topic.name());
      if (topic.hashKeyed() && actual != null && actual.partitions().size() != recorded) {
        throw new IllegalStateException(
            "topic %s has %d partitions, but was made with %d: records of one hash would part; move to fresh topics under another topic.prefix"
                .formatted(topic.name(), actual.partitions().size(), recorded));
      }
    }
    return recorded;
  }

  /// Kafka's own ids of the topics that exist, by name.
  public Map<String, Uuid> topicIds() {
    return describe().values().stream()
        .collect(Collectors.toMap(TopicDescription::name, TopicDescription::topicId));
  }

  @Override
  public void close() {
    admin.close();
  }

  /// The share group whose members run the jobs of a lane.
  public static String laneGroup(Topics topics, Tier tier) {
    return group(topics, "workers-" + tier.id());
  }

  /// The share group whose members run the jobs nobody waits for.
  public static String backgroundGroup(Topics topics) {
    return group(topics, "workers-background");
  }

  /// A consumer group's name under the prefix: `millrace-` and `role`, unless the prefix was
  /// changed.
  public static String group(Topics topics, String role) {
    return topics.prefix().replace('.', '-') + role;
  }

  private NewTopic newTopic(Topic<?> topic) {
    return new NewTopic(topic.name(), topic.partitions(partitions), replication)
        .configs(topic.config());
  }

  /// Fresh partitions answer NOT_LEADER for a moment; a fetch of their offsets that succeeds on all
  /// shows that the broker serves them.
  private void settle() {
    try (var consumer = clients.consumer(null, "millrace-topics", Map.of())) {
      for (var topic : topics.all()) {
        var all =
            consumer.partitionsFor(topic.name()).stream()
                .map(p -> new org.apache.kafka.common.TopicPartition(topic.name(), p.partition()))
                .toList();
        consumer.endOffsets(all);
      }
    }
  }

  private void noteSettings() {
    try (var settings = SettingsTopic.open(clients, topics)) {
      if (settings.get(Setting.PARTITIONS).isPresent()) {
        return;
      }
    }
    var note = new Setting(Setting.PARTITIONS, null, (long) partitions, null, clock.instant());
    try (var sender = new Sender(clients.producer("millrace-topics"))) {
      sender.send(topics.settings(), 0, Setting.PARTITIONS, note, Map.of()).join();
    }
  }

  private Map<String, TopicDescription> describe() {
    var names = await(admin.listTopics().names());
    var ours = topics.all().stream().map(Topic::name).filter(names::contains).toList();
    return await(admin.describeTopics(ours).allTopicNames());
  }

  private Map<String, Map<String, String>> configs(Collection<String> names) {
    var resources =
        names.stream().map(name -> new ConfigResource(ConfigResource.Type.TOPIC, name)).toList();
    var configs = new HashMap<String, Map<String, String>>();
    await(admin.describeConfigs(resources).all())
        .forEach((resource, config) ->
            configs.put(
                resource.name(),
                config.entries().stream()
                    .filter(entry -> entry.value() != null)
                    .collect(Collectors.toMap(ConfigEntry::name, ConfigEntry::value))));
    return configs;
  }

  private static void compare(
      List<Difference> differences,
      String topic,
      String what,
      Object expected,
      @Nullable Object actual) {
    if (!String.valueOf(expected).equals(String.valueOf(actual))) {
      differences.add(
          new Difference(topic, what, String.valueOf(expected), String.valueOf(actual)));
    }
  }

  /// Waits for an answer, and throws what Kafka has to say instead of one.
  static <T> T await(KafkaFuture<T> future) {
    try {
      return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : new KafkaException(e.getCause());
    } catch (TimeoutException e) {
      throw new KafkaException("the cluster did not answer within " + PATIENCE_SECONDS + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaException("interrupted while waiting for the cluster", e);
    }
  }
}
