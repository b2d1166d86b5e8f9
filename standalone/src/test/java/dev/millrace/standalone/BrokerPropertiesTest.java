package dev.millrace.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Properties;
import kafka.server.KafkaConfig;
import org.junit.jupiter.api.Test;

class BrokerPropertiesTest {

  private static final Path LOG_DIR = Path.of("/data/kafka");

  @Test
  void every_property_is_one_that_the_broker_knows() {
    assertThat(KafkaConfig.configDef().names())
        .containsAll(BrokerProperties.of(LOG_DIR, 9092, 9093).keySet());
  }

  @Test
  void the_broker_accepts_the_properties() {
    var properties = new Properties();
    properties.putAll(BrokerProperties.of(LOG_DIR, 9092, 9093));

    var config = KafkaConfig.fromProps(properties, false);

    assertThat(config.nodeId()).isEqualTo(1);
  }

  @Test
  void nothing_listens_beyond_this_machine() {
    var properties = BrokerProperties.of(LOG_DIR, 9092, 9093);

    assertThat(properties)
        .containsEntry("listeners", "CLIENTS://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093")
        .containsEntry("advertised.listeners", properties.get("listeners"));
  }
}
