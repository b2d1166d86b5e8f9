package dev.millrace.cache;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.millrace.cache.values.ValueModel;
import dev.millrace.cache.values.ValueModel.Expected;
import dev.millrace.contracts.CurrentValue;
import dev.millrace.contracts.HeaderNames;
import dev.millrace.contracts.Origin;
import dev.millrace.contracts.ValueCommand;
import dev.millrace.contracts.ValueKey;
import dev.millrace.contracts.ValueReply;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ValuesTopologyTest {

  private final ValuesDriver values = new ValuesDriver(1);

  @AfterEach
  void close() {
    values.close();
  }

  /// Names of stores and sinks are those of changelogs and of committed offsets.
  @Test
  void the_topology_is_the_one_in_the_repository() throws IOException {
    assertThat(values.topology().describe().toString())
        .isEqualTo(Files.readString(Path.of("src/test/resources/cache-topology.txt")));
  }

  @Test
  void a_value_is_set_found_and_deleted() {
    assertThat(send("{'op':'set','namespace':'n','key':'k','value':{'a':1},'ttl':'short'}"))
        .matches(reply -> reply.ok() && !reply.found() && "k".equals(reply.key()))
        .satisfies(
            reply -> assertThat(reply.expiresAt()).isEqualTo(ValuesDriver.START.plusSeconds(60)));
    assertThat(send("{'op':'get','namespace':'n','key':'k'}").value()).hasToString("{\"a\":1}");
    assertThat(send("{'op':'exists','namespace':'n','key':'k'}").found()).isTrue();
    assertThat(send("{'op':'delete','namespace':'n','key':'k'}").found()).isTrue();
    assertThat(send("{'op':'get','namespace':'n','key':'k'}").found()).isFalse();

    assertThat(values.meter("values.reads", "result", "hit")).isEqualTo(1);
    assertThat(values.meter("values.reads", "result", "miss")).isEqualTo(1);
    assertThat(values.meter("values.removed", "cause", "EXPLICIT")).isEqualTo(1);
  }

  @Test
  void namespaces_know_nothing_of_each_other() {
    send("{'op':'set','namespace':'workspace:ws_1','key':'k','value':1,'commandId':'same'}");
    send("{'op':'set','namespace':'workspace:ws_2','key':'k','value':2,'commandId':'same'}");

    send("{'op':'delete-prefix','namespace':'workspace:ws_1','prefix':'','commandId':'x'}");

    assertThat(send("{'op':'get','namespace':'workspace:ws_1','key':'k'}").found()).isFalse();
    assertThat(send("{'op':'get','namespace':'workspace:ws_2','key':'k'}").value())
        .hasToString("2");
  }

  @Test
  void a_command_that_comes_again_counts_once_and_is_answered_the_same() {
    var hit = new ValueCommand.Increment("inc-1", new Origin("v", 0, 7), "n", "hits", 1L, 60_000L);
    var first = values.send(hit);
    assertThat(values.send(hit)).isEqualTo(first);
    assertThat(send("{'op':'increment','namespace':'n','key':'hits'}").value()).hasToString("2");
    assertThat(values.send(hit)).isEqualTo(first);

    assertThat(first.value()).hasToString("1");
    assertThat(send("{'op':'get','namespace':'n','key':'hits'}").value()).hasToString("2");
  }

  @Test
  void a_set_that_comes_again_does_not_bring_back_what_was_deleted() {
    var set =
        new ValueCommand.Set(
            "s-1", new Origin("v", 0, 7), "n", "k", TextNode.valueOf("v"), null, null, null);
    values.send(set);
    send("{'op':'delete','namespace':'n','key':'k'}");
    values.send(set);

    assertThat(send("{'op':'get','namespace':'n','key':'k'}").found()).isFalse();
  }

  @Test
  void what_was_refused_is_tried_anew() {
    send("{'op':'set','namespace':'n','key':'k','value':'text'}");
    var id = ",'commandId':'again'}";
    assertThat(send("{'op':'increment','namespace':'n','key':'k'" + id).ok()).isFalse();
    send("{'op':'delete','namespace':'n','key':'k'}");
    assertThat(send("{'op':'increment','namespace':'n','key':'k'" + id).value()).hasToString("1");
  }

  @Test
  void after_the_window_nothing_of_a_command_is_left() {
    send("{'op':'increment','namespace':'n','key':'hits','windowMs':1000}");
    assertThat(values.rows('r')).hasSize(1);
    assertThat(values.rows('d')).hasSize(2);

    values.pass(ValuesDriver.WINDOW);

    assertThat(values.rows('r')).isEmpty();
    assertThat(values.rows('d')).isEmpty();
    assertThat(values.rows('v')).isEmpty();
    assertThat(values.meter("values.removed", "cause", "EXPIRED")).isEqualTo(1);
  }

  @Test
  void an_expired_value_is_not_given_even_when_nobody_swept() {
    send("{'op':'set','namespace':'n','key':'k','value':1,'ttlMs':1000}");
    values.passUnseen(Duration.ofSeconds(1));

    assertThat(send("{'op':'get','namespace':'n','key':'k'}").found()).isFalse();
    assertThat(values.current(Map.of())).isEmpty();
  }

  @Test
  void the_sweep_takes_out_what_lies_under_a_deleted_prefix_and_then_forgets_the_prefix() {
    for (int i = 0; i < 450; i++) {
      send("{'op':'set','namespace':'n','key':'user:" + i + "','value':1}");
    }
    send("{'op':'set','namespace':'n','key':'team:1','value':1}");
    send("{'op':'delete-prefix','namespace':'n','prefix':'user:'}");
    send("{'op':'set','namespace':'n','key':'user:7','value':'later'}");
    assertThat(values.rows('v')).as("O(1): nothing is touched").hasSize(451);

    values.pass(Duration.ofMillis(100));
    assertThat(values.rows('v')).as("some at a time").hasSizeBetween(251, 252);
    values.pass(Duration.ofMillis(100));
    values.pass(Duration.ofMillis(100));

    assertThat(values.rows('v')).containsExactly("n/team:1", "n/user:7");
    assertThat(values.rows('m')).as("no prefix is remembered").containsExactly("tally");
    assertThat(values.current(Map.of())).containsOnlyKeys("n/team:1", "n/user:7");
    assertThat(values.meter("values.entries", "partition", "0")).isEqualTo(2);
  }

  @Test
  void what_belongs_elsewhere_or_is_no_command_is_put_aside_and_stops_nothing() {
    try (var many = new ValuesDriver(4)) {
      var strange = "x";
      for (int i = 0; new ValueKey("n", strange).partition(4) == 0; i++) {
        strange = "x" + i;
      }
      many.raw("[]".getBytes(StandardCharsets.UTF_8));
      many.put(new ValueCommand.Get("c", new Origin("v", 0, 0), "n", strange));
      many.put(new ValueCommand.DeletePrefix(null, null, "n", "", 4));

      assertThat(many.rejected())
          .hasSize(3)
          .allSatisfy(record ->
              assertThat(HeaderNames.text(record.headers(), HeaderNames.ERROR_CODE))
                  .isEqualTo("E_RECORD"));
      assertThat(many.replies()).isEmpty();
    }
  }

  /// Redelivery and sweeps at any time change no answer, and the rows of the stores stay true.
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void any_commands_are_answered_as_a_plain_map_would(int seed) {
    var random = new Random(seed);
    var model = new ValueModel();
    Map<String, CurrentValue> current = Map.of();
    for (int i = 0; i < 400; i++) {
      var time = Duration.ofMillis(random.nextLong(30_000));
      if (random.nextInt(4) == 0) {
        values.pass(time);
      } else {
        values.passUnseen(time);
      }
      var command = ValueModel.command(random, "c-" + i).admitted("c-" + i, new Origin("v", 0, i));

      var reply = values.send(command);

      assertThat(Expected.of(reply))
          .as("seed %d, command %d: %s", seed, i, command)
          .hasToString(model.apply(command, values.now()).toString());
      if (random.nextInt(3) == 0 && changes(command) && reply.ok()) {
        assertThat(values.send(command)).hasToString(reply.toString());
      }
      current = values.current(current);
      assertThat(current.keySet()).containsExactlyInAnyOrderElementsOf(values.rows('v'));
      long expiring = current.values().stream().filter(it -> it.expiresAt() != null).count();
      assertThat(values.rows('d').stream().filter(key -> key.startsWith("v")))
          .hasSize((int) expiring);
      assertThat(values.meter("values.entries", "partition", "0")).isEqualTo(current.size());
    }
  }

  private static boolean changes(ValueCommand command) {
    return !(command instanceof ValueCommand.Get
        || command instanceof ValueCommand.Exists
        || command instanceof ValueCommand.GetMany);
  }

  private ValueReply send(String json) {
    return values.send(json);
  }
}
