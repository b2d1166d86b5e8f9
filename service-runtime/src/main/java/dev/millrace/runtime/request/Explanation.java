package dev.millrace.runtime.request;

import dev.millrace.contracts.RequestHash;
import dev.millrace.contracts.Scope;
import java.util.ArrayList;
import java.util.List;

/// Why a request has the hash it has: what went in, what was left out, and why.
///
/// @param recipe what was hashed
/// @param leftOut the fields the request has that do not count
public record Explanation(RequestHash requestHash, KeyRecipe recipe, List<LeftOut> leftOut) {

  /// A field that is not hashed.
  ///
  /// @param why one sentence
  public record LeftOut(String field, String why) {}

  public Explanation {
    leftOut = List.copyOf(leftOut);
  }

  public static Explanation of(CheckedRequest request) {
    return new Explanation(
        request.requestHash(), request.recipe(), leftOut(request.given(), request.scope()));
  }

  /// Which of these fields of a request do not count.
  public static List<LeftOut> leftOut(List<String> given, Scope scope) {
    var leftOut = new ArrayList<LeftOut>();
    for (String field : given) {
      String why = why(field, scope);
      if (!why.isEmpty()) {
        leftOut.add(new LeftOut(field, why));
      }
    }
    return leftOut;
  }

  private static String why(String field, Scope scope) {
    return switch (field) {
      case "organizationId" ->
          scope == Scope.GLOBAL ? "scope global is shared by all organizations" : "";
      case "workspaceId" ->
          scope == Scope.WORKSPACE ? "" : "scope " + scope.id() + " does not tell workspaces apart";
      case "userId" ->
          scope == Scope.PRIVATE ? "" : "scope " + scope.id() + " does not tell users apart";
      case "requestId" -> "it names one ask, not what is asked";
      case "tier" -> "it says how soon, not what";
      case "cache" -> "of it only the scope counts, as the scope key";
      case "timeoutMs", "deadline" -> "it says how long the caller waits, not for what";
      case "maxAttempts" -> "it says how often to try, not what";
      case "notify" -> "it says whom to tell, not what";
      case "traceparent" -> "it traces one ask";
      case "version", "schemaVersion" -> "it is the version of the envelope";
      default -> "";
    };
  }
}
