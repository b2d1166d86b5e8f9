package dev.millrace.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.Tier;
import dev.millrace.runtime.CommonConfig;
import dev.millrace.runtime.HangingTransactions;
import dev.millrace.runtime.HangingTransactions.Hanging;
import dev.millrace.runtime.TopicAdmin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// Looks at everything Millrace needs, and says what to do where something is wrong.
@Command(
    name = "doctor",
    description = "Check brokers, topics, transactions, workers, HTTP, database, disk and clock.",
    footer = {"", "Example:  ./millrace doctor --bootstrap-server localhost:9092"})
final class DoctorCommand implements Callable<Integer> {

  private static final long LITTLE_DISK = 1L << 30;
  private static final Duration CLOCK_DRIFT = Duration.ofSeconds(5);
  private static final String SHARE_STATE = "__share_group_state";
  private static final String SHARE_REPLICAS = "share.coordinator.state.topic.replication.factor";
  private static final String SHARE_IN_SYNC = "share.coordinator.state.topic.min.isr";
  private static final ListTopicsOptions INTERNAL_TOO = new ListTopicsOptions().listInternal(true);

  private final Context context;
  private final List<Check> checks = new ArrayList<>();

  @Mixin private KafkaOptions kafka = new KafkaOptions();
  @Mixin private HttpOptions http = new HttpOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  DoctorCommand(Context context) {
    this.context = context;
  }

  /// @param fix what to do; empty when all is well
  private record Check(String check, boolean ok, String found, String fix) {}

  @Override
  public Integer call() {
    Quiet.kafka();
    checkKafka();
    checkHttp();
    checkDisk();
    boolean ok = checks.stream().allMatch(Check::ok);
    if (output.format == Format.table) {
      print();
    } else {
      output.list(
          context,
          checks.stream().map(Json.MAPPER::<JsonNode>valueToTree).toList(),
          "check",
          List.of());
    }
    return ok ? ExitCode.DONE : ExitCode.FAILED;
  }

  private void print() {
    boolean unicode = context.terminal().unicode();
    var rows = new ArrayList<List<String>>();
    for (var check : checks) {
      var sign = check.ok() ? (unicode ? "✔" : "ok") : (unicode ? "✘" : "NO");
      rows.add(List.of(sign, check.check(), check.found()));
      if (!check.fix().isEmpty()) {
        rows.add(List.of("", "", "→ " + check.fix()));
      }
    }
    Table.align(rows).forEach(context::print);
  }

