package dev.millrace.cli;

import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;

/// An explanation as people read it.
final class ExplainText {

  private final JsonNode explained;
  private final List<List<String>> facts = new ArrayList<>();

  private ExplainText(JsonNode explained) {
    this.explained = explained;
  }

  static List<String> lines(JsonNode explained) {
    return new ExplainText(explained).lines();
  }

  private List<String> lines() {
    fact("request", request());
    fact("hash", text(explained, "requestHash"));
    identity(explained.path("identity"));
    cache(explained.path("cache"));
    var before = explained.path("before");
    if (!before.isMissingNode()) {
      fact("before it", decision(before) + " at " + text(before, "at"));
    } else if (!explained.path("decisions").isEmpty()) {
      fact("before it", "nobody had asked this");
    }
    explained.path("notes").forEach(note -> fact("note", note.asText()));

    var lines = new ArrayList<>(Table.align(facts));
    decisions(lines);
    nearest(lines);
    return lines;
  }

  private String request() {
    var how = text(explained, "source");
    var job = text(explained, "jobId");
    return text(explained, "requestId")
        + ": "
        + text(explained, "status")
        + (how.isEmpty() ? "" : ", " + how)
        + (job.isEmpty() ? "" : ", by " + job);
  }

  private void identity(JsonNode identity) {
    if (identity.isMissingNode()) {
      return;
    }
    var recipe = text(identity, "recipeVersion");
    fact(
        "type", text(explained, "type") + (recipe.isEmpty() ? "" : " (key recipe " + recipe + ")"));
    fact("scope", text(identity, "scopeKey"));
    var params = text(identity, "canonicalParams");
    fact("params", params.isEmpty() ? text(identity, "paramsBytes") + " bytes" : params);
    fact("hashed", joined(identity.path("hashed")));
    identity
        .path("leftOut")
        .forEach(field -> fact("left out", text(field, "field") + ": " + text(field, "why")));
  }

  private void cache(JsonNode cache) {
    if (cache.isMissingNode()) {
      return;
    }
    fact("cache mode", text(cache, "mode") + ", " + oldest(cache));
    if (cache.path("atTheDoor").asBoolean()) {
      fact("at the door", "answered before the ledger decided");
    }
    var answer = cache.path("answer");
    if (!answer.isMissingNode()) {
      var expires = text(answer, "expiresAt");
      fact(
          "cached now",
          "%s, by %s, generation %s, %s old, %s"
              .formatted(
                  text(answer, "status"),
                  text(answer, "jobId"),
                  text(answer, "generation"),
                  time(answer.path("ageMs")),
                  expires.isEmpty() ? "never expires" : "expires " + expires));
    }
  }

  private static String oldest(JsonNode cache) {
    if (cache.has("maxStaleMs")) {
      return "takes answers that expired up to " + time(cache.path("maxStaleMs")) + " ago";
    }
    if (cache.has("ttlMs")) {
      return "takes answers up to " + time(cache.path("ttlMs")) + " old";
    }
    return cache.has("typeTtlMs")
        ? "takes answers as long as the type keeps them, " + time(cache.path("typeTtlMs"))
        : "takes answers of any age";
  }

  private void decisions(List<String> lines) {
    var rows = new ArrayList<List<String>>();
    for (var step : explained.path("decisions")) {
      rows.add(
          List.of(
              "  " + text(step, "at"),
              decision(step),
              step.has("epoch") ? "epoch " + text(step, "epoch") : "",
              step.has("generation") ? "generation " + text(step, "generation") : "",
              text(step, "lane"),
              text(step, "runId"),
              step.has("notBefore")
                  ? "not before " + text(step, "notBefore")
                  : step.has("expiresAt") ? "expires " + text(step, "expiresAt") : ""));
    }
    if (!rows.isEmpty()) {
      lines.add("");
      lines.add("Decisions:");
      lines.addAll(Table.align(rows));
    }
  }

  private static String decision(JsonNode step) {
    var reason = text(step, "reason");
    return text(step, "decision") + (reason.isEmpty() ? "" : " (" + reason + ")");
  }

  private void nearest(List<String> lines) {
    var nearest = explained.path("nearest");
    if (nearest.isMissingNode()) {
      return;
    }
    lines.add("");
    lines.add(
        "Nearest before: %s, asked %s, %s"
            .formatted(
                text(nearest, "requestId"), text(nearest, "askedAt"), text(nearest, "summary")));
    var rows = new ArrayList<List<String>>();
    for (var difference : nearest.path("differences")) {
      rows.add(
          List.of(
              "  " + text(difference, "path"),
              "here " + value(difference, "here"),
              "there " + value(difference, "there")));
    }
    lines.addAll(Table.align(rows));
  }

  private void fact(String name, String value) {
    facts.add(List.of(name, value));
  }

  private static String value(JsonNode difference, String side) {
    return difference.has(side) ? difference.path(side).toString() : "nothing";
  }

  /// In the largest unit of which there are at least two.
  private static String time(JsonNode millis) {
    var time = Duration.ofMillis(millis.asLong());
    if (time.toDays() > 1) {
      return time.toDays() + " d";
    }
    if (time.toHours() > 1) {
      return time.toHours() + " h";
    }
    if (time.toMinutes() > 1) {
      return time.toMinutes() + " min";
    }
    return time.toSeconds() > 1 ? time.toSeconds() + " s" : time.toMillis() + " ms";
  }

  private static String joined(JsonNode texts) {
    return StreamSupport.stream(texts.spliterator(), false)
        .map(JsonNode::asText)
        .collect(joining(", "));
  }

  private static String text(JsonNode object, String field) {
    var value = object.path(field);
    return value.isMissingNode() || value.isNull() ? "" : value.asText();
  }
}
