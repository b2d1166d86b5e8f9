package dev.millrace.contracts;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {

  private static final String HASH = "a".repeat(64);
  private static final String AT = "\"at\":\"2026-11-20T09:00:00.000Z\"";

  private final JsonSerde<Outcome> outcomes = new JsonSerde<>(Outcome.class);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"outcome\":\"due\"}",
        "{\"outcome\":\"due\",\"jobId\":\"a:b:1\",\"epoch\":1," + AT + "}",
        "{\"outcome\":\"due\",\"jobId\":\"a:b:1\",\"requestHash\":null,\"epoch\":1," + AT + "}"
      })
  void a_message_that_lacks_what_it_must_have_does_not_decode(String json) {
    assertThatThrownBy(() -> outcomes.read(json.getBytes(UTF_8)))
        .isInstanceOf(SerializationException.class);
  }

  @Test
  void what_a_message_may_lack_is_null() {
    var json =
        "{\"outcome\":\"declined\",\"jobId\":\"a:b:1\",\"requestHash\":\"%s\",\"epoch\":1,"
                .formatted(HASH)
            + "\"runId\":null,\"workerId\":\"w\",\"reason\":\"busy\","
            + AT
            + "}";

    var outcome = (Outcome.Declined) outcomes.read(json.getBytes(UTF_8));

    assertThat(outcome.runId()).isNull();
  }
}
