package dev.millrace.runtime;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a service has opened, to be closed when it stops or its start fails: the last comes first.
public final class Opened implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Opened.class);

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();

  /// Closes `part` before all that were added until now. Added again, it has only its new place.
  public <C extends AutoCloseable> C add(C part) {
    parts.remove(part);
    parts.push(part);
    return part;
  }

  /// One that cannot be closed leaves none of the others open.
  @Override
  public void close() {
    while (!parts.isEmpty()) {
      try {
        parts.pop().close();
      } catch (Exception e) {
        LOG.warn("could not close cleanly: {}", e.toString());
      }
    }
  }
}
