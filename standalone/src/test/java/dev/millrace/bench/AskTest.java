package dev.millrace.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.Tier;
import java.io.IOException;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class AskTest {

  @Test
  void equal_keys_are_one_question_whoever_asks() throws IOException {
    var first = json(Ask.of("k", 20).body("short"));
    var second = json(Ask.of("k", 20).in(Tier.FREE).body("a-much-longer-request-id"));

    assertThat(second.path("params")).isEqualTo(first.path("params"));
    assertThat(json(Ask.of("l", 20).body("short")).path("params"))
        .isNotEqualTo(first.path("params"));
  }

  @Test
  void a_request_has_the_size_the_peers_were_measured_with() {
    assertThat(Ask.of("key", 20).body("t-1a2b3c4d-12345").length).isBetween(550, 620);
  }

  @Test
  void the_first_of_five_hundred_keys_is_drawn_about_every_seventh_time() {
    var zipf = new Zipf(500);
    var random = new SplittableRandom(1);
    var counts = new int[500];
    for (int n = 0; n < 100_000; n++) {
      counts[zipf.draw(random)]++;
    }

    // 1 / H(500) = 0.1472
    assertThat(counts[0]).isBetween(14_000, 15_400);
    assertThat(counts[0]).isBetween(19 * counts[19] / 10 * 9, 21 * counts[19] / 10 * 11);
    assertThat(counts[499]).isPositive();
  }

  private static JsonNode json(byte[] body) throws IOException {
    return Json.MAPPER.readTree(body);
  }
}
