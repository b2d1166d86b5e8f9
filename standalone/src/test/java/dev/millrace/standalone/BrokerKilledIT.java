package dev.millrace.standalone;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class BrokerKilledIT {

  private static final String TOPIC = "millrace.requests.free";

  @TempDir Path folder;

  static final class Broker {
    private Broker() {}

    public static void main(String[] arguments) throws IOException {
      ChildJvm.say(EmbeddedKafka.start(Path.of(arguments[0]), 0).bootstrapServers());
    }
  }

  @Test
  void what_was_acknowledged_before_a_kill_is_there_afterwards() throws Exception {
    Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    String address;
    try (var broker = ChildJvm.start(Broker.class, folder)) {
      address = broker.line();
      createTopic(address);

      var stop = new AtomicBoolean();
      var producer = Thread.ofPlatform().start(() -> produce(address, acknowledged, stop));
      await().atMost(Duration.ofSeconds(30)).until(() -> acknowledged.size() > 2_000);
      broker.kill();
      stop.set(true);
      producer.join();
    }

    try (var kafka = EmbeddedKafka.start(folder, 0)) {
      assertThat(kafka.bootstrapServers()).isEqualTo(address);
      assertThat(EmbeddedKafkaIT.readAll(kafka.bootstrapServers(), TOPIC))
          .doesNotHaveDuplicates()
          .containsAll(acknowledged);
    }
  }

  @Test
  void a_folder_held_by_another_process_is_refused_with_its_pid() throws Exception {
    try (var broker = ChildJvm.start(Broker.class, folder)) {
      assertThat(broker.line()).startsWith("127.0.0.1:");

      assertThatThrownBy(() -> EmbeddedKafka.start(folder, 0))
          .isInstanceOf(FolderInUseException.class)
          .hasMessageContaining("process " + broker.pid());
    }
  }

  private static void createTopic(String address) throws Exception {
    try (var admin = Admin.create(Map.of("bootstrap.servers", address))) {
      admin.createTopics(List.of(new NewTopic(TOPIC, 4, (short) 1))).all().get(10, SECONDS);
    }
  }

  private static void produce(String address, Set<String> acknowledged, AtomicBoolean stop) {
    var config = new HashMap<>(SharedBroker.producerConfig(address));
    config.put("max.block.ms", 1000);
    config.put("buffer.memory", 65_536);
    var text = new StringSerializer();
    var producer = new KafkaProducer<>(config, text, text);
    try {
      for (int i = 0; !stop.get(); i++) {
        var value = Integer.toString(i);
        var _ =
            producer.send(
                new ProducerRecord<>(TOPIC, value, value),
                (_, failure) -> {
                  if (failure == null) {
                    acknowledged.add(value);
                  }
                });
      }
    } finally {
      producer.close(Duration.ZERO);
    }
  }
}
