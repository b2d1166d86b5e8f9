package dev.millrace.standalone;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.AppenderBase;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.LoggerFactory;

/// Every line that anything in this JVM logs, down to what only a developer looks at. The console
/// is quiet meanwhile.
public final class LogLines extends AppenderBase<ILoggingEvent> implements AutoCloseable {

  private final Queue<String> lines = new ConcurrentLinkedQueue<>();
  private final Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
  private final Map<Logger, Level> levels = new HashMap<>();
  private final Appender<ILoggingEvent> console = root.getAppender("stderr");

  private LogLines() {}

  /// From now on, until it is closed.
  public static LogLines all() {
    var all = new LogLines();
    all.setContext(all.root.getLoggerContext());
    all.start();
    all.root.detachAppender(all.console);
    all.root.addAppender(all);
    // Tests that ran before may have silenced Kafka.
    all.root.getLoggerContext().getLoggerList().forEach(all::loosen);
    ((Logger) LoggerFactory.getLogger("dev.millrace")).setLevel(Level.TRACE);
    return all;
  }

  private void loosen(Logger logger) {
    if (logger.getLevel() != null) {
      levels.put(logger, logger.getLevel());
      logger.setLevel(logger == root ? Level.DEBUG : null);
    }
  }

  /// What was logged so far: messages, values and stack traces.
  public List<String> lines() {
    return List.copyOf(lines);
  }

  @Override
  protected void append(ILoggingEvent event) {
    lines.add(
        event.getFormattedMessage()
            + event.getKeyValuePairs()
            + ThrowableProxyUtil.asString(event.getThrowableProxy()));
  }

  @Override
  public void close() {
    levels.forEach(Logger::setLevel);
    root.detachAppender(this);
    root.addAppender(console);
    stop();
  }
}
