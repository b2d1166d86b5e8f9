package dev.millrace.cache.values;

import dev.millrace.cache.ledger.LedgerClock;
import dev.millrace.cache.ledger.Outbox;
import dev.millrace.contracts.CurrentValue;
import dev.millrace.contracts.HeaderNames;
import dev.millrace.contracts.RejectionCode;
import dev.millrace.contracts.Topic;
import dev.millrace.contracts.Topics;
import dev.millrace.contracts.ValueCommand;
import dev.millrace.contracts.ValueKey;
import dev.millrace.contracts.ValueReply;
import dev.millrace.runtime.Resources;
import io.micrometer.core.instrument.Gauge;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.StoreBuilder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The shell around [ValueRules] for one partition. All of a command commits as one transaction or
/// not at all; one that changes something counts once, however often it comes.
public final class Values implements Processor<byte[], byte[], byte[], byte[]> {

  private static final Logger LOG = LoggerFactory.getLogger(Values.class);

  private static final Duration SWEEP_EVERY = Duration.ofMillis(100);
  private static final int AT_ONCE = 200;

  private final Topics topics;
  private final ValueSettings settings;
  private final ValueRules rules;
  private final Resources resources;

  private ProcessorContext<byte[], byte[]> context;
  private ValueStores stores;
  private LedgerClock clock;
  private int partition;

  /// For the gauge, which other threads read.
  private volatile long entries;

  private Gauge gauge;

  /// The prefix being swept, and how far.
  private @Nullable Dropped sweeping;

  private @Nullable ValueKey sweptTo;

  /// Makes the values of each partition, with their stores.
  public static ProcessorSupplier<byte[], byte[], byte[], byte[]> supplier(
      Topics topics, ValueSettings settings, Resources resources, boolean persistent) {
    return new ProcessorSupplier<>() {
      @Override
      public Processor<byte[], byte[], byte[], byte[]> get() {
        return new Values(topics, settings, resources);
      }

      @Override
      public Set<StoreBuilder<?>> stores() {
        return ValueStores.builders(persistent);
      }
    };
  }

  /// The topics they are written to, apart from that of the current values.
  public static List<Topic<?>> sinks(Topics topics) {
    return List.of(topics.valueReplies(), topics.rejected());
  }

  /// The name of the sink through which they are written to a topic, which the ledger may write to
  /// as well.
  public static String sinkName(Topic<?> topic) {
    return "values-to-" + topic.name();
  }

  private Values(Topics topics, ValueSettings settings, Resources resources) {
    this.topics = topics;
    this.settings = settings;
    this.rules = new ValueRules(settings);
    this.resources = resources;
  }

  @Override
  public void init(ProcessorContext<byte[], byte[]> newContext) {
    context = newContext;
    partition = context.taskId().partition();
    stores = new ValueStores(context);
    var tally = stores.tally();
    clock = new LedgerClock(resources.clock(), resources.nanoTime(), tally.clock());
    entries = tally.entries();
    gauge =
        Gauge.builder("values.entries", this, it -> it.entries)
            .description("Values kept")
            .tag("partition", Integer.toString(partition))
            .register(resources.meters());
    context.schedule(SWEEP_EVERY, PunctuationType.WALL_CLOCK_TIME, _ -> sweep());
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    var at = context.recordMetadata().orElseThrow();
    ValueCommand command;
    String id;
    try {
      command = topics.admittedValueCommands().serde().read(record.value());
      id = checked(command);
    } catch (SerializationException | IllegalArgumentException e) {
      reject(record, at, RejectionCode.E_RECORD, e);
      return;
    }
    try {
      answer(command, id);
    } catch (KafkaException e) {
      throw e;
    } catch (RuntimeException e) {
      LOG.error("value command put aside partition={} offset={}", partition, at.offset(), e);
      reject(record, at, RejectionCode.E_INTERNAL, e);
    }
  }

  /// The id of a command that is for this partition.
  private String checked(ValueCommand command) {
    if (command instanceof ValueCommand.OneKey one) {
      int home = one.valueKey().partition(settings.partitions());
      if (home != partition) {
        throw new IllegalArgumentException(
            "the key belongs to partition " + home + ", not to " + partition);
      }
    }
    var id = command.commandId();
    if (id == null) {
      throw new IllegalArgumentException("an admitted value command has a commandId");
    }
    return id;
  }

