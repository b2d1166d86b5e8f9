package dev.millrace.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.slf4j.LoggerFactory;

/// For commands that answer and go: what Kafka's clients mutter on the way helps nobody, the
/// command itself says what went wrong.
final class Quiet {

  private Quiet() {}

  static void kafka() {
    if (LoggerFactory.getLogger("org.apache.kafka") instanceof Logger logger) {
      logger.setLevel(Level.ERROR);
    }
  }
}
