package dev.millrace.corpus;

import dev.millrace.contracts.Completion;
import dev.millrace.contracts.Failure;
import dev.millrace.contracts.Topics;
import dev.millrace.corpus.Expected.Outcome;
import dev.millrace.corpus.Watch.Asked;
import dev.millrace.runtime.KafkaClients;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/// Inputs as records.
final class KafkaWay implements AutoCloseable {

  /// What is refused takes no longer.
  static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Topics topics;
  private final Watch watch;
  private final Producer<byte[], byte[]> producer;
  private final Producer<byte[], byte[]> packing;

  KafkaWay(KafkaClients clients, Topics topics, Watch watch) {
    this.topics = topics;
    this.watch = watch;
    producer = clients.producer("millrace-corpus");
    packing = packing(clients.bootstrapServers());
  }

  /// A foreign client that packs its batches, however large.
  private static Producer<byte[], byte[]> packing(String bootstrapServers) {
    var config = new HashMap<String, Object>();
    config.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    config.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "zstd");
    config.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, 512 * 1024 * 1024);
    config.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 512L * 1024 * 1024);
    config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 20_000);
    config.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 15_000);
    return new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
  }

  Got send(Case input) throws InterruptedException {
    var expected = input.expected();
    RecordMetadata at;
    try {
      at = produced(input);
    } catch (ExecutionException e) {
      return e.getCause() instanceof ApiException
          ? Got.of(expected, Outcome.X, expected.code())
          : Got.unexpected("not produced: " + e.getCause());
    } catch (TimeoutException _) {
      return Got.unexpected("not acknowledged within " + PATIENCE.toSeconds() + " s");
    }
    var place = at.topic() + "-" + at.partition() + "-" + at.offset();
    boolean request = input.topic().startsWith("requests.");
    var seen =
        watch.await(
            () -> rejection(place).or(() -> request ? admission(place) : Optional.empty()),
            request || expected.outcome() == Outcome.R ? PATIENCE : Duration.ZERO);
    if (seen.isEmpty()) {
      return request || expected.outcome() == Outcome.R
          ? Got.unexpected("neither admitted nor rejected: lost")
          : Got.of(expected, Outcome.A, null);
    }
    return switch (seen.get()) {
      case Seen.Rejected(var code) -> Got.of(expected, Outcome.R, code);
      case Seen.Taken(var asked) -> ended(expected, asked);
    };
  }

  private sealed interface Seen {
    record Rejected(String code) implements Seen {}

    record Taken(Asked asked) implements Seen {}
  }

  private Optional<Seen> rejection(String place) {
    var codes = watch.rejections(place);
    return codes.isEmpty() ? Optional.empty() : Optional.of(new Seen.Rejected(codes.getFirst()));
  }

  private Optional<Seen> admission(String place) {
    return watch.admission(place).map(request -> new Seen.Taken(Asked.of(request)));
  }

  private Got ended(Expected expected, Asked asked) throws InterruptedException {
    if (expected.outcome() == Outcome.C) {
      // a conflict is for the door to name: on topics it is another request
      return Got.of(expected, Outcome.C, expected.code()).owing(asked);
    }
    if (expected.outcome() != Outcome.D) {
      return Got.of(expected, Outcome.A, null).owing(asked);
    }
    var end = watch.await(() -> watch.ends(asked).stream().findFirst(), PATIENCE);
    boolean dead = watch.isBuried(asked.hash());
    return end.isPresent() && dead
        ? Got.of(expected, Outcome.D, code(end.get())).owing(asked)
        : Got.of(expected, Outcome.A, null).owing(asked);
  }

  private static @Nullable String code(Completion end) {
    return Optional.ofNullable(end.error()).map(Failure::code).orElse(null);
  }

  private RecordMetadata produced(Case input)
      throws InterruptedException, ExecutionException, TimeoutException {
    var headers = new HashMap<>(input.headers());
    var key = bytes(headers.remove(":key"));
    var timestamp = headers.remove(":timestamp");
    var client = headers.remove(":compression") == null ? producer : packing;
    var times = headers.remove(":times");
    var record =
        new ProducerRecord<>(
            topics.prefix() + input.topic(),
            null,
            timestamp == null ? null : Long.valueOf(timestamp),
            key,
            input.value());
    for (int i = times == null ? 1 : Integer.parseInt(times); i > 0; i--) {
      headers.forEach((name, value) -> record.headers().add(name, bytes(value)));
    }
    return client.send(record).get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static byte @Nullable [] bytes(@Nullable String text) {
    return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
  }

  /// Those of `owed` that have no completion when all have had their time.
  List<Asked> unended(Set<Asked> owed, Duration patience) throws InterruptedException {
    var open =
        watch.await(() -> open(owed).isEmpty() ? Optional.of(true) : Optional.empty(), patience);
    return open.isPresent() ? List.of() : open(owed);
  }

  private List<Asked> open(Set<Asked> owed) {
    return owed.stream().filter(asked -> watch.ends(asked).isEmpty()).toList();
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(5));
    packing.close(Duration.ofSeconds(5));
  }
}
