package dev.millrace.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.runtime.Settings.Sources;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;

class SettingsTest {

  @Test
  void defaults_are_as_documented() {
    var settings = Settings.load(CommonConfig.def(), Sources.none());

    assertThat(settings.text(CommonConfig.BOOTSTRAP_SERVERS)).isEqualTo("localhost:9092");
    assertThat(settings.text(CommonConfig.TOPIC_PREFIX)).isEqualTo("millrace.");
    assertThat(settings.number(CommonConfig.TOPIC_PARTITIONS)).isEqualTo(4);
    assertThat(settings.number(CommonConfig.TOPIC_REPLICATION)).isEqualTo(1);
    assertThat(settings.source(CommonConfig.TOPIC_PREFIX)).isEqualTo("default");
  }

  @Test
  void a_flag_beats_the_environment_which_beats_the_file() {
    var key = CommonConfig.TOPIC_PARTITIONS;
    var file = Map.of(key, "5");
    var environment = Map.of("MILLRACE_TOPIC_PARTITIONS", "6");

    var fromFile = Settings.load(CommonConfig.def(), new Sources(file, Map.of(), Map.of()));
    var fromEnvironment =
        Settings.load(CommonConfig.def(), new Sources(file, environment, Map.of()));
    var fromFlag =
        Settings.load(CommonConfig.def(), new Sources(file, environment, Map.of(key, "7")));

    assertThat(fromFile.number(key)).isEqualTo(5);
    assertThat(fromEnvironment.number(key)).isEqualTo(6);
    assertThat(fromFlag.number(key)).isEqualTo(7);
    assertThat(fromFlag.source(key)).isEqualTo("flag");
  }

  @Test
  void an_environment_variable_spells_dots_underscores_and_hyphens() {
    assertThat(Settings.keyOf("CACHE_DEFAULT_TTL_MS")).isEqualTo("cache.default.ttl.ms");
    assertThat(Settings.keyOf("A__B___C")).isEqualTo("a_b-c");
  }

  @Test
  void all_mistakes_are_named_at_once_with_what_is_allowed() {
    var flags =
        Map.of(
            CommonConfig.TOPIC_PARTITIONS, "0",
            CommonConfig.TOPIC_REPLICATION, "-3");

    assertThatThrownBy(
            () -> Settings.load(CommonConfig.def(), new Sources(Map.of(), Map.of(), flags)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("Invalid value 0 for configuration topic.partitions")
        .hasMessageContaining("Invalid value -3 for configuration topic.replication.factor")
        .hasMessageContaining("at least 1");
  }

  @Test
  void client_settings_go_by_prefix_and_security_to_all() {
    var flags =
        Map.of(
            "producer.linger.ms", "7",
            "consumer.fetch.max.wait.ms", "9",
            "security.protocol", "SASL_SSL");
    var settings = Settings.load(CommonConfig.def(), new Sources(Map.of(), Map.of(), flags));

    assertThat(settings.client("producer."))
        .containsEntry("linger.ms", "7")
        .containsEntry("security.protocol", "SASL_SSL")
        .doesNotContainKey("fetch.max.wait.ms");
  }

  @Test
  void the_same_settings_log_in_as_somebody_else() {
    var flags = Map.of("producer.linger.ms", "7", "sasl.mechanism", "PLAIN");
    var settings = Settings.load(CommonConfig.def(), new Sources(Map.of(), Map.of(), flags));

    var other = settings.withClients(Map.of("sasl.mechanism", "SCRAM-SHA-512"));

    assertThat(other.client("producer."))
        .containsEntry("linger.ms", "7")
        .containsEntry("sasl.mechanism", "SCRAM-SHA-512");
    assertThat(other.text(CommonConfig.TOPIC_PREFIX))
        .isEqualTo(settings.text(CommonConfig.TOPIC_PREFIX));
    assertThat(settings.client("admin.")).containsEntry("sasl.mechanism", "PLAIN");
  }
}
