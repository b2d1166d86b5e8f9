package dev.millrace.intake;

import dev.millrace.contracts.Command;
import dev.millrace.contracts.HeaderNames;
import dev.millrace.contracts.Receipt;
import dev.millrace.contracts.RejectionCode;
import dev.millrace.contracts.Tier;
import dev.millrace.contracts.Topic;
import dev.millrace.contracts.Topics;
import dev.millrace.contracts.ValueReply;
import dev.millrace.intake.admission.Admission;
import dev.millrace.intake.admission.CommandReader;
import dev.millrace.intake.admission.CommandReading;
import dev.millrace.intake.admission.Place;
import dev.millrace.intake.admission.RejectedRecord;
import dev.millrace.intake.admission.ValueAdmission;
import dev.millrace.intake.admission.ValueVerdict;
import dev.millrace.intake.admission.Verdict;
import dev.millrace.runtime.Ranking;
import dev.millrace.runtime.Resources;
import dev.millrace.runtime.request.Rejection;
import dev.millrace.runtime.request.RequestReader;
import dev.millrace.runtime.request.WarmUps;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The shell around [Admission], [CommandReader] and [ValueAdmission]: has a record decided and
/// sends on what came of it. Whatever goes wrong while deciding, the record ends on the rejected
/// topic and the next one is taken.
final class Intake implements Processor<byte[], byte[], byte[], byte[]> {

  /* Nothing here can be larger than its topic allows: params are at most 256 KiB in canonical form
  and little more as the ledger reads them, everything else in an admitted request is bounded far
  below the rest, and rejected values are cut. */

  /// What Kafka and our headers add to a record, at most.
  private static final int BATCH_BYTES = 16 * 1024;

  private static final Logger LOG = LoggerFactory.getLogger(Intake.class);

  private final String name;
  private final Topics topics;
  private final Admission admission;
  private final CommandReader commands;
  private final ValueAdmission values;
  private final Function<String, String> topicIds;
  private final int partitions;
  private final Ranking ranking;
  private final Resources resources;
  private final Map<String, Tier> tiers;

  private ProcessorContext<byte[], byte[]> context;

  /// @param name of this processor in its topology
  Intake(
      String name,
      Topics topics,
      RequestReader reader,
      Function<String, String> topicIds,
      int partitions,
      Ranking ranking,
      Resources resources) {
    this.name = name;
    this.topics = topics;
    this.admission = new Admission(reader);
    this.commands = new CommandReader(reader);
    this.values = new ValueAdmission(partitions);
    this.topicIds = topicIds;
    this.partitions = partitions;
    this.ranking = ranking;
    this.resources = resources;
    this.tiers = tiers(topics);
  }

  @Override
  public void init(ProcessorContext<byte[], byte[]> newContext) {
    context = newContext;
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    var at = context.recordMetadata().orElseThrow();
    ranking.served(context.taskId().partition(), record.timestamp());
    var place = new Place(at.topic(), topicIds.apply(at.topic()), at.partition(), at.offset());
    List<Output> outputs;
    try {
      outputs = decide(record, place);
    } catch (RuntimeException e) {
      LOG.error("record put aside place={}", place.name(), e);
      var defect =
          new Rejection(
              RejectionCode.E_INTERNAL, "admitting failed: " + e.getClass().getName(), "");
      outputs = List.of(rejected(record, place, defect));
    }
    for (var output : outputs) {
      context.forward(output.record(), IntakeTopology.sinkName(name, output.topic()));
    }
  }

  private record Output(String topic, Record<byte[], byte[]> record) {}

  private List<Output> decide(Record<byte[], byte[]> record, Place place) {
    var tier = tiers.get(place.topic());
    if (tier != null) {
      return List.of(request(record, place, tier));
    }
    return place.topic().equals(topics.valueCommands().name())
        ? valueCommand(record, place)
        : command(record, place);
  }

  private Output request(Record<byte[], byte[]> record, Place place, Tier tier) {
    return switch (admission.decide(record.value(), record.headers(), tier, place)) {
      case Verdict.Refuse(var rejection) -> rejected(record, place, rejection);
      case Verdict.Admit(var admitted, var tierMismatch) -> {
        count("intake.admitted", "tier", tier.id());
        if (tierMismatch) {
          count("intake.tier.mismatches", "tier", tier.id());
        }
        yield output(topics.admitted(tier), admitted.requestHash().hex(), admitted);
      }
    };
  }

