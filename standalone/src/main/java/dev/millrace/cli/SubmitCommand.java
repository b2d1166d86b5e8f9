package dev.millrace.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.cli.ProgressLines.End;
import dev.millrace.cli.ProgressLines.Line;
import dev.millrace.cli.ProgressLines.State;
import dev.millrace.contracts.Completion;
import dev.millrace.contracts.HeaderNames;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.Status;
import dev.millrace.contracts.Tier;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Produces requests, and waits for their completions when asked to.
@Command(
    name = "submit",
    description = {
      "Ask for something to be computed.",
      "With --wait or --watch the exit code tells: 0 completed, 1 failed, rejected or expired,",
      "4 still waiting, 6 cancelled."
    },
    footer = {
      "",
      "Examples:",
      "  ./millrace submit simulation -p campaignId=cmp_81 -p timeframeDays=30 --tier pro --watch",
      "  ./millrace submit -f requests.jsonl --wait -o jsonl | jq .savedMs"
    })
final class SubmitCommand implements Callable<Integer> {

  private final Context context;

  @Mixin private RequestBuilder builder = new RequestBuilder();
  @Mixin private KafkaOptions kafka = new KafkaOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  @Option(
      names = "--tier",
      paramLabel = "TIER",
      converter = TierConverter.class,
      description = "free, pro or enterprise (default: free).")
  private Tier tier = Tier.FREE;

  @Option(names = "--wait", description = "Wait for the completion and print it.")
  private boolean wait;

