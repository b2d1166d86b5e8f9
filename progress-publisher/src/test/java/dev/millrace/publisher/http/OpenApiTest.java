package dev.millrace.publisher.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class OpenApiTest {

  private static final Pattern PATH = Pattern.compile("^  (/[^:]*):\\s*$");
  private static final Pattern METHOD = Pattern.compile("^    (get|post|put|delete|patch):\\s*$");

  @Test
  void every_route_is_in_the_document_and_the_other_way_round() throws Exception {
    var documented = new TreeSet<String>();
    String path = "";
    try (var in = OpenApiTest.class.getResourceAsStream("/openapi.yaml")) {
      assertThat(in).isNotNull();
      for (var line : new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList()) {
        var newPath = PATH.matcher(line);
        var method = METHOD.matcher(line);
        if (newPath.matches()) {
          path = newPath.group(1);
        } else if (method.matches()) {
          documented.add(method.group(1).toUpperCase(Locale.ROOT) + " " + path);
        }
      }
    }

    var routed = new TreeSet<String>();
    for (var route : table().routes()) {
      routed.add(route.method() + " " + route.path());
    }

    assertThat(documented).isEqualTo(routed);
  }

  @SuppressWarnings("NullAway") // Only the table is looked at, no route is called.
  private static Router table() {
    return Routes.table(exchange -> {}, null, null, null, null, null, null, null, null);
  }
}
