package dev.millrace.standalone;

import static ch.qos.logback.classic.Level.WARN;
import static ch.qos.logback.core.spi.FilterReply.DENY;
import static ch.qos.logback.core.spi.FilterReply.NEUTRAL;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.filter.Filter;
import ch.qos.logback.core.spi.FilterReply;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Keeps Kafka's log readable: lines that sound like trouble and are none do not appear, and a
/// warning that a crowd of clients repeats (a broker is gone) appears once in a while. Errors that
/// may matter always appear. `logback.xml` names this class.
public final class KafkaLines extends Filter<ILoggingEvent> {

  private static final long ONCE_IN_MILLIS = 10_000;

  private static final int GIST_LENGTH = 20;

  private record Harmless(String logger, String part) {}

  private static final List<Harmless> HARMLESS =
      List.of(
          // Every start: a single controller always elects itself.
          new Harmless("QuorumController", "Performing controller activation"),
          // Every clean stop: the broker closes its registration client twice.
          new Harmless("NetworkClient", "Attempting to close NetworkClient that has already been"),
          // Every start: we have no global store that could meet a bad record.
          new Harmless("StreamsConfig", "Processing exception handler is not enabled"),
          // The first transactional batches on a brand-new partition may overtake each other; the
          // broker refuses them and the producer sends them again in order.
          new Harmless("", "Expected sequence 0 for transactions v2 idempotent producer"));

  private final Map<String, Long> lastShown = new ConcurrentHashMap<>();

  @Override
  public FilterReply decide(ILoggingEvent event) {
    var logger = event.getLoggerName();
    if (!logger.startsWith("org.apache.kafka.") && !logger.startsWith("kafka.")) {
      return NEUTRAL;
    }
    var said = said(event);
    var harmless =
        HARMLESS.stream()
            .anyMatch(line -> logger.endsWith(line.logger()) && said.contains(line.part()));
    return harmless || repeated(event) ? DENY : NEUTRAL;
  }

  /// The line, and what the exception under it says.
  private static String said(ILoggingEvent event) {
    var thrown = event.getThrowableProxy();
    return thrown == null
        ? event.getFormattedMessage()
        : event.getFormattedMessage() + '\n' + thrown.getMessage();
  }

  private boolean repeated(ILoggingEvent event) {
    if (!event.getLevel().equals(WARN)) {
      return false;
    }
    var line = event.getLoggerName() + gist(event.getFormattedMessage());
    long now = event.getTimeStamp();
    var last = lastShown.get(line);
    if (last != null && now - last < ONCE_IN_MILLIS) {
      return true;
    }
    lastShown.put(line, now);
    return false;
  }

  /// How a line begins. Clients put `[Producer clientId=…] ` in front and names and numbers behind;
  /// without them the crowd says one thing.
  private static String gist(String line) {
    var said = line.startsWith("[") ? line.substring(line.indexOf(']') + 1).strip() : line;
    return said.substring(0, Math.min(said.length(), GIST_LENGTH));
  }
}
