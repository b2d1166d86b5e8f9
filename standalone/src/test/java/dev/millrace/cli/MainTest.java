package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.contracts.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {

  /// Port 1 on loopback: nobody listens there.
  private static final String NOBODY = "127.0.0.1:1";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "demo",
        "up",
        "submit",
        "watch",
        "get",
        "list",
        "result",
        "cancel",
        "hash",
        "explain",
        "lanes",
        "cache",
        "cache stats",
        "cache get",
        "cache invalidate",
        "cache simulate",
        "cache train",
        "cache warm-up",
        "bench",
        "doctor",
        "topics",
        "topics create",
        "topics verify",
        "acls",
        "config",
        "config show",
        "config docs",
        "intake",
        "cache-store",
        "workers",
        "publisher"
      })
  void every_command_explains_itself_with_an_example(String command) {
    var run = CommandLineRun.of((command + " --help").split(" "));

    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).contains("Usage: millrace " + command).contains("Example");
    assertThat(run.out()).contains("./millrace " + command.replaceFirst(" .*", ""));
  }

  @Test
  void help_lists_the_commands() {
    var run = CommandLineRun.of("--help");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).contains("submit", "doctor", "./millrace demo");
  }

  @Test
  void the_version_is_told() {
    assertThat(CommandLineRun.of("--version").out()).startsWith("millrace ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "nonsense",
        "submit",
        "get",
        "explain",
        "topics",
        "lanes sideways free",
        "lanes pause",
        "up --nonsense",
        "submit simulation --tier gold",
        "list --since yesterday",
        "submit -f nowhere.json",
        "list --limit 0",
        "cache",
        "cache invalidate",
        "cache invalidate --tag a --type b",
        "cache warm-up",
        "cache warm-up nowhere.jsonl",
        "cache warm-up requests.jsonl --limit 3",
        "cache warm-up --from-history --answers",
        "cache warm-up --from-history --since yesterday",
        "bench nothing",
        "bench --compare nowhere.jsonl",
        "bench peers --workload Z",
        "cache simulate --generate backwards",
        "cache simulate --policies lru,mru",
        "cache simulate --entries 0",
        "cache simulate --trace nowhere.jsonl"
      })
  void wrong_usage_is_2_and_says_so_on_stderr(String args) {
    var run = args.isEmpty() ? CommandLineRun.of() : CommandLineRun.of(args.split(" "));

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).isNotBlank();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "submit simulation -p campaignId=c",
        "watch",
        "cancel some-id",
        "topics verify",
        "lanes pause free",
        "intake",
        "cache-store",
        "workers",
        "publisher"
      })
  void an_unreachable_cluster_is_5_and_the_next_step_is_told(String args) {
    var run = CommandLineRun.of((args + " --bootstrap-server " + NOBODY).split(" "));

    assertThat(run.exitCode()).isEqualTo(5);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .contains(
            "Cannot reach Kafka at 127.0.0.1:1; start one with ./millrace up, or give"
                + " --bootstrap-server.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"get x", "list", "result x", "lanes"})
  void an_unreachable_api_is_5_and_the_next_step_is_told(String args) {
    var run = CommandLineRun.of((args + " --url http://" + NOBODY).split(" "));

    assertThat(run.exitCode()).isEqualTo(5);
    assertThat(run.err()).contains("start it with ./millrace up, or give --url");
  }

  @Test
  void a_doctor_who_finds_something_exits_with_1_and_tells_a_fix() {
    var run =
        CommandLineRun.of(
            "doctor", "--bootstrap-server", NOBODY, "--url", "http://" + NOBODY, "-o", "jsonl");

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.lines()).anyMatch(line -> line.contains("\"check\":\"kafka\",\"ok\":false"));
    assertThat(run.out()).contains("./millrace up");
  }

  @Test
  void a_taken_port_is_named_with_its_flag(@TempDir Path folder) throws IOException {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var port = Integer.toString(taken.getLocalPort());

      var run =
          CommandLineRun.of(
              "up", "--http-port", port, "--data-dir", folder.resolve("d").toString());

      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(run.err()).contains("Port " + port + " is taken").contains("--http-port");
      assertThat(folder).isEmptyDirectory();
    }
  }

  @Test
  void wrong_settings_are_all_told_at_once() {
    var run =
        CommandLineRun.of(
            "config", "show", "--set", "topic.partitions=0", "--set", "topic.replication.factor=x");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("topic.partitions").contains("topic.replication.factor");
  }

  @Test
  void a_file_of_warm_ups_that_is_not_there_stops_the_start() {
    var run = CommandLineRun.of("publisher", "--set", "warm.up.file=/no/requests.jsonl");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err())
        .contains("/no/requests.jsonl for configuration warm.up.file: there is no such file");
  }

  @Test
  void settings_are_shown_with_their_source() {
    var run = CommandLineRun.of("config", "show", "--set", "topic.partitions=8", "-o", "jsonl");

    assertThat(run.exitCode()).isZero();
    assertThat(run.lines())
        .contains("{\"setting\":\"topic.partitions\",\"value\":\"8\",\"source\":\"flag\"}")
        .contains("{\"setting\":\"topic.prefix\",\"value\":\"millrace.\",\"source\":\"default\"}");
  }

  @Test
  void access_control_lists_are_printed_without_any_cluster() {
    var lists = CommandLineRun.of("acls", "-o", "jsonl", "--set", "topic.prefix=test.");
    var script = CommandLineRun.of("acls", "--script");

    assertThat(lists.exitCode()).isZero();
    assertThat(lists.lines())
        .contains(
            "{\"principal\":\"User:producer-pro\",\"operation\":\"write\",\"resource\":\"topic\","
                + "\"pattern\":\"literal\",\"name\":\"test.requests.pro\"}")
        .noneMatch(line -> line.contains("millrace"));
    assertThat(script.exitCode()).isZero();
    assertThat(script.lines())
        .contains(
            "kafka-acls.sh --bootstrap-server \"$BOOTSTRAP\" --command-config \"$CONFIG\" --add"
                + " --allow-principal User:workers --operation Read --operation AlterConfigs"
                + " --group 'millrace-workers-pro' --resource-pattern-type literal",
            "kafka-acls.sh --bootstrap-server \"$BOOTSTRAP\" --command-config \"$CONFIG\" --add"
                + " --allow-principal User:cache-store --operation Write"
                + " --transactional-id 'millrace-cache-store-' --resource-pattern-type prefixed",
            "kafka-acls.sh --bootstrap-server \"$BOOTSTRAP\" --command-config \"$CONFIG\" --add"
                + " --allow-principal User:reader --operation Describe --cluster");
  }

  @Test
  void a_hash_is_explained_without_any_cluster() throws IOException {
    var run =
        CommandLineRun.of(
            "hash",
            "simulation",
            "-p",
            "campaignId=cmp_81",
            "--org",
            "o",
            "--scope",
            "global",
            "--request-id",
            "mine",
            "-o",
            "json");

    assertThat(run.exitCode()).isZero();
    var json = Json.MAPPER.readTree(run.out());
    assertThat(json.path("requestHash").asText()).matches("[0-9a-f]{64}");
    assertThat(json.path("scopeKey").asText()).isEqualTo("global");
    assertThat(json.path("canonicalParams").asText()).contains("\"timeframeDays\":30");
    assertThat(json.path("leftOut").findValuesAsText("field")).contains("requestId");
  }

  @Test
  void a_private_hash_is_made_with_the_organizations_key(@TempDir Path folder) throws IOException {
    var keys = folder.resolve("keys").toString();
    Files.writeString(Path.of(keys), "o=" + "A".repeat(43) + "=");
    var of = "hash simulation -p campaignId=c --org o --user u -o json --scope ".split(" ");

    var plain = Json.MAPPER.readTree(hash(of, "private").out());
    var keyed = Json.MAPPER.readTree(hash(of, "private", "--privacy-keys", keys).out());
    var shared = Json.MAPPER.readTree(hash(of, "organization", "--privacy-keys", keys).out());

    assertThat(plain.path("keyed").asBoolean()).isFalse();
    assertThat(keyed.path("keyed").asBoolean()).isTrue();
    assertThat(keyed.path("requestHash")).isNotEqualTo(plain.path("requestHash"));
    assertThat(keyed.path("scopeKey")).isEqualTo(plain.path("scopeKey"));
    assertThat(shared.path("keyed").asBoolean()).isFalse();
    assertThat(shared.path("requestHash"))
        .isEqualTo(Json.MAPPER.readTree(hash(of, "organization").out()).path("requestHash"));

    var missing = hash(of, "private", "--privacy-keys", keys + "-none");
    assertThat(missing.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(missing.err()).contains("there is no file " + keys + "-none");
  }

  private static CommandLineRun hash(String[] of, String... more) {
    return CommandLineRun.of(Stream.concat(Stream.of(of), Stream.of(more)).toArray(String[]::new));
  }

  @Test
  void a_request_that_would_be_rejected_has_no_hash(@TempDir Path folder) throws IOException {
    var file = folder.resolve("request.json");
    Files.writeString(file, "{\"type\":\"simulation\",\"type\":\"x\"}");

    var run = CommandLineRun.of("hash", "-f", file.toString());

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains("Would be rejected: E_DUPKEY");
  }

  @Test
  void the_hash_is_the_same_from_flags_and_from_stdin() {
    var flags = CommandLineRun.of("hash", "simulation", "-p", "campaignId=c", "-o", "id");
    var stdin =
        CommandLineRun.withInput(
            "{ \"params\": {\"campaignId\":\"c\"}, \"type\": \"simulation\" }\n",
            "hash",
            "-f",
            "-",
            "-o",
            "id");

    assertThat(stdin.out()).isEqualTo(flags.out()).hasSize(65);
  }
}
