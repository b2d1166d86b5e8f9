package dev.millrace.standalone;

import static java.util.concurrent.TimeUnit.SECONDS;
import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.contracts.Command;
import dev.millrace.contracts.Completion;
import dev.millrace.contracts.Decision;
import dev.millrace.contracts.DecisionKind;
import dev.millrace.contracts.HeaderNames;
import dev.millrace.contracts.JobId;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.Outcome;
import dev.millrace.contracts.Receipt;
import dev.millrace.contracts.RequestHash;
import dev.millrace.contracts.Tier;
import dev.millrace.contracts.Topics;
import dev.millrace.runtime.CommonConfig;
import dev.millrace.runtime.KafkaClients;
import dev.millrace.runtime.Sender;
import dev.millrace.runtime.Settings;
import dev.millrace.security.Role;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;

/// Somebody outside: asks by records, and sees what comes of it on the topics.
final class Caller implements AutoCloseable {

  /// The longest anything may take; the machine may be busy with other things.
  static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final AtomicInteger COMMANDS = new AtomicInteger();

  private final KafkaClients clients;
  private final Topics topics;
  private final Sender sender;
  private final Recording recording;

  private Caller(KafkaClients clients, KafkaClients reading, Topics topics) {
    this.clients = clients;
    this.topics = topics;
    this.sender = anotherSender();
    this.recording = Recording.start(reading, topics);
  }

  static Caller of(String bootstrapServers, String topicPrefix) {
    var flags = Map.of(CommonConfig.BOOTSTRAP_SERVERS, bootstrapServers);
    var settings =
        Settings.load(CommonConfig.def(), new Settings.Sources(Map.of(), Map.of(), flags));
    var clients = new KafkaClients(settings);
    return new Caller(clients, clients, new Topics(topicPrefix));
  }

  static Caller of(Standalone standalone) {
    return of(standalone.bootstrapServers(), Topics.DEFAULT_PREFIX);
  }

  /// Where clients log in: one that asks as one role and looks as another.
  static Caller of(Standalone standalone, Role asks, Role looks) {
    return new Caller(
        clients(standalone, asks), clients(standalone, looks), new Topics(Topics.DEFAULT_PREFIX));
  }

  private static KafkaClients clients(Standalone standalone, Role role) {
    var login = new Properties();
    try (var file = Files.newBufferedReader(standalone.login(role).orElseThrow())) {
      login.load(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    var file = new HashMap<String, String>();
    login.stringPropertyNames().forEach(key -> file.put(key, login.getProperty(key)));
    return new KafkaClients(
        Settings.load(CommonConfig.def(), new Settings.Sources(file, Map.of(), Map.of())));
  }

  Topics topics() {
    return topics;
  }

  Sender sender() {
    return sender;
  }

  Recording recording() {
    return recording;
  }

  /// A small simulation. The campaign is the question.
  static ObjectNode simulation(String requestId, String campaignId) {
    var request = Json.MAPPER.createObjectNode();
    request.put("type", "simulation").put("requestId", requestId);
    request
        .putObject("params")
        .put("campaignId", campaignId)
        .put("timeframeDays", 3)
        .put("paths", 200);
    return request;
  }

  /// A job that only waits. Its requestId is part of the question, so nobody else asks it.
  static ObjectNode sleeping(String requestId, int seconds) {
    return command(requestId, "sh", "-c", "exec sleep " + seconds + " # " + requestId);
  }

  static ObjectNode command(String requestId, String program, String... arguments) {
    var request = Json.MAPPER.createObjectNode();
    request.put("type", "command").put("requestId", requestId);
    var params = request.putObject("params").put("program", program);
    var array = params.putArray("args");
    List.of(arguments).forEach(array::add);
    return request;
  }

  static ObjectNode from(ObjectNode request, String organizationId, String userId) {
    return request.put("organizationId", organizationId).put("userId", userId);
  }

  static ObjectNode scope(ObjectNode request, String scope) {
    request.withObject("/cache").put("scope", scope);
    return request;
  }

  RecordMetadata send(Tier tier, JsonNode request) {
    return send(tier, request.toString());
  }

  RecordMetadata send(Tier tier, String request) {
    return sender
        .send(
            topics.requests(tier).name(),
            null,
            null,
            request.getBytes(StandardCharsets.UTF_8),
            Map.of())
        .orTimeout(PATIENCE.toSeconds(), SECONDS)
        .join();
  }

  /// Sends by a sender of one's own, without waiting.
  CompletableFuture<RecordMetadata> ask(Sender by, Tier tier, JsonNode request) {
    var value = request.toString().getBytes(StandardCharsets.UTF_8);
    return by.send(topics.requests(tier).name(), null, null, value, Map.of());
  }

  Sender anotherSender() {
    return new Sender(clients.producer("caller"));
  }

  /// Sends a cancel and waits until every partition has answered.
  ///
  /// @return how many requests it met
  long cancel(@Nullable String organizationId, String requestId) {
    var id = "cancel-" + COMMANDS.incrementAndGet();
    var cancel = new Command.Cancel(id, null, organizationId, requestId);
    sender
        .send(topics.commands(), null, null, cancel, Map.of())
        .orTimeout(PATIENCE.toSeconds(), SECONDS)
        .join();
    var receipts =
        await()
            .atMost(PATIENCE)
            .until(
                () -> receipts(id),
                answers -> !answers.isEmpty() && answers.size() == answers.getFirst().partitions());
    assertThat(receipts)
        .allMatch(Receipt::ok)
        .extracting(Receipt::partition)
        .doesNotHaveDuplicates();
    return receipts.stream().mapToLong(Receipt::found).sum();
  }

  private List<Receipt> receipts(String commandId) {
    return recording.values(topics.receipts()).stream()
        .filter(receipt -> commandId.equals(receipt.commandId()))
        .toList();
  }

  /// Every completion of a request so far.
  List<Completion> completions(String requestId) {
    return recording.values(topics.completions()).stream()
        .filter(completion -> requestId.equals(completion.requestId()))
        .toList();
  }

  /// The end of a request; there may be only one.
  Completion end(String requestId) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(completions(requestId)).as(requestId).isNotEmpty());
    var completions = completions(requestId);
    assertThat(completions).as(requestId).hasSize(1);
    return completions.getFirst();
  }

