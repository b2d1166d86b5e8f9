package dev.millrace.contracts;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TopicsTest {

  private static final Topics TOPICS = new Topics(Topics.DEFAULT_PREFIX);
  private static final Path DOCUMENT = Path.of("..", "docs", "topics.md");

  @Test
  void the_names_are_those_of_the_contract() {
    assertThat(TOPICS.all())
        .extracting(Topic::name)
        .containsExactlyInAnyOrder(
            "millrace.requests.free",
            "millrace.requests.pro",
            "millrace.requests.enterprise",
            "millrace.requests.rejected",
            "millrace.requests.admitted.free",
            "millrace.requests.admitted.pro",
            "millrace.requests.admitted.enterprise",
            "millrace.commands",
            "millrace.commands.admitted",
            "millrace.decisions",
            "millrace.jobs.free",
            "millrace.jobs.pro",
            "millrace.jobs.enterprise",
            "millrace.jobs.background",
            "millrace.jobs.retry.1s",
            "millrace.jobs.retry.10s",
            "millrace.jobs.retry.1m",
            "millrace.jobs.retry.10m",
            "millrace.jobs.outcomes",
            "millrace.jobs.control",
            "millrace.jobs.progress",
            "millrace.jobs.dead-letters",
            "millrace.completions",
            "millrace.receipts",
            "millrace.settings",
            "millrace.alerts",
            "millrace.metrics",
            "millrace.values.commands",
            "millrace.values.admitted",
            "millrace.values.replies",
            "millrace.values");
  }

  @Test
  void the_prefix_is_one_setting() {
    assertThat(new Topics("test-7.").all()).allMatch(topic -> topic.name().startsWith("test-7."));
    assertThat(new Topics("").commands().name()).isEqualTo("commands");
  }

  @Test
  void all_but_commands_and_settings_share_the_partition_count() {
    assertThat(TOPICS.all().stream().filter(topic -> topic.partitions(4) == 1))
        .containsExactly(TOPICS.commands(), TOPICS.settings());
    assertThat(TOPICS.all().stream().filter(topic -> !topic.single()))
        .allMatch(topic -> topic.partitions(7) == 7);
  }

  @Test
  void what_meets_in_a_ledger_partition_stops_at_a_changed_count() {
    assertThat(TOPICS.all().stream().filter(Topic::hashKeyed))
        .containsExactlyInAnyOrder(
            TOPICS.admitted(Tier.FREE),
            TOPICS.admitted(Tier.PRO),
            TOPICS.admitted(Tier.ENTERPRISE),
            TOPICS.admittedCommands(),
            TOPICS.lane(Tier.FREE),
            TOPICS.lane(Tier.PRO),
            TOPICS.lane(Tier.ENTERPRISE),
            TOPICS.background(),
            TOPICS.retry(RetryDelay.SECOND),
            TOPICS.retry(RetryDelay.TEN_SECONDS),
            TOPICS.retry(RetryDelay.MINUTE),
            TOPICS.retry(RetryDelay.TEN_MINUTES),
            TOPICS.outcomes(),
            TOPICS.admittedValueCommands(),
            TOPICS.values());
  }

  @Test
  void the_broker_keeps_time_and_refuses_what_is_too_large() {
    assertThat(TOPICS.all())
        .allSatisfy(topic ->
            assertThat(topic.config())
                .containsEntry("message.timestamp.type", "LogAppendTime")
                .containsEntry("max.message.bytes", Integer.toString(topic.maxBytes())));
    assertThat(TOPICS.all().stream().filter(topic -> topic.maxBytes() != 1024 * 1024))
        .containsExactlyInAnyOrder(TOPICS.rejected(), TOPICS.deadLetters(), TOPICS.completions())
        .allMatch(topic -> topic.maxBytes() == 2 * 1024 * 1024);
  }

  @Test
  void a_foreign_batch_is_never_unpacked_into_more_than_was_sent() {
    assertThat(
            TOPICS.all().stream()
                .filter(topic -> "uncompressed".equals(topic.config().get("compression.type"))))
        .containsExactlyInAnyOrder(
            TOPICS.requests(Tier.FREE),
            TOPICS.requests(Tier.PRO),
            TOPICS.requests(Tier.ENTERPRISE),
            TOPICS.commands(),
            TOPICS.valueCommands());
  }

  @Test
  void only_the_settings_and_the_values_are_compacted() {
    assertThat(TOPICS.all().stream().filter(Topic::compacted))
        .containsExactly(TOPICS.settings(), TOPICS.values());
    assertThat(TOPICS.settings().config())
        .containsEntry("cleanup.policy", "compact")
        .doesNotContainKey("retention.ms");
    assertThat(TOPICS.decisions().config())
        .containsEntry("cleanup.policy", "delete")
        .containsEntry("retention.ms", "604800000");
  }

  /// The table in `docs/topics.md`, row by row in the order of the catalogue.
  @Test
  void the_document_tells_what_the_catalogue_says() throws IOException {
    var rows = new LinkedHashMap<String, List<String>>();
    for (var line : Files.readAllLines(DOCUMENT)) {
      if (line.startsWith("| `millrace.")) {
        var cells = Arrays.stream(line.split("\\|")).map(String::strip).skip(1).toList();
        rows.put(cells.getFirst().replace("`", ""), cells.subList(1, cells.size()));
      }
    }

    assertThat(List.copyOf(rows.keySet()))
        .isEqualTo(TOPICS.all().stream().map(Topic::name).toList());
    for (var topic : TOPICS.all()) {
      var cells = rows.getOrDefault(topic.name(), List.of());
      assertThat(
              Map.of(
                  "key",
                  cells.get(0),
                  "partitions",
                  cells.get(2),
                  "keep",
                  cells.get(3),
                  "limit",
                  cells.get(4)))
          .as(topic.name())
          .isEqualTo(
              Map.of(
                  "key", topic.key(),
                  "partitions", Integer.toString(topic.partitions(4)),
                  "keep", keep(topic),
                  "limit", topic.maxBytes() / (1024 * 1024) + " MiB"));
    }
  }

  @Test
  void the_document_tells_every_header() throws Exception {
    var document = Files.readString(DOCUMENT);

    for (var field : HeaderNames.class.getFields()) {
      if (Modifier.isStatic(field.getModifiers()) && field.getType() == String.class) {
        assertThat(document).contains("| `" + field.get(null) + "` |");
      }
    }
    var cloudEvent = new LinkedHashMap<String, String>();
    CloudEvents.put(cloudEvent, "t", "s", "s", "i", Instant.EPOCH, 1);
    assertThat(cloudEvent.keySet())
        .allSatisfy(name -> assertThat(document).contains("| `" + name + "` |"));
  }

  @Test
  void the_document_names_every_rejection_code() throws IOException {
    assertThat(Files.readString(DOCUMENT))
        .contains(Arrays.stream(RejectionCode.values()).map(code -> "`" + code + "`").toList());
  }

  private static String keep(Topic<?> topic) {
    if (topic.compacted()) {
      return "newest per key";
    }
    long hours = topic.retention().toHours();
    return hours > 24 ? hours / 24 + " d" : hours + " h";
  }
}
