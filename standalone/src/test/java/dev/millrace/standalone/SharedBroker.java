package dev.millrace.standalone;

import static java.util.concurrent.TimeUnit.SECONDS;

import dev.millrace.runtime.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/// One broker for all test classes of a JVM, started by the first that asks and stopped after the
/// last. Classes keep out of each other's way by a topic prefix of their own.
///
/// ```java
/// @RegisterExtension static final SharedBroker BROKER = new SharedBroker();
/// ```
public final class SharedBroker implements BeforeAllCallback {

  private static final AtomicInteger CLASSES = new AtomicInteger();

  private @Nullable Running running;
  private String topicPrefix = "";

  @Override
  public void beforeAll(ExtensionContext context) {
    running =
        context
            .getRoot()
            .getStore(Namespace.create(SharedBroker.class))
            .computeIfAbsent(Running.class, _ -> Running.start(), Running.class);
    topicPrefix =
        "%s-%d."
            .formatted(
                context.getRequiredTestClass().getSimpleName().toLowerCase(Locale.ROOT),
                CLASSES.incrementAndGet());
  }

  public String bootstrapServers() {
    return Objects.requireNonNull(running).kafka().bootstrapServers();
  }

  /// For the setting `topic.prefix`, and for names of groups and applications.
  public String topicPrefix() {
    return topicPrefix;
  }

  /// Makes topics with 4 partitions under the prefix.
  public void createTopics(String... names) {
    var topics =
        Arrays.stream(names)
            .map(name -> new NewTopic(topicPrefix + name, Optional.empty(), Optional.empty()))
            .toList();
    try (var admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers()))) {
      admin.createTopics(topics).all().get(30, SECONDS);
    } catch (Exception e) {
      throw new IllegalStateException("cannot create " + topics, e);
    }
  }

  /// For a producer that loses nothing on a topic made a moment ago: with more than one request on
  /// the way, the first batches on a new partition can overtake each other and fail (KAFKA-15591).
  public Map<String, Object> producerConfig() {
    return producerConfig(bootstrapServers());
  }

  static Map<String, Object> producerConfig(String bootstrapServers) {
    return Map.of(
        "bootstrap.servers",
        bootstrapServers,
        "acks",
        "all",
        "linger.ms",
        0,
        "max.in.flight.requests.per.connection",
        1);
  }

  private record Running(EmbeddedKafka kafka, Path folder) implements AutoCloseable {

    static Running start() {
      try {
        var folder = Files.createTempDirectory("millrace-broker-");
        return new Running(EmbeddedKafka.start(folder, 0), folder);
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void close() throws IOException {
      kafka.close();
      Folders.delete(folder);
    }
  }
}
