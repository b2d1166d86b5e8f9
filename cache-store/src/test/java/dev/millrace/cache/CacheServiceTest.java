package dev.millrace.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.runtime.KafkaClients;
import dev.millrace.runtime.Settings;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;

class CacheServiceTest {

  private static final String PROBING = "probing.rebalance.interval.ms";

  @Test
  void a_new_instance_that_has_caught_up_waits_a_minute_at_most_for_its_partitions() {
    assertThat(properties(Map.of())).containsEntry(PROBING, 60_000L);
  }

  @Test
  void what_is_said_of_streams_comes_first() {
    assertThat(properties(Map.of("streams." + PROBING, "120000"))).containsEntry(PROBING, "120000");
  }

  private static Properties properties(Map<String, String> flags) {
    var settings =
        Settings.load(CacheConfig.def(), new Settings.Sources(Map.of(), Map.of(), flags));
    return CacheService.properties(
        CacheConfig.of(settings), new KafkaClients(settings), "a-cache-store");
  }
}