  private void checkKafka() {
    Cluster cluster;
    try {
      cluster = Cluster.connect(kafka.sources(context.environment()));
    } catch (CliException e) {
      add("kafka", false, "no answer", String.valueOf(e.getMessage()));
      return;
    }
    try (var admin = cluster.clients().admin()) {
      var nodes = admin.describeCluster().nodes().get(10, TimeUnit.SECONDS);
      var names = nodes.stream().map(node -> node.host() + ":" + node.port()).toList();
      add("kafka", true, nodes.size() + " broker(s): " + String.join(", ", names), "");
      checkTopics(cluster);
      checkTransactions(cluster);
      checkShareGroups(admin, nodes.size());
      for (var tier : Tier.values()) {
        var group = TopicAdmin.laneGroup(cluster.topics(), tier);
        checkWorkers(tier, members(admin, group));
      }
    } catch (ExecutionException | TimeoutException | KafkaException e) {
      add(
          "kafka",
          false,
          "connected, then: " + e.getMessage(),
          "Check advertised.listeners of the brokers and the security settings.");
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private static int members(Admin admin, String group)
      throws InterruptedException, TimeoutException {
    try {
      var groups = admin.describeShareGroups(List.of(group)).all().get(10, TimeUnit.SECONDS);
      return groups.values().stream().mapToInt(described -> described.members().size()).sum();
    } catch (ExecutionException _) {
      return 0;
    }
  }

  private void checkWorkers(Tier tier, int members) {
    add(
        "workers " + tier.id(),
        members > 0,
        members + " member(s) in the lane",
        members > 0 ? "" : "Start some: ./millrace workers --bootstrap-server …");
  }

  private void checkTopics(Cluster cluster) {
    try (var admin =
        new TopicAdmin(
            cluster.clients(),
            cluster.topics(),
            cluster.settings(),
            context.resources().get().clock())) {
      var differences = admin.verify();
      add(
          "topics",
          differences.isEmpty(),
          differences.isEmpty()
              ? cluster.topics().all().size() + " topics as the contract wants them"
              : differences.size() + " difference(s), such as " + differences.getFirst(),
          differences.isEmpty() ? "" : "./millrace topics create, then ./millrace topics verify");
    }
  }

  private void checkTransactions(Cluster cluster) {
    var clock = context.resources().get().clock();
    try (var transactions = new HangingTransactions(cluster.clients(), cluster.topics(), clock)) {
      var hanging = transactions.find();
      add(
          "transactions",
          hanging.isEmpty(),
          hanging.isEmpty()
              ? "none is left open"
              : hanging.size() + " left open for ever; nobody reads on in " + places(hanging),
          hanging.isEmpty()
              ? ""
              : "A cache-store ends its own within seconds: start one. Any: "
                  + hanging.getFirst().command());
    }
  }

  private static String places(List<Hanging> hanging) {
    return hanging.stream()
        .map(one -> one.partition().toString())
        .sorted()
        .distinct()
        .collect(Collectors.joining(", "));
  }

  /// Kafka makes the topic for the state of share groups when the first worker joins, with as many
  /// replicas as its settings say. On too few brokers it never does, and tells nobody but its log.
  private void checkShareGroups(Admin admin, int brokers)
      throws InterruptedException, ExecutionException, TimeoutException {
    if (admin.listTopics(INTERNAL_TOO).names().get(10, TimeUnit.SECONDS).contains(SHARE_STATE)) {
      add("share groups", true, "their state is kept on " + SHARE_STATE, "");
      return;
    }
    int replicas = shareStateReplicas(admin);
    boolean ok = replicas <= brokers;
    add(
        "share groups",
        ok,
        ok
            ? "Kafka makes " + SHARE_STATE + " when the first worker joins"
            : "%s needs %d replicas and there are %d broker(s): workers get nothing, for ever"
                .formatted(SHARE_STATE, replicas, brokers),
        ok
            ? ""
            : "Set %s=%d on the brokers, %s no higher, and restart them."
                .formatted(SHARE_REPLICAS, brokers, SHARE_IN_SYNC));
  }

  /// 0 when this login may not see it.
  private static int shareStateReplicas(Admin admin)
      throws InterruptedException, ExecutionException, TimeoutException {
    var node = admin.describeCluster().nodes().get(10, TimeUnit.SECONDS).iterator().next();
    var broker = new ConfigResource(ConfigResource.Type.BROKER, node.idString());
    try {
      var configs = admin.describeConfigs(List.of(broker)).all().get(10, TimeUnit.SECONDS);
      var replicas = configs.values().iterator().next().get(SHARE_REPLICAS);
      return replicas == null ? 0 : Integer.parseInt(replicas.value());
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ClusterAuthorizationException) {
        return 0;
      }
      throw e;
    }
  }

  private void checkHttp() {
    try (var api = http.api()) {
      var live = api.ask("/health/live");
      add(
          "http",
          live.status() == 200,
          http.url + " answers " + live.status(),
          live.status() == 200 ? "" : "Look at the publisher's log.");
      checkReady(api.ask("/health/ready").json());
      checkClock(live.date());
    } catch (CliException e) {
      add("http", false, "no answer", String.valueOf(e.getMessage()));
    }
  }

  private void checkReady(JsonNode ready) {
    for (var dependency : ready.path("dependencies").properties()) {
      var status = dependency.getValue().path("status").asText();
      boolean up = status.equals("up");
      add(
          "http → " + dependency.getKey(),
          up,
          up
              ? "up, " + dependency.getValue().path("latencyMs").asText() + " ms"
              : status + " " + dependency.getValue().path("error").asText(),
          up ? "" : "Check that it runs and what the publisher's settings say of it.");
    }
  }

  private void checkClock(String date) {
    try {
      var theirs = ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      var apart = Duration.between(theirs, context.resources().get().clock().instant()).abs();
      boolean ok = apart.compareTo(CLOCK_DRIFT) < 0;
      add(
          "clock",
          ok,
          ok ? "agrees with the server's" : apart.toSeconds() + " s apart from the server's",
          ok ? "" : "Let both follow a time server (NTP).");
    } catch (DateTimeParseException _) {
      add("clock", true, "the server does not tell its time", "");
    }
  }

  private void checkDisk() {
    var folder =
        Path.of(String.valueOf(CommonConfig.def().defaultValues().get(CommonConfig.BLOBS_DIR)));
    var existing = folder.toAbsolutePath();
    while (existing != null && !Files.exists(existing)) {
      existing = existing.getParent();
    }
    if (existing == null) {
      return;
    }
    try {
      long free = Files.getFileStore(existing).getUsableSpace();
      boolean ok = free >= LITTLE_DISK;
      add(
          "disk",
          ok,
          (free >> 20) + " MiB free at " + existing,
          ok ? "" : "Free some: Kafka stops when its disk is full.");
    } catch (IOException e) {
      add("disk", false, "cannot be read: " + e.getMessage(), "Check the folder " + existing + ".");
    }
  }

  private void add(String check, boolean ok, String found, String fix) {
    checks.add(new Check(check, ok, found, fix));
  }
}
