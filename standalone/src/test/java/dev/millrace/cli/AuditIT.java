package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.contracts.Command;
import dev.millrace.contracts.Decision;
import dev.millrace.contracts.DecisionKind;
import dev.millrace.contracts.JobId;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.Tier;
import dev.millrace.contracts.Topics;
import dev.millrace.runtime.Resources;
import dev.millrace.runtime.Sender;
import dev.millrace.runtime.Settings.Sources;
import dev.millrace.standalone.Standalone;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Everything runs, a bit of everything is asked, and the audit finds nothing wrong, if only it is
/// given the keys of private hashes; then a record is forged, and it says which.
class AuditIT {

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final Topics topics = new Topics(Topics.DEFAULT_PREFIX);
  private final Map<String, Integer> ends = new HashMap<>();
  private final Set<DecisionKind> decided = EnumSet.noneOf(DecisionKind.class);
  private final Map<JobId, String> askers = new HashMap<>();
  private final Set<String> started = new HashSet<>();

  @Test
  void what_happened_is_valid_and_what_is_forged_is_not(@TempDir Path folder) throws Exception {
    var keys = Files.writeString(folder.resolve("keys"), "org_a=" + "A".repeat(43) + "=");
    var flags =
        Map.of(
            "http.port", "0",
            "workers.command.allow", "false",
            "workers.slots", "2",
            "privacy.keys", keys.toString());
    var options =
        new Standalone.Options(folder.resolve("data"), 0, new Sources(Map.of(), Map.of(), flags));
    try (var standalone = Standalone.start(options, Resources.system())) {
      var cluster = Cluster.of(standalone.settings());
      try (var tail = cluster.tail(TopicTail.From.START, topics.completions(), topics.decisions());
          var sender = cluster.sender()) {
        ask(sender, tail);
      }
      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> {
            var run = audit(standalone, "--set", "privacy.keys=" + keys);
            assertThat(run.exitCode()).as(run.out() + run.err()).isZero();
          });
      var keyless = audit(standalone);
      assertThat(keyless.exitCode()).isEqualTo(2);
      assertThat(invariant(keyless, "I8").path("missing").get(0).asText())
          .contains("under a key that is not known here");

      try (var sender = cluster.sender()) {
        forge(cluster, sender);
      }
      var run = audit(standalone);

      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(invariant(run, "I1").path("verdict").asText()).isEqualTo("INVALID");
      assertThat(invariant(run, "I1").path("examples").get(0).path("at").asText())
          .startsWith("millrace.completions-");
    }
  }

  private void ask(Sender sender, TopicTail tail) {
    simulate(sender, Tier.PRO, "endless", "cmp_endless", 10_000_000);
    until(tail, () -> started.contains("endless"));
    for (var asker : List.of("a", "b", "c")) {
      for (int i = 0; i < 5; i++) {
        var tier = asker.equals("a") ? Tier.FREE : Tier.ENTERPRISE;
        simulate(sender, tier, asker + i, "cmp_" + i, 2_000 * (5 - i));
      }
    }
    simulate(sender, Tier.FREE, "late", "cmp_late", 100_000, "{\"timeoutMs\":50}");
    simulate(sender, Tier.FREE, "only", "cmp_9", 100, "{\"cache\":{\"mode\":\"only\"}}");
    simulate(sender, Tier.FREE, "own", "cmp_0", 100, "{\"cache\":{\"scope\":\"private\"}}");
    send(sender, Tier.FREE, "{\"type\":\"simulation\",\"params\":{},}");
    send(sender, Tier.FREE, "{\"type\":\"simulatoin\",\"params\":{}}");
    var failing = Json.MAPPER.createObjectNode().put("program", "false");
    send(sender, Tier.PRO, "failing", "command", failing, "{\"maxAttempts\":2}");
    cancel(sender, "endless");
    cancel(sender, "ahead");
    untilEnded(tail, "endless", "a0", "a4", "b4", "c4", "late", "only", "own");

    simulate(sender, Tier.FREE, "ahead", "cmp_1", 8_000);
    simulate(sender, Tier.PRO, "a4", "cmp_4", 2_000);
    simulate(sender, Tier.PRO, "d4", "cmp_4", 2_000);
    cancel(sender, "a4");
    untilEnded(tail, "ahead", "d4");

    simulate(sender, Tier.PRO, "slow", "cmp_slow", 50_000);
    until(tail, () -> started.contains("slow"));
    for (var campaign : List.of("cmp_slow", "cmp_4")) {
      var invalidate =
          new Command.Invalidate(
              "no-" + campaign, null, "campaign:" + campaign, null, null, null, null);
      var _ = sender.send(topics.commands(), null, null, invalidate, Map.of()).join();
    }
    until(tail, () -> decided.contains(DecisionKind.INVALIDATED));
    simulate(sender, Tier.PRO, "after", "cmp_slow", 50_000);
    simulate(sender, Tier.PRO, "e4", "cmp_4", 2_000);
    var refresh = "{\"cache\":{\"mode\":\"refresh\"}}";
    simulate(sender, Tier.PRO, "f3", "cmp_3", 4_000, refresh);
    untilEnded(tail, "slow", "after", "e4", "f3", "failing");

    warmUp(sender, "cmp_warm", "cmp_given");
    simulate(sender, Tier.PRO, "warm", "cmp_warm", 50_000);
    simulate(sender, Tier.PRO, "given", "cmp_given", 2_000);
    untilEnded(tail, "warm", "given");
  }

  /// One answer is to be computed, the other comes along; whichever the ledger hears of first, this
  /// or those who ask.
  private void warmUp(Sender sender, String computed, String given) {
    var items =
        List.of(
            new Command.WarmUp.Item(simulation(computed, 50_000), null),
            new Command.WarmUp.Item(simulation(given, 2_000), Json.MAPPER.createArrayNode()));
    var command = new Command.WarmUp("warm-up", null, items, null);
    var _ = sender.send(topics.commands(), null, null, command, Map.of()).join();
  }

  private static ObjectNode simulation(String campaign, int paths) {
    var request = Json.MAPPER.createObjectNode();
    request.put("type", "simulation").put("organizationId", "org_a");
    request.set("params", params(campaign, paths));
    return request;
  }

  private static ObjectNode params(String campaign, int paths) {
    return Json.MAPPER
        .createObjectNode()
        .put("campaignId", campaign)
        .put("timeframeDays", 365)
        .put("paths", paths);
  }

  private void simulate(Sender sender, Tier tier, String id, String campaign, int paths) {
    simulate(sender, tier, id, campaign, paths, "{}");
  }

  /// @param more fields of the request
  private void simulate(
      Sender sender, Tier tier, String id, String campaign, int paths, String more) {
    send(sender, tier, id, "simulation", params(campaign, paths), more);
  }

  private void send(
      Sender sender, Tier tier, String id, String type, ObjectNode params, String more) {
    var request = read(more);
    request
        .put("requestId", id)
        .put("type", type)
        .put("organizationId", "org_a")
        .put("userId", "usr_1")
        .set("params", params);
    send(sender, tier, request.toString());
  }

  private void send(Sender sender, Tier tier, String text) {
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    var _ = sender.send(topics.requests(tier).name(), null, null, bytes, Map.of()).join();
  }

  private void cancel(Sender sender, String requestId) {
    var cancel = new Command.Cancel("cancel-" + requestId, null, "org_a", requestId);
    var _ = sender.send(topics.commands(), null, null, cancel, Map.of()).join();
  }

  private void untilEnded(TopicTail tail, String... ids) {
    until(tail, () -> ends.keySet().containsAll(List.of(ids)));
  }

  private void until(TopicTail tail, BooleanSupplier done) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> {
          for (var record : tail.poll(Duration.ofMillis(20))) {
            if (record.topic().equals(topics.completions().name())) {
              var end = topics.completions().serde().read(record.value());
              ends.merge(end.requestId(), 1, Integer::sum);
            } else {
              take(topics.decisions().serde().read(record.value()));
            }
          }
          return done.getAsBoolean();
        });
  }

  private void take(Decision decision) {
    decided.add(decision.decision());
    var job = decision.jobId();
    if (decision.decision() == DecisionKind.DISPATCHED && decision.requestId() != null) {
      askers.put(job, decision.requestId());
    } else if (decision.decision() == DecisionKind.STARTED) {
      started.add(askers.getOrDefault(job, "?"));
    }
  }

  private static CommandLineRun audit(Standalone standalone, String... more) {
    var args = Stream.of("audit", "-b", standalone.bootstrapServers(), "--json");
    return CommandLineRun.of(Stream.concat(args, Stream.of(more)).toArray(String[]::new));
  }

  private static JsonNode invariant(CommandLineRun run, String id) {
    for (var invariant : read(run.lines().getLast()).path("invariants")) {
      if (invariant.path("id").asText().equals(id)) {
        return invariant;
      }
    }
    throw new AssertionError("no " + id + " in " + run.out());
  }

  /// The end of a request once more, not marked as a repeat.
  private void forge(Cluster cluster, Sender sender) {
    try (var tail = cluster.tail(TopicTail.From.START, topics.completions())) {
      var end = tail.readAll().getFirst();
      var key = new String(end.key(), StandardCharsets.UTF_8);
      var _ = sender.send(end.topic(), end.partition(), key, end.value(), Map.of()).join();
    }
  }

  private static ObjectNode read(String json) {
    try {
      return (ObjectNode) Json.MAPPER.readTree(json);
    } catch (IOException e) {
      throw new AssertionError(json, e);
    }
  }
}