  private List<Output> command(Record<byte[], byte[]> record, Place place) {
    return switch (commands.read(record.value(), record.headers(), place)) {
      case CommandReading.Accepted(var id, var command) -> {
        var copies = new ArrayList<Output>();
        for (int partition = 0; partition < partitions; partition++) {
          var copy =
              command instanceof Command.WarmUp warmUp
                  ? warmUp.copyFor(partition, partitions)
                  : command;
          copies.add(output(topics.admittedCommands(), Integer.toString(partition), copy));
        }
        var tooLarge = tooLarge(copies);
        if (tooLarge.isPresent()) {
          yield refused(record, place, id, tooLarge.get());
        }
        count("intake.commands", "command", command.getClass().getSimpleName());
        yield copies;
      }
      case CommandReading.Refused(var id, var rejection) -> refused(record, place, id, rejection);
    };
  }

  /// Params grow when they are completed, and all requests of a warm-up may belong to one
  /// partition.
  private Optional<Rejection> tooLarge(List<Output> copies) {
    int bytes = copies.stream().mapToInt(copy -> copy.record().value().length).max().orElse(0);
    int most = topics.admittedCommands().maxBytes() - BATCH_BYTES;
    return bytes <= most
        ? Optional.empty()
        : Optional.of(
            new Rejection(
                RejectionCode.E_SIZE,
                "completed with defaults, the requests of one partition have %d bytes: at most %d, send fewer at once"
                    .formatted(bytes, most),
                WarmUps.FIELD));
  }

  /// No ledger partition ever hears of the command, so this one answer is all there will be.
  private List<Output> refused(
      Record<byte[], byte[]> record, Place place, String id, Rejection rejection) {
    var field = rejection.field().isEmpty() ? "" : " " + rejection.field();
    var error = rejection.code() + field + ": " + rejection.message();
    var receipt = new Receipt(id, 0, 1, false, 0, null, null, error, resources.clock().instant());
    return List.of(rejected(record, place, rejection), output(topics.receipts(), id, receipt));
  }

  private List<Output> valueCommand(Record<byte[], byte[]> record, Place place) {
    return switch (values.decide(record.value(), record.headers(), place)) {
      case ValueVerdict.Admit(var parts) ->
          parts.entrySet().stream()
              .map(part ->
                  output(topics.admittedValueCommands(), part.getKey().toString(), part.getValue()))
              .toList();
      case ValueVerdict.Refuse(var id, var rejection) -> {
        var reply = refusal(id, rejection);
        yield List.of(rejected(record, place, rejection), output(topics.valueReplies(), id, reply));
      }
    };
  }

  /// No partition ever hears of the command, so this one reply is all there will be.
  private ValueReply refusal(String commandId, Rejection rejection) {
    return new ValueReply(
        false,
        null,
        commandId,
        0,
        1,
        null,
        null,
        null,
        null,
        null,
        null,
        rejection.code(),
        rejection.field().isEmpty()
            ? rejection.message()
            : rejection.field() + ": " + rejection.message(),
        resources.clock().instant());
  }

  private Output rejected(Record<byte[], byte[]> record, Place place, Rejection rejection) {
    count("intake.rejected", "code", rejection.code().name());
    var now = resources.clock().instant();
    var headers = RejectedRecord.headers(record.headers(), record.value(), rejection, place, now);
    return new Output(
        topics.rejected().name(),
        new Record<>(
            record.key(), RejectedRecord.value(record.value()), now.toEpochMilli(), headers));
  }

  private <V> Output output(Topic<? super V> topic, String key, V value) {
    var headers = new RecordHeaders();
    HeaderNames.put(headers, HeaderNames.CONTENT_TYPE, "application/json");
    HeaderNames.put(headers, HeaderNames.SCHEMA, topic.schema());
    return new Output(
        topic.name(),
        new Record<>(
            key.getBytes(StandardCharsets.UTF_8),
            topic.serde().write(value),
            resources.clock().millis(),
            headers));
  }

  private void count(String name, String tag, String value) {
    resources.meters().counter(name, tag, value).increment();
  }

  private static Map<String, Tier> tiers(Topics topics) {
    var tiers = new HashMap<String, Tier>();
    for (var tier : Tier.values()) {
      tiers.put(topics.requests(tier).name(), tier);
    }
    return Map.copyOf(tiers);
  }
}
