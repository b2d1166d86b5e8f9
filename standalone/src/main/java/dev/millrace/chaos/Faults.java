package dev.millrace.chaos;

import dev.millrace.chaos.Member.Blow;
import dev.millrace.chaos.Member.Role;
import dev.millrace.chaos.Schedule.Planned;
import dev.millrace.contracts.Outcome;
import dev.millrace.contracts.Tier;
import dev.millrace.runtime.Folders;
import dev.millrace.runtime.Sender;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;

/// How each kind of fault is done to a fleet, and undone.
final class Faults {

  private static final int DUPLICATED = 50;
  private static final int BURST = 300;
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final List<String> NONSENSE =
      List.of("", "not json", "{}", "[1,", "{\"outcome\":\"started\"}", "\u0000\u0001");

  private final Fleet fleet;
  private final Load load;

  /// Never opens: waiting on it is waiting.
  private final CountDownLatch never = new CountDownLatch(1);

  Faults(Fleet fleet, Load load) {
    this.fleet = fleet;
    this.load = load;
  }

  /// Does it, waits as long as it lasts, and undoes it.
  ///
  /// @return what it hit
  String inject(Planned fault) throws IOException, InterruptedException {
    var kind = fault.kind();
    return switch (kind) {
      case KILL_INTAKE -> kill(fault, Role.INTAKE);
      case KILL_CACHE_STORE -> kill(fault, Role.CACHE_STORE);
      case KILL_WORKERS -> kill(fault, Role.WORKERS);
      case KILL_PUBLISHER -> kill(fault, Role.PUBLISHER);
      case KILL_BROKER -> kill(fault, Role.BROKER);
      case DRAIN_WORKERS -> restart(fault, Role.WORKERS);
      case RESTART_BROKER -> restart(fault, Role.BROKER);
      case PAUSE_INTAKE -> pause(fault, Role.INTAKE);
      case PAUSE_CACHE_STORE -> pause(fault, Role.CACHE_STORE);
      case PAUSE_WORKERS -> pause(fault, Role.WORKERS);
      case PAUSE_PUBLISHER -> pause(fault, Role.PUBLISHER);
      case PAUSE_BROKER -> pause(fault, Role.BROKER);
      case STATE_LOST ->
          hit(
              fault,
              Role.CACHE_STORE,
              victim -> {
                victim.kill();
                Folders.delete(fleet.stateOf(victim));
                last(kind);
                victim.start();
              });
      case POSTGRES_DOWN -> {
        fleet.stopPostgres();
        last(kind);
        fleet.startPostgres();
        yield "postgres";
      }
      case NETWORK_CUT -> {
        fleet.proxy().cut();
        last(kind);
        fleet.proxy().heal();
        yield "workers-2";
      }
      case CLOCK_JUMP -> {
        fleet.setClock("+3600");
        last(kind);
        fleet.setClock("+0");
        yield "cache-store-1";
      }
      case DUPLICATES -> duplicates();
      case POISON -> poison();
      case BACKLOG -> {
        load.burst(BURST);
        yield "requests.free";
      }
    };
  }

  private String kill(Planned fault, Role role) throws IOException, InterruptedException {
    return hit(
        fault,
        role,
        victim -> {
          victim.kill();
          last(fault.kind());
          victim.start();
        });
  }

  private String restart(Planned fault, Role role) throws IOException, InterruptedException {
    return hit(
        fault,
        role,
        victim -> {
          victim.terminate();
          last(fault.kind());
          victim.start();
        });
  }

  private String pause(Planned fault, Role role) throws IOException, InterruptedException {
    return hit(
        fault,
        role,
        victim -> {
          victim.pause();
          try {
            last(fault.kind());
          } finally {
            victim.resume();
          }
        });
  }

  private String hit(Planned fault, Role role, Blow blow) throws IOException, InterruptedException {
    var some = fleet.of(role);
    var victim = some.get(fault.victim() % some.size());
    victim.suffer(blow);
    return victim.name();
  }

  private void last(Kind kind) throws InterruptedException {
    var _ = never.await(kind.lastsMs(), TimeUnit.MILLISECONDS);
  }

  /// What workers said last, said again: as a producer does that never heard its acknowledgement.
  private String duplicates() {
    var topic = fleet.topics().outcomes();
    try (var consumer = fleet.clients().consumer(null, "millrace-chaos-duplicates", Map.of());
        var sender = new Sender(fleet.clients().producer("millrace-chaos-duplicates"))) {
      var partitions =
          consumer.partitionsFor(topic.name(), PATIENCE).stream()
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      consumer.assign(partitions);
      var ends = consumer.endOffsets(partitions, PATIENCE);
      ends.forEach((partition, end) -> consumer.seek(partition, Math.max(0, end - DUPLICATED)));
      var sends = new ArrayList<java.util.concurrent.CompletableFuture<?>>();
      for (var record : consumer.poll(Duration.ofSeconds(2))) {
        if (isOfWorker(record.value())) {
          var key = record.key() == null ? null : new String(record.key(), StandardCharsets.UTF_8);
          sends.add(sender.send(topic.name(), record.partition(), key, record.value(), Map.of()));
        }
      }
      sends.forEach(java.util.concurrent.CompletableFuture::join);
      return "jobs.outcomes";
    }
  }

  /// The ledger's own checks are not a worker's to repeat.
  private boolean isOfWorker(byte @Nullable [] value) {
    try {
      return value != null
          && !(fleet.topics().outcomes().serde().read(value) instanceof Outcome.Check);
    } catch (SerializationException _) {
      return false;
    }
  }

  private String poison() {
    var topics = fleet.topics();
    var read =
        List.of(
            topics.requests(Tier.FREE).name(),
            topics.requests(Tier.PRO).name(),
            topics.requests(Tier.ENTERPRISE).name(),
            topics.commands().name(),
            topics.outcomes().name(),
            topics.lane(Tier.FREE).name(),
            topics.control().name());
    try (var sender = new Sender(fleet.clients().producer("millrace-chaos-poison"))) {
      for (var topic : read) {
        for (var text : NONSENSE) {
          sender.send(topic, 0, null, text.getBytes(StandardCharsets.UTF_8), Map.of()).join();
        }
      }
    }
    return read.size() + " topics";
  }
}
