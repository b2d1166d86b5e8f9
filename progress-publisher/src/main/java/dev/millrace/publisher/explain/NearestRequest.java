package dev.millrace.publisher.explain;

import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.millrace.contracts.RequestHash;
import dev.millrace.publisher.history.QuestionRow;
import dev.millrace.runtime.request.CanonicalJson;
import dev.millrace.runtime.request.Difference;
import dev.millrace.runtime.request.KeyRecipe;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The earlier request that asked almost the same.
///
/// @param count of places that differ
/// @param differences the first of them
/// @param summary one line
public record NearestRequest(
    String requestId,
    RequestHash requestHash,
    Instant askedAt,
    int count,
    List<Difference> differences,
    String summary) {

  private static final int MOST_SHOWN = 50;
  private static final int MOST_NAMED = 5;

  public NearestRequest {
    differences = List.copyOf(differences);
  }

  /// The one with the fewest differences; of equally near ones the newest.
  ///
  /// @param earlier the newest first
  static Optional<NearestRequest> among(List<QuestionRow> earlier, QuestionRow question) {
    NearestRequest nearest = null;
    for (var other : earlier) {
      if (question.params() == null || other.params() == null) {
        continue;
      }
      var differences = differences(question, question.params(), other, other.params());
      if (nearest == null || differences.size() < nearest.count()) {
        nearest =
            new NearestRequest(
                other.requestId(),
                other.hash(),
                other.askedAt(),
                differences.size(),
                differences.subList(0, Math.min(differences.size(), MOST_SHOWN)),
                summary(differences));
      }
    }
    return Optional.ofNullable(nearest);
  }

  private static List<Difference> differences(
      QuestionRow question, String params, QuestionRow other, String otherParams) {
    var found =
        new ArrayList<>(
            Difference.between(CanonicalJson.parse(params), CanonicalJson.parse(otherParams)));
    var here = scopeKey(question);
    var there = scopeKey(other);
    if (!here.equals(there)) {
      found.add(new Difference("scope key", TextNode.valueOf(here), TextNode.valueOf(there)));
    }
    return found;
  }

  private static String scopeKey(QuestionRow question) {
    return KeyRecipe.scopeKey(
        question.scope(), question.organizationId(), question.workspaceId(), question.userId());
  }

  private static String summary(List<Difference> differences) {
    if (differences.isEmpty()) {
      return "asks the same, under another version of the type";
    }
    var named =
        differences.stream()
            .limit(MOST_NAMED)
            .map(difference -> "`" + difference.path() + "`")
            .collect(joining(", "));
    if (differences.size() == 1) {
      return "differs only in " + named;
    }
    int more = differences.size() - MOST_NAMED;
    return "differs in %d places: %s%s"
        .formatted(differences.size(), named, more > 0 ? " and %d more".formatted(more) : "");
  }
}
