package dev.millrace.chaos;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.contracts.Completion;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.Tier;
import dev.millrace.contracts.Topics;
import dev.millrace.runtime.KafkaClients;
import dev.millrace.runtime.Sender;
import dev.millrace.runtime.Threads;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;

/// A mixed load and what comes of it, as its callers see it: simulations and programs over three
/// tiers, repeats, cancels, invalidations, every cache mode, deadlines, failures and nonsense.
final class Load implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int QUESTIONS = 120;
  private static final String ORGANIZATION = "org_chaos";

  private final Topics topics;
  private final Sender sender;
  private final Consumer<byte[], byte[]> consumer;
  private final Random random;
  private final List<Thread> threads = new ArrayList<>();
  private final List<String> ids = new ArrayList<>();
  private final Set<String> accepted = ConcurrentHashMap.newKeySet();
  private final AtomicInteger acknowledged = new AtomicInteger();
  private final AtomicInteger unknown = new AtomicInteger();
  private final AtomicInteger underWay = new AtomicInteger();
  private final Map<String, List<Completion>> ends = new ConcurrentHashMap<>();
  private final long gapNanos;
  private int number;
  private volatile boolean producing = true;
  private volatile boolean closed;

  Load(KafkaClients clients, Topics topics, long seed, int perSecond) {
    this.topics = topics;
    this.random = new Random(seed);
    this.gapNanos = 1_000_000_000L / perSecond;
    sender = new Sender(clients.producer("millrace-chaos"));
    consumer = clients.consumer(null, "millrace-chaos-callers", Map.of());
    var partitions =
        consumer.partitionsFor(topics.completions().name(), PATIENCE).stream()
            .map(info -> new TopicPartition(info.topic(), info.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
  }

  void start() {
    for (var work : List.<Runnable>of(this::produce, this::follow)) {
      var thread = Threads.platform("chaos-load").newThread(work);
      threads.add(thread);
      thread.start();
    }
  }

  /// Produces no more; what was sent is acknowledged or given up when it returns.
  void stop() throws InterruptedException {
    producing = false;
    threads.getFirst().join();
    sender.flush();
  }

  /// A burst in the free tier, every request a different question.
  synchronized void burst(int size) {
    for (int i = 0; i < size; i++) {
      send(Tier.FREE, simulation(1_000_000 + number, 200));
    }
  }

  /// Records that the broker took.
  int requests() {
    return acknowledged.get();
  }

  /// Sends whose fate we do not know.
  int unknown() {
    return unknown.get();
  }

  /// Requests that the broker took and that have not ended.
  List<String> open() {
    return accepted.stream().filter(id -> !ends.containsKey(id)).sorted().toList();
  }

  int doubled() {
    return (int)
        ends.values().stream()
            .filter(all -> all.stream().filter(end -> !end.repeat()).count() > 1)
            .count();
  }

  Map<String, Integer> outcomes() {
    var counts = new TreeMap<String, Integer>();
    ends.values()
        .forEach(all -> {
          var end = all.getFirst();
          var source = end.source() == null ? "" : " " + end.source().id();
          counts.merge(end.status().id() + source, 1, Integer::sum);
        });
    return counts;
  }

  private void produce() {
    while (producing) {
      one();
      LockSupport.parkNanos(gapNanos);
    }
  }

  private synchronized void one() {
    int dice = random.nextInt(100);
    if (dice < 55) {
      int skewed = (int) (QUESTIONS * Math.pow(random.nextDouble(), 2));
      send(tier(), simulation(skewed, 200 + random.nextInt(20) * 100));
    } else if (dice < 65 && !ids.isEmpty()) {
      repeat();
    } else if (dice < 75) {
      send(tier(), command("sleep", Integer.toString(1 + random.nextInt(3))));
    } else if (dice < 80) {
      send(tier(), command("true", "run-" + number));
    } else if (dice < 82) {
      send(tier(), command("false", "run-" + number).put("maxAttempts", 2));
    } else if (dice < 88) {
      send(tier(), moded());
    } else if (dice < 90) {
      send(tier(), command("sleep", "5").put("timeoutMs", 400));
    } else if (dice < 96 && !ids.isEmpty()) {
      cancel();
    } else if (dice < 98) {
      invalidate();
    } else {
      produce(topics.requests(tier()).name(), null, "{\"type\":\"simulation\",", null);
    }
  }

  private void repeat() {
    int back = Math.min(ids.size(), 50);
    var id = ids.get(ids.size() - 1 - random.nextInt(back));
    // the same question under the same name, as a caller who is not sure asks again
    int question = Math.floorMod(id.hashCode(), QUESTIONS);
    send(tier(), simulation(question, 200).put("requestId", id + "-again"));
  }

  private ObjectNode moded() {
    var modes = List.of("refresh", "bypass", "only", "stale-ok");
    var request = simulation(random.nextInt(QUESTIONS), 200);
    var mode = modes.get(random.nextInt(modes.size()));
    var cache = (ObjectNode) request.get("cache");
    cache.put("mode", mode);
    if (mode.equals("stale-ok")) {
      cache.put("maxStaleMs", 60_000);
    }
    return request;
  }

  private void cancel() {
    var id = ids.get(ids.size() - 1 - random.nextInt(Math.min(ids.size(), 20)));
    var command =
        Json.MAPPER
            .createObjectNode()
            .put("command", "cancel")
            .put("organizationId", ORGANIZATION)
            .put("requestId", id);
    produce(topics.commands().name(), null, command.toString(), null);
  }

  private void invalidate() {
    var command =
        Json.MAPPER
            .createObjectNode()
            .put("command", "invalidate")
            .put("tag", "campaign:cmp_" + random.nextInt(QUESTIONS));
    produce(topics.commands().name(), null, command.toString(), null);
  }

  private ObjectNode simulation(int question, int paths) {
    var request = request("simulation");
    request.putObject("cache").put("scope", "organization");
    request
        .putObject("params")
        .put("campaignId", "cmp_" + question)
        .put("paths", paths)
        .put("timeframeDays", 30);
    return request;
  }

  private ObjectNode command(String program, String argument) {
    var request = request("command");
    var args = request.putObject("params").put("program", program).putArray("args").add(argument);
    if (program.equals("sleep")) {
      // an argument of its own makes it a question of its own
      args.add("0." + number);
    }
    return request;
  }

  private ObjectNode request(String type) {
    return Json.MAPPER
        .createObjectNode()
        .put("type", type)
        .put("organizationId", ORGANIZATION)
        .put("requestId", "c-" + ++number);
  }

  private Tier tier() {
    var tiers = Tier.values();
    return tiers[random.nextInt(tiers.length)];
  }

  private void send(Tier tier, ObjectNode request) {
    var id = request.path("requestId").asText();
    ids.add(id);
    produce(topics.requests(tier).name(), id, request.toString(), id);
  }

  private void produce(String topic, @Nullable String key, String value, @Nullable String id) {
    underWay.incrementAndGet();
    var _ =
        sender
            .send(topic, null, key, value.getBytes(StandardCharsets.UTF_8), Map.of())
            .whenComplete((_, failure) -> {
              if (failure != null) {
                unknown.incrementAndGet();
              } else if (id != null) {
                acknowledged.incrementAndGet();
                accepted.add(id);
              }
              underWay.decrementAndGet();
            });
  }

  private void follow() {
    try {
      while (!closed) {
        for (var record : consumer.poll(Duration.ofMillis(200))) {
          if (record.value() != null) {
            end(record.value());
          }
        }
      }
    } catch (WakeupException _) {
      // closed
    } finally {
      consumer.close();
    }
  }

  private void end(byte[] value) {
    try {
      var end = topics.completions().serde().read(value);
      ends.computeIfAbsent(
              end.requestId(), _ -> java.util.Collections.synchronizedList(new ArrayList<>()))
          .add(end);
    } catch (SerializationException _) {
      // nonsense that a fault wrote
    }
  }

  @Override
  public void close() {
    producing = false;
    closed = true;
    consumer.wakeup();
    for (var thread : threads) {
      try {
        thread.join(PATIENCE);
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      }
    }
    sender.close();
  }
}