  @Option(names = "--watch", description = "As --wait, with live bars.")
  private boolean watch;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      description = "How long to wait (default: ${DEFAULT-VALUE}).")
  private int timeout = 600;

  SubmitCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    Quiet.kafka();
    var requests = builder.requests(context.in());
    requests.forEach(this::nameIt);
    var cluster = Cluster.connect(kafka.sources(context.environment()));
    return wait || watch ? submitAndWait(cluster, requests) : submit(cluster, requests);
  }

  /// A request needs a name that we know before intake would give it one.
  private void nameIt(ObjectNode request) {
    if (!request.has("requestId")) {
      request.put("requestId", "%016x".formatted(context.resources().get().random().nextLong()));
    }
  }

  private int submit(Cluster cluster, List<ObjectNode> requests) {
    var rows = new ArrayList<ObjectNode>();
    try (var sender = cluster.sender()) {
      var sent = new ArrayList<CompletableFuture<RecordMetadata>>();
      requests.forEach(request ->
          sent.add(sender.send(cluster.topics().requests(tier), null, null, request, Map.of())));
      for (int i = 0; i < requests.size(); i++) {
        var where = sent.get(i).join();
        rows.add(
            Json.MAPPER
                .createObjectNode()
                .put("requestId", requests.get(i).path("requestId").asText())
                .put("type", requests.get(i).path("type").asText())
                .put("tier", tier.id())
                .put("topic", where.topic())
                .put("partition", where.partition())
                .put("offset", where.offset()));
      }
    }
    output.list(
        context,
        rows,
        "requestId",
        List.of("requestId", "type", "tier", "topic", "partition", "offset"));
    return ExitCode.DONE;
  }

  private int submitAndWait(Cluster cluster, List<ObjectNode> requests) throws Exception {
    var topics = cluster.topics();
    try (var tail =
            cluster.tail(
                TopicTail.From.END,
                topics.decisions(),
                topics.progress(),
                topics.completions(),
                topics.rejected());
        var sender = cluster.sender();
        var _ = Shutdown.onInterrupt(() -> context.say("Interrupted; the jobs go on."));
        var screen =
            new ProgressScreen(
                context.err(), context.terminal(), context.resources().get().nanoTime())) {
      var waiting = new Waiting(cluster, requests, screen);
      for (var request : requests) {
        waiting.sent(
            request, sender.send(topics.requests(tier), null, null, request, Map.of()).join());
      }
      long end = System.nanoTime() + Duration.ofSeconds(timeout).toNanos();
      while (!waiting.open.isEmpty() && System.nanoTime() < end) {
        tail.poll(Duration.ofMillis(100)).forEach(waiting::accept);
        screen.refresh();
      }
      return waiting.finish();
    }
  }

  /// The requests on their way, and how they end.
  private final class Waiting {

    private final Cluster cluster;
    private final JobWatch jobs;
    private final Map<String, ObjectNode> open = new LinkedHashMap<>();
    private final Map<String, String> idByOrigin = new HashMap<>();
    private final List<ObjectNode> ends = new ArrayList<>();
    private int exitCode = ExitCode.DONE;

    Waiting(Cluster cluster, List<ObjectNode> requests, ProgressScreen screen) {
      this.cluster = cluster;
      requests.forEach(request -> open.put(id(request), request));
      this.jobs =
          new JobWatch(
              cluster.topics(),
              line -> watch && open.containsKey(line.id()),
              (id, line) -> {
                if (output.format == Format.table || !(line.state() instanceof State.Ended)) {
                  screen.show(id, line);
                }
              });
    }

    void sent(ObjectNode request, RecordMetadata where) {
      idByOrigin.put(where.topic() + "-" + where.partition() + "-" + where.offset(), id(request));
      jobs.expect(id(request), request.path("type").asText("-"), tier);
    }

    void accept(ConsumerRecord<byte[], byte[]> record) {
      if (record.topic().equals(cluster.topics().rejected().name())) {
        rejected(record);
        return;
      }
      jobs.accept(record);
      if (record.topic().equals(cluster.topics().completions().name())) {
        try {
          completed(cluster.topics().completions().serde().read(record.value()));
        } catch (SerializationException _) {
          // not a completion of ours
        }
      }
    }

    private void completed(Completion completion) {
      var request = open.get(completion.requestId());
      var organization = request == null ? null : request.path("organizationId").asText(null);
      if (request == null || !java.util.Objects.equals(organization, completion.organizationId())) {
        return;
      }
      open.remove(completion.requestId());
      ends.add(Json.MAPPER.valueToTree(completion));
      ended(exitCode(completion.status()), line(completion));
    }

    private void rejected(ConsumerRecord<byte[], byte[]> record) {
      var headers = record.headers();
      var origin =
          HeaderNames.text(headers, HeaderNames.ERROR_TOPIC)
              + "-"
              + HeaderNames.text(headers, HeaderNames.ERROR_PARTITION)
              + "-"
              + HeaderNames.text(headers, HeaderNames.ERROR_OFFSET);
      var id = idByOrigin.get(origin);
      var request = id == null ? null : open.get(id);
      if (id == null || request == null) {
        return;
      }
      var code = HeaderNames.text(headers, HeaderNames.ERROR_CODE);
      var message = HeaderNames.text(headers, HeaderNames.ERROR_MESSAGE);
      var field = HeaderNames.text(headers, HeaderNames.ERROR_FIELD);
      ends.add(
          Json.MAPPER
              .createObjectNode()
              .put("status", Status.REJECTED.id())
              .put("requestId", id)
              .put("code", code)
              .put("field", field)
              .put("message", message));
      var why = code + (field == null || field.isEmpty() ? "" : " " + field) + ": " + message;
      var type = request.path("type").asText("-");
      jobs.rejected(id, type, tier, why);
      open.remove(id);
      ended(ExitCode.FAILED, new Line(id, type, tier, new State.Ended(End.REJECTED, 0, why)));
    }

    private void ended(int code, Line line) {
      exitCode = Math.max(exitCode, code);
      if (!watch && output.format == Format.table) {
        context.print(new ProgressLines(Terminal.NONE).render(line));
      }
    }

    private Line line(Completion completion) {
      return new Line(
          completion.requestId(), completion.type(), completion.tier(), JobWatch.ended(completion));
    }

    int finish() {
      if (output.format == Format.json && ends.size() == 1) {
        output.one(context, ends.getFirst(), "requestId");
      } else if (output.format != Format.table) {
        output.list(context, ends, "requestId", List.of());
      }
      if (!open.isEmpty()) {
        context.say(
            "Still waiting for %s after %d s; follow with ./millrace watch."
                .formatted(String.join(", ", open.keySet()), timeout));
        return ExitCode.TIMED_OUT;
      }
      return exitCode;
    }
  }

  private static String id(ObjectNode request) {
    return request.path("requestId").asText();
  }

  private static int exitCode(@Nullable Status status) {
    if (status == Status.COMPLETED) {
      return ExitCode.DONE;
    }
    return status == Status.CANCELLED ? ExitCode.CANCELLED : ExitCode.FAILED;
  }
}
