package dev.millrace.workers.handlers;

import java.util.ArrayList;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The handlers of this worker, by type.
public final class Handlers {

  private static final Logger LOG = LoggerFactory.getLogger(Handlers.class);
  private static final Pattern TYPE = Pattern.compile("[a-z0-9-]{1,64}");

  private final Map<String, JobHandler> byType = new TreeMap<>();

  /// These handlers and no others.
  ///
  /// @throws IllegalStateException when two handlers answer one type
  public Handlers(Iterable<? extends JobHandler> handlers) {
    for (var handler : handlers) {
      var type = handler.type();
      if (!TYPE.matcher(type).matches()) {
        throw new IllegalStateException(
            "handler %s answers type '%s': a type is 1 to 64 of a-z, 0-9 and -"
                .formatted(handler.getClass().getName(), type));
      }
      var other = byType.put(type, handler);
      if (other != null) {
        throw new IllegalStateException(
            "type '%s' has two handlers, %s and %s: take one off the class path"
                .formatted(type, other.getClass().getName(), handler.getClass().getName()));
      }
    }
  }

  /// Every handler on the class path, configured. One that cannot be loaded is left out: its jobs
  /// go to workers that know it.
  public static Handlers load(Map<String, ?> settings) {
    var found = new ArrayList<JobHandler>();
    var loader = ServiceLoader.load(JobHandler.class, JobHandler.class.getClassLoader());
    for (var candidates = loader.stream().iterator(); candidates.hasNext(); ) {
      try {
        var handler = candidates.next().get();
        handler.configure(settings);
        found.add(handler);
      } catch (ServiceConfigurationError | RuntimeException e) {
        LOG.error("a job handler cannot be loaded and is left out: {}", e.getMessage(), e);
      }
    }
    return new Handlers(found);
  }

  public Optional<JobHandler> find(String type) {
    return Optional.ofNullable(byType.get(type));
  }

  public SortedSet<String> types() {
    return new TreeSet<>(byType.keySet());
  }
}
