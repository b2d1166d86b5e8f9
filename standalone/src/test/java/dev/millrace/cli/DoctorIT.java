package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.standalone.EmbeddedKafka;
import dev.millrace.standalone.LeftOpen;
import java.nio.file.Path;
import java.util.HashMap;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class DoctorIT {

  @TempDir Path folder;

  /// As a broker nobody has set up for being alone.
  @Test
  void a_transaction_left_open_and_share_groups_that_cannot_be_are_told_with_what_to_do() {
    var properties = new HashMap<>(LeftOpen.BROKER);
    properties.put("share.coordinator.state.topic.replication.factor", "3");
    try (var kafka = EmbeddedKafka.start(folder, 0, properties)) {
      var servers = kafka.bootstrapServers();
      assertThat(CommandLineRun.of("topics", "create", "-b", servers).exitCode()).isZero();
      assertThat(doctor(servers)).contains("none is left open");

      LeftOpen.on(new TopicPartition("millrace.completions", 2), servers, "left");

      assertThat(doctor(servers))
          .contains("1 left open for ever; nobody reads on in millrace.completions-2")
          .contains("abort --topic millrace.completions --partition 2 --start-offset 0")
          .contains("__share_group_state needs 3 replicas and there are 1 broker(s)")
          .contains("Set share.coordinator.state.topic.replication.factor=1");
    }
  }

  private static String doctor(String servers) {
    return CommandLineRun.of("doctor", "-b", servers, "--url", "http://127.0.0.1:1").out();
  }
}
