package dev.millrace.publisher.http;

import dev.millrace.contracts.RejectionCode;
import java.net.URI;
import java.util.Locale;
import java.util.Set;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/// Keeps foreign web pages from using a visitor's browser against a door on loopback: by a form or
/// script sent from elsewhere, or by a name that resolves to 127.0.0.1.
final class BrowserGuard {

  private static final Set<String> LOOPBACK =
      Set.of("localhost", "127.0.0.1", "[::1]", "::1", "0:0:0:0:0:0:0:1");
  private static final Set<String> HARMLESS = Set.of("GET", "HEAD", "OPTIONS");

  private final boolean loopback;

  BrowserGuard(boolean loopback) {
    this.loopback = loopback;
  }

  void check(Request request) {
    var host = Request.getServerName(request);
    if (loopback
        && host != null
        && !LOOPBACK.contains(host.toLowerCase(Locale.ROOT))
        && !host.toLowerCase(Locale.ROOT).endsWith(".localhost")) {
      throw refused("the Host header names '" + host + "', this door listens on loopback");
    }
    if (HARMLESS.contains(request.getMethod())) {
      return;
    }
    var headers = request.getHeaders();
    if ("cross-site".equals(headers.get("Sec-Fetch-Site"))
        || !sameOrigin(headers.get("Origin"), headers.get("Host"))) {
      throw refused("a page of another site sent this");
    }
  }

  private static boolean sameOrigin(@Nullable String origin, @Nullable String host) {
    if (origin == null) {
      return true;
    }
    try {
      var authority = URI.create(origin).getRawAuthority();
      return authority != null && authority.equalsIgnoreCase(host);
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  private static Problem refused(String why) {
    return Problem.of(HttpStatus.FORBIDDEN_403, RejectionCode.E_HEADER, why);
  }
}
