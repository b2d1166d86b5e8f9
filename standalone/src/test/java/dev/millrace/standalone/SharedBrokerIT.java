package dev.millrace.standalone;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(60)
class SharedBrokerIT {

  @RegisterExtension static final SharedBroker BROKER = new SharedBroker();

  @Test
  void a_test_class_has_topics_of_its_own() throws Exception {
    BROKER.createTopics("letters");
    var topic = BROKER.topicPrefix() + "letters";
    var text = new StringSerializer();
    try (var producer = new KafkaProducer<>(BROKER.producerConfig(), text, text)) {
      producer.send(new ProducerRecord<>(topic, "a")).get(30, SECONDS);
    }

    assertThat(topic).startsWith("sharedbrokerit-");
    assertThat(EmbeddedKafkaIT.readAll(BROKER.bootstrapServers(), topic)).containsExactly("a");
  }
}