  private void answer(ValueCommand command, String id) {
    var now = clock.now();
    count("values.commands", "op", command.op());
    var step = new ValueStep(stores, settings.maxEntries(), now);
    if (ValueRules.onlyReads(command)) {
      var answer = rules.apply(step, command);
      apply(step);
      countReads(command, answer);
      send(answer.to(command, id, partition, now));
      return;
    }
    var replyKey = ValueStores.replyKey(command.namespace(), id);
    var known = stores.reply(replyKey);
    if (known != null) {
      send(known);
      return;
    }
    var answer = rules.apply(step, command);
    var reply = answer.to(command, id, partition, now);
    if (answer.ok()) {
      apply(step);
      stores.remember(replyKey, reply, now.plus(settings.dedupeWindow()));
    }
    send(reply);
  }

  /// Takes out what has expired, what lies under a deleted prefix, and what need not be remembered
  /// any longer, some of each at a time.
  private void sweep() {
    var now = clock.now();
    var step = new ValueStep(stores, settings.maxEntries(), now);
    stores
        .due(ValueDue.Kind.VALUE, now, AT_ONCE)
        .forEach(due -> step.live(ValueKey.of(due.subject())));
    stores.anyDropped().ifPresent(prefix -> sweep(step, prefix));
    apply(step);
    stores.due(ValueDue.Kind.COMMAND, now, AT_ONCE).forEach(stores::forget);
  }

  private void sweep(ValueStep step, Dropped prefix) {
    if (!prefix.equals(sweeping)) {
      sweeping = prefix;
      sweptTo = null;
    }
    var keys = stores.under(prefix, sweptTo, AT_ONCE);
    keys.forEach(step::live);
    if (keys.size() < AT_ONCE) {
      stores.swept(prefix);
    } else {
      sweptTo = keys.getLast();
    }
  }

  private void apply(ValueStep step) {
    if (step.changes().isEmpty() && step.dropped() == null) {
      return;
    }
    stores.apply(step);
    entries = step.tally().entries();
    for (var change : step.changes()) {
      var cause = change.cause();
      if (change.before() != null && cause != null) {
        count("values.removed", "cause", cause.name());
      }
      publish(change, step.now());
    }
  }

  /// Shows on the topic what is kept now.
  private void publish(ValueStep.Change change, Instant now) {
    var key = change.key();
    var row = change.after();
    var value =
        row == null
            ? null
            : new CurrentValue(key.namespace(), key.key(), row.value(), row.expiresAt(), now);
    forward(topics.values(), key.toString(), value);
  }

  private void send(ValueReply reply) {
    forward(topics.valueReplies(), reply.commandId(), reply);
  }

  private <V> void forward(Topic<V> topic, String key, @Nullable V value) {
    var headers = new RecordHeaders();
    HeaderNames.put(headers, HeaderNames.CONTENT_TYPE, "application/json");
    HeaderNames.put(headers, HeaderNames.SCHEMA, topic.schema());
    context.forward(
        new Record<>(
            key.getBytes(StandardCharsets.UTF_8),
            value == null ? null : topic.serde().write(value),
            context.currentSystemTimeMs(),
            headers),
        sinkName(topic));
  }

  private void reject(
      Record<byte[], byte[]> record, RecordMetadata at, RejectionCode code, Exception cause) {
    context.forward(
        Outbox.rejected(record, at, code, String.valueOf(cause.getMessage()), clock.now()),
        sinkName(topics.rejected()));
  }

  private void countReads(ValueCommand command, Answer answer) {
    if (command instanceof ValueCommand.Get) {
      count("values.reads", "result", Boolean.TRUE.equals(answer.found()) ? "hit" : "miss");
    } else if (command instanceof ValueCommand.GetMany many && answer.values() != null) {
      int hits = answer.values().size();
      resources.meters().counter("values.reads", "result", "hit").increment(hits);
      resources
          .meters()
          .counter("values.reads", "result", "miss")
          .increment(many.keys().size() - hits);
    }
  }

  private void count(String meter, String label, String value) {
    resources.meters().counter(meter, label, value).increment();
  }

  @Override
  public void close() {
    resources.meters().remove(gauge);
  }
}
