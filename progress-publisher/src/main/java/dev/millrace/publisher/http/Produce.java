package dev.millrace.publisher.http;

import dev.millrace.contracts.Topic;
import dev.millrace.runtime.Sender;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Produces a record and does not answer before it is on the broker.
final class Produce {

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Sender sender;

  Produce(Sender sender) {
    this.sender = sender;
  }

  /// @throws Problem 503 when the broker did not confirm it; the record may be there all the same
  <V> void record(Topic<V> topic, String key, V value, Map<String, String> headers) {
    bytes(topic, key, topic.serde().write(value), headers);
  }

  /// The same, with a value as it came.
  void bytes(Topic<?> topic, String key, byte[] value, Map<String, String> headers) {
    try {
      var _ =
          sender
              .send(topic.name(), null, key, value, headers)
              .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw unconfirmed(String.valueOf(e.getCause()));
    } catch (TimeoutException e) {
      throw unconfirmed("no answer within " + PATIENCE.toSeconds() + " s");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unconfirmed("interrupted");
    }
  }

  private static Problem unconfirmed(String why) {
    return Problem.unavailable("Kafka did not confirm the record: " + why)
        .next(
            "Send it again with the same requestId: it runs once, whether or not this one"
                + " arrived.");
  }
}
