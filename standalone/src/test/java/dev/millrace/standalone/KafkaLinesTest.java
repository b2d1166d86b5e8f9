package dev.millrace.standalone;

import static ch.qos.logback.core.spi.FilterReply.DENY;
import static ch.qos.logback.core.spi.FilterReply.NEUTRAL;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxy;
import java.time.Instant;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.junit.jupiter.api.Test;

class KafkaLinesTest {

  private static final String CLIENT = "org.apache.kafka.clients.NetworkClient";
  private static final String GONE =
      "[Producer clientId=%s] Connection to node 1 could not be established";

  private final KafkaLines lines = new KafkaLines();

  @Test
  void a_warning_repeated_by_many_clients_is_shown_once_in_ten_seconds() {
    assertThat(lines.decide(line(CLIENT, Level.WARN, GONE.formatted("a"), 0))).isEqualTo(NEUTRAL);
    assertThat(lines.decide(line(CLIENT, Level.WARN, GONE.formatted("b"), 0))).isEqualTo(DENY);
    assertThat(lines.decide(line(CLIENT, Level.WARN, GONE.formatted("a"), 9_999))).isEqualTo(DENY);
    assertThat(lines.decide(line(CLIENT, Level.WARN, GONE.formatted("a"), 10_000)))
        .isEqualTo(NEUTRAL);
  }

  @Test
  void errors_and_the_lines_of_others_are_always_shown() {
    for (int i = 0; i < 2; i++) {
      assertThat(lines.decide(line(CLIENT, Level.ERROR, "broken", i))).isEqualTo(NEUTRAL);
      assertThat(lines.decide(line("dev.millrace.Cache", Level.WARN, "odd", i))).isEqualTo(NEUTRAL);
    }
  }

  @Test
  void a_line_known_to_be_harmless_is_not_shown() {
    var logger = "org.apache.kafka.controller.QuorumController";
    var text = "[QuorumController id=1] Performing controller activation.";

    assertThat(lines.decide(line(logger, Level.WARN, text, 0))).isEqualTo(DENY);
  }

  @Test
  void nor_is_an_error_whose_cause_is_known_to_be_harmless() {
    var event = line("kafka.server.ReplicaManager", Level.ERROR, "Error processing append", 0);
    event.setThrowableProxy(
        new ThrowableProxy(
            new OutOfOrderSequenceException(
                "Expected sequence 0 for transactions v2 idempotent producer with no state.")));

    assertThat(lines.decide(event)).isEqualTo(DENY);
  }

  private static LoggingEvent line(String logger, Level level, String text, long millis) {
    var owner = new LoggerContext().getLogger(logger);
    var event = new LoggingEvent(KafkaLinesTest.class.getName(), owner, level, text, null, null);
    event.setInstant(Instant.ofEpochMilli(millis));
    return event;
  }
}