  List<Decision> decisions(DecisionKind kind) {
    return recording.values(topics.decisions()).stream()
        .filter(decision -> decision.decision() == kind)
        .toList();
  }

  List<Decision> decisions(DecisionKind kind, RequestHash hash) {
    return decisions(kind).stream()
        .filter(decision -> hash.equals(decision.requestHash()))
        .toList();
  }

  /// Waits until a run of the request's job is bound.
  ///
  /// @return the decision that bound it
  Decision started(String requestId) {
    return started(requestId, 1);
  }

  /// Waits until that many runs of the request's job have been bound, one after the other.
  ///
  /// @return the decision that bound the last
  Decision started(String requestId, int times) {
    var dispatched =
        await()
            .atMost(PATIENCE)
            .until(
                () ->
                    decisions(DecisionKind.DISPATCHED).stream()
                        .filter(decision -> requestId.equals(decision.requestId()))
                        .toList(),
                found -> !found.isEmpty())
            .getFirst();
    return await()
        .atMost(PATIENCE)
        .until(
            () ->
                decisions(DecisionKind.STARTED).stream()
                    .filter(decision -> dispatched.jobId().equals(decision.jobId()))
                    .toList(),
            starts -> starts.size() >= times)
        .getLast();
  }

  <T extends Outcome> List<T> outcomes(Class<T> kind, JobId jobId) {
    return recording.values(topics.outcomes()).stream()
        .filter(kind::isInstance)
        .map(kind::cast)
        .filter(outcome -> jobId.equals(outcome.jobId()))
        .toList();
  }

  <T extends Outcome> void awaitOutcome(Class<T> kind, JobId jobId) {
    await().atMost(PATIENCE).until(() -> !outcomes(kind, jobId).isEmpty());
  }

  /// The rejections of the record at a place.
  List<ConsumerRecord<byte[], byte[]>> rejections(RecordMetadata at) {
    return recording.records(topics.rejected()).stream()
        .filter(record ->
            at.topic().equals(header(record, HeaderNames.ERROR_TOPIC))
                && Integer.toString(at.partition())
                    .equals(header(record, HeaderNames.ERROR_PARTITION))
                && Long.toString(at.offset()).equals(header(record, HeaderNames.ERROR_OFFSET)))
        .toList();
  }

  static @Nullable String header(ConsumerRecord<byte[], byte[]> record, String name) {
    return HeaderNames.text(record.headers(), name);
  }

  /// Waits until all of them have ended.
  void awaitEnds(List<String> requestIds) {
    await()
        .atMost(PATIENCE.multipliedBy(3))
        .untilAsserted(() -> {
          var ended =
              recording.values(topics.completions()).stream()
                  .map(Completion::requestId)
                  .collect(toSet());
          assertThat(requestIds.stream().filter(id -> !ended.contains(id)))
              .as("not ended of %d", requestIds.size())
              .isEmpty();
        });
  }

  /// How often each value occurs.
  static <T, K> Map<K, Long> count(List<T> all, Function<T, K> by) {
    return all.stream().collect(groupingBy(by, counting()));
  }

  @Override
  public void close() {
    sender.close();
    recording.close();
  }
}
