package dev.millrace.cache.values;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.millrace.cache.values.ValueModel.Expected;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.RejectionCode;
import dev.millrace.contracts.ValueCommand;
import dev.millrace.contracts.ValueKey;
import dev.millrace.runtime.request.CachePolicies;
import dev.millrace.runtime.request.StrictJson;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ValueRulesTest {

  private static final Instant START = Instant.parse("2026-11-20T09:00:00Z");
  private static final String NAMESPACE = "workspace:ws_3";

  private final Memory memory = new Memory(1_000);
  private Instant now = START;

  @Test
  void whatever_is_done_in_whatever_order_is_answered_as_a_plain_map_would() {
    int commands = 0;
    for (int seed = 0; seed < 400; seed++) {
      var random = new Random(seed);
      var subject = new Memory(1_000);
      var model = new ValueModel();
      now = START;
      for (int i = 0; i < 120; i++) {
        now = now.plusMillis(random.nextLong(40_000));
        if (random.nextInt(5) == 0) {
          subject.sweep(now);
        }
        var command = ValueModel.command(random, "c-" + i);

        var answer = subject.apply(command, now);

        assertThat(Expected.of(answer.to(command, "c-" + i, 0, now)))
            .as("seed %d, command %d: %s", seed, i, command)
            .isEqualTo(model.apply(command, now));
        assertThat(subject.tally.entries()).isEqualTo(subject.rows.size());
        commands++;
      }
    }
    assertThat(commands).isEqualTo(48_000);
  }

  @Test
  void a_value_is_not_found_from_the_moment_it_expires_even_when_nobody_swept() {
    set("k", "v", 1_000L);

    now = START.plusMillis(999);
    assertThat(get("k").value()).isEqualTo(TextNode.valueOf("v"));
    assertThat(get("k").expiresAt()).isEqualTo(START.plusMillis(1_000));
    now = START.plusMillis(1_000);
    assertThat(get("k")).isEqualTo(Answer.found(false));
    assertThat(memory.rows).as("taken out on the way").isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "featureFlags, ",
    "systemHealth, 60",
    "userActivity:0a1b, 300",
    "engagementReport:1:2, 600",
    "modelCache:llama:7, 3600",
    "whatever, 300"
  })
  void without_a_ttl_the_kind_of_the_key_decides(String key, @Nullable Long seconds) {
    apply(new ValueCommand.Set("c", null, NAMESPACE, key, IntNode.valueOf(1), null, null, null));

    assertThat(get(key).expiresAt()).isEqualTo(seconds == null ? null : START.plusSeconds(seconds));
  }

  @Test
  void a_set_takes_the_place_of_value_and_expiry() {
    set("k", "old", 1_000L);
    set("k", "new", 5_000L);

    now = START.plusMillis(2_000);
    assertThat(get("k").value()).isEqualTo(TextNode.valueOf("new"));
  }

  @Test
  void if_absent_leaves_what_is_there_and_shows_it() {
    set("k", "first", 1_000L);
    var second =
        new ValueCommand.Set(
            "c", null, NAMESPACE, "k", TextNode.valueOf("second"), true, null, "none");

    assertThat(apply(second).value()).isEqualTo(TextNode.valueOf("first"));
    now = START.plusMillis(1_000);
    assertThat(apply(second).found()).isFalse();
    assertThat(get("k").value()).isEqualTo(TextNode.valueOf("second"));
  }

  @Test
  void a_count_begins_anew_when_the_window_of_its_first_increment_ends() {
    assertThat(increment(1).value()).isEqualTo(LongNode.valueOf(1));
    now = START.plusSeconds(59);
    var second = increment(1);
    assertThat(second.value()).isEqualTo(LongNode.valueOf(2));
    assertThat(second.expiresAt()).as("when it begins anew").isEqualTo(START.plusSeconds(60));
    now = START.plusSeconds(60);
    assertThat(increment(5).value()).isEqualTo(LongNode.valueOf(5));
  }

  @Test
  void only_whole_numbers_are_counted_and_within_what_json_can_carry() {
    set("counter", "text", 60_000L);
    assertThat(increment(1).code()).isEqualTo(RejectionCode.E_CONFLICT);
    assertThat(get("counter").value()).as("unchanged").isEqualTo(TextNode.valueOf("text"));

    apply(
        new ValueCommand.Set(
            "c",
            null,
            NAMESPACE,
            "counter",
            LongNode.valueOf(StrictJson.MAX_SAFE),
            null,
            null,
            "none"));
    assertThat(increment(1).code()).isEqualTo(RejectionCode.E_NUMBER);
    assertThat(increment(-1).value()).isEqualTo(LongNode.valueOf(StrictJson.MAX_SAFE - 1));
  }

  @Test
  void a_deleted_prefix_takes_its_values_at_once_and_none_that_come_later() {
    set("user:1", "a", 60_000L);
    set("user:2", "b", 60_000L);
    set("team:1", "c", 60_000L);
    apply(new ValueCommand.Set("c", null, "other", "user:1", IntNode.valueOf(1), null, null, null));

    apply(new ValueCommand.DeletePrefix("c", null, NAMESPACE, "user:", 1));
    set("user:2", "after", 60_000L);

    assertThat(get("user:1").found()).isFalse();
    assertThat(get("user:2").value()).isEqualTo(TextNode.valueOf("after"));
    assertThat(get("team:1").found()).isTrue();
    assertThat(apply(new ValueCommand.Get("c", null, "other", "user:1")).found()).isTrue();
  }

  @Test
  void the_value_that_would_expire_next_makes_room() {
    var full = new Memory(2);
    full.apply(set("a", 9_000L), now);
    full.apply(set("b", 3_000L), now);

    assertThat(full.apply(set("c", 5_000L), now).ok()).isTrue();
    assertThat(full.rows.keySet()).extracting(ValueKey::key).containsExactly("a", "c");
  }

  @Test
  void values_that_never_expire_are_not_pushed_out() {
    var full = new Memory(1);
    full.apply(set("a", null), now);

    var refused = full.apply(set("b", null), now);

    assertThat(refused.code()).isEqualTo(RejectionCode.E_SIZE);
    assertThat(refused.error()).contains("none of them expires");
    assertThat(full.apply(set("a", 1L), now).ok()).as("one in its own place is no more").isTrue();
  }

  @Test
  void an_mset_that_finds_no_room_sets_nothing() {
    var full = new Memory(2);
    full.apply(set("a", null), now);

    var values = Map.<String, JsonNode>of("b", IntNode.valueOf(1), "c", IntNode.valueOf(2));
    var answer =
        full.apply(new ValueCommand.SetMany("c", null, NAMESPACE, values, null, "none", 1), now);

    assertThat(answer.ok()).isFalse();
    assertThat(full.rows.keySet()).extracting(ValueKey::key).containsExactly("a");
  }

  @Test
  void an_mget_never_answers_more_than_fits_its_topic() {
    var large = Json.MAPPER.createArrayNode().add("x".repeat(60_000));
    var keys = new ArrayList<String>();
    for (int i = 0; i < 10; i++) {
      keys.add("k" + i);
      apply(new ValueCommand.Set("c", null, NAMESPACE, "k" + i, large, null, null, null));
    }

    assertThat(apply(new ValueCommand.GetMany("c", null, NAMESPACE, keys, 1)).code())
        .isEqualTo(RejectionCode.E_SIZE);
    assertThat(apply(new ValueCommand.GetMany("c", null, NAMESPACE, keys.subList(0, 8), 1)).ok())
        .isTrue();
  }

  private Answer apply(ValueCommand command) {
    return memory.apply(command, now);
  }

  private Answer get(String key) {
    return apply(new ValueCommand.Get("c", null, NAMESPACE, key));
  }

  private Answer increment(long by) {
    return apply(new ValueCommand.Increment("c", null, NAMESPACE, "counter", by, 60_000L));
  }

  private void set(String key, String value, Long ttlMs) {
    apply(
        new ValueCommand.Set(
            "c", null, NAMESPACE, key, TextNode.valueOf(value), null, ttlMs, null));
  }

  private static ValueCommand set(String key, @Nullable Long ttlMs) {
    return new ValueCommand.Set(
        "c", null, NAMESPACE, key, IntNode.valueOf(1), null, ttlMs, ttlMs == null ? "none" : null);
  }

  /// The rules over plain maps.
  private static final class Memory implements ValueView {

    private final Map<ValueKey, ValueRow> rows =
        new TreeMap<>(Comparator.comparing(ValueKey::toString));
    private final DroppedPrefixes dropped = new DroppedPrefixes();
    private final ValueSettings settings;
    private final ValueRules rules;
    private Tally tally = Tally.ZERO;

    private Memory(long maxEntries) {
      settings = new ValueSettings(CachePolicies.load(null), Duration.ofDays(1), maxEntries, 1);
      rules = new ValueRules(settings);
    }

    private Answer apply(ValueCommand command, Instant now) {
      var step = new ValueStep(this, settings.maxEntries(), now);
      var answer = rules.apply(step, command);
      if (answer.ok()) {
        apply(step);
      }
      return answer;
    }

    private void sweep(Instant now) {
      var step = new ValueStep(this, settings.maxEntries(), now);
      rows.keySet().forEach(step::live);
      apply(step);
    }

    private void apply(ValueStep step) {
      tally = step.tally();
      for (var change : step.changes()) {
        if (change.after() == null) {
          rows.remove(change.key());
        } else {
          rows.put(change.key(), change.after());
        }
      }
      if (step.dropped() != null) {
        dropped.add(step.dropped());
      }
    }

    @Override
    public @Nullable ValueRow row(ValueKey key) {
      return rows.get(key);
    }

    @Override
    public boolean droppedSince(ValueKey key, long generation) {
      return dropped.since(key, generation);
    }

    @Override
    public List<ValueKey> nextToExpire(int limit) {
      return rows.entrySet().stream()
          .filter(row -> row.getValue().expiresAt() != null)
          .sorted(
              Comparator.comparing(
                  (Map.Entry<ValueKey, ValueRow> row) -> row.getValue().expiresAt()))
          .limit(limit)
          .map(Map.Entry::getKey)
          .toList();
    }

    @Override
    public Tally tally() {
      return tally;
    }
  }
}
