package dev.millrace.runtime.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CachePoliciesTest {

  private final CachePolicies shipped = CachePolicies.load(null);

  @TempDir private Path dir;

  @ParameterizedTest
  @CsvSource({
    "platformMetrics, 300",
    "systemHealth, 60",
    "featureFlags, none",
    "userActivity, 300",
    "contentModeration, 120",
    "supportTickets, 120",
    "billingMetrics, 300",
    "userBilling, 300",
    "engagementReport, 600",
    "apiUsage, 300",
    "auditLogs, 120",
    "userData, 300",
    "cadFileMetadata, 3600",
    "searchResults, 600",
    "aiModelInfo, 1800",
    "systemMetrics, 60",
    "modelCache, 3600",
    "default, 300",
    "anything-else, 300"
  })
  void each_kind_is_kept_as_long_as_the_table_says(String name, String seconds) {
    Long ms = seconds.equals("none") ? null : (Long) (Long.parseLong(seconds) * 1000);
    assertThat(shipped.ttl(name).ms()).isEqualTo(ms);
  }

  @Test
  void there_is_no_policy_beyond_the_table() {
    assertThat(shipped.names()).hasSize(18).contains("default");
  }

  @ParameterizedTest
  @CsvSource({"short, PT1M", "medium, PT5M", "long, PT1H", "day, P1D", "week, P7D"})
  void a_named_ttl_has_its_length(String name, Duration length) {
    assertThat(Ttl.named(name)).contains(new Ttl(length.toMillis()));
  }

  @Test
  void none_never_ends_and_other_names_mean_nothing() {
    assertThat(Ttl.named("none")).contains(new Ttl(null));
    assertThat(Ttl.named("for-ever")).isEmpty();
  }

  @Test
  void a_file_of_the_operator_wins_and_may_add() throws IOException {
    var file =
        file(
            """
            {"default":{"ttl":"short"},"userData":{"ttlMs":1},"mine":{"ttl":"week"}}
            """);
    var policies = CachePolicies.load(file);
    assertThat(policies.ttl("unheard-of")).isEqualTo(new Ttl(60_000L));
    assertThat(policies.ttl("userData")).isEqualTo(new Ttl(1L));
    assertThat(policies.ttl("mine")).isEqualTo(new Ttl(604_800_000L));
    assertThat(policies.ttl("auditLogs")).isEqualTo(shipped.ttl("auditLogs"));
    var added = new HashSet<>(policies.names());
    added.removeAll(shipped.names());
    assertThat(added).isEqualTo(Set.of("mine"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"a":{"ttl":"mediun"}}           | a.ttl: expected one of short, medium, long, day, week, none (did you mean 'medium'?), got 'mediun'
          {"a":{"ttl":"day","ttlMs":5}}    | a.ttl: expected no ttl beside ttlMs, got 'day'
          {"a":{"ttlMs":0}}                | a.ttlMs: expected a whole number from 1 to 31536000000, got 0
          {"a":{"tll":"day"}}              | a.tll: unknown field 'tll' (did you mean 'ttl'?)
          {"a":{}}                         | a: expected an object with ttl or ttlMs, such as {"ttl":"medium"}
          {"a":300}                        | a: expected an object with ttl or ttlMs, such as {"ttl":"medium"}
          {"a":{"ttlMs":1},"a":{}}         | a: the field stands twice in one object
          """)
  void a_bad_file_is_refused_with_its_place(String content, String why) throws IOException {
    var file = file(content);
    assertThatThrownBy(() -> CachePolicies.load(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(file + ": " + why);
  }

  @Test
  void a_missing_file_is_named() {
    var missing = dir.resolve("none.json");
    assertThatThrownBy(() -> CachePolicies.load(missing)).hasMessageContaining("none.json");
  }

  private Path file(String content) throws IOException {
    return Files.writeString(dir.resolve("policies.json"), content);
  }
}
