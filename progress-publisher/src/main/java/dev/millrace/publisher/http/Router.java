package dev.millrace.publisher.http;

import dev.millrace.runtime.request.Nearest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/// Finds the route of a method and path. A segment in braces takes any one segment; a literal one
/// is preferred.
final class Router {

  private final List<Route> routes = new ArrayList<>();

  /// What answers a call.
  interface Handler {
    void handle(Exchange exchange) throws Exception;
  }

  /// One line of the route table.
  record Route(String method, String path, Handler handler) {

    private Optional<Map<String, String>> match(List<String> segments) {
      var pattern = segments(path);
      if (pattern.size() != segments.size()) {
        return Optional.empty();
      }
      var parameters = new HashMap<String, String>();
      for (int i = 0; i < pattern.size(); i++) {
        var expected = pattern.get(i);
        if (isParameter(expected)) {
          parameters.put(expected.substring(1, expected.length() - 1), segments.get(i));
        } else if (!expected.equals(segments.get(i))) {
          return Optional.empty();
        }
      }
      return Optional.of(parameters);
    }

    private long literals() {
      return segments(path).stream().filter(segment -> !isParameter(segment)).count();
    }

    private static boolean isParameter(String segment) {
      return segment.startsWith("{");
    }
  }

  /// What was found.
  sealed interface Match {

    record Found(Route route, Map<String, String> parameters) implements Match {}

    /// The path exists, for other methods.
    record OtherMethods(TreeSet<String> allowed) implements Match {}

    /// There is no such path.
    ///
    /// @param hint the nearest path, in words, or empty
    record Nothing(String hint) implements Match {}
  }

  Router add(String method, String path, Handler handler) {
    routes.add(new Route(method, path, handler));
    return this;
  }

  List<Route> routes() {
    return List.copyOf(routes);
  }

  /// `HEAD` is answered as `GET`.
  Match find(String method, String path) {
    var segments = segments(path);
    var wanted = method.equals("HEAD") ? "GET" : method;
    var allowed = new TreeSet<String>();
    Match.Found best = null;
    for (var route : routes) {
      var parameters = route.match(segments);
      if (parameters.isPresent()) {
        allowed.add(route.method());
        if (route.method().equals(wanted)
            && (best == null || route.literals() > best.route().literals())) {
          best = new Match.Found(route, parameters.get());
        }
      }
    }
    if (best != null) {
      return best;
    }
    if (allowed.contains("GET")) {
      allowed.add("HEAD");
    }
    return allowed.isEmpty()
        ? new Match.Nothing(Nearest.hint(path, routes.stream().map(Route::path).toList()))
        : new Match.OtherMethods(allowed);
  }

  private static List<String> segments(String path) {
    return List.of(path.split("/", -1));
  }
}
