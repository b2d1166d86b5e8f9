package dev.millrace.runtime.request;

import dev.millrace.contracts.Scope;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What is hashed, and nothing else is: the type, the version of its recipe, who may share the
/// answer, and the canonical params.
///
/// @param version of the type's recipe; another version means another answer to the same params
/// @param scopeKey who may share the answer
/// @param canonicalParams the params in canonical form, complete with defaults
public record KeyRecipe(String type, int version, String scopeKey, String canonicalParams) {

  /// The hashed text: the four parts joined by line feeds. None but the last can hold one.
  public String text() {
    return type + '\n' + version + '\n' + scopeKey + '\n' + canonicalParams;
  }

  /// Who may share an answer, as it is hashed: `global`, `organization:<o>`, `workspace:<o>:<w>` or
  /// `private:<o>:<u>`. A colon inside the organization of the last two is written `%3A`, since
  /// otherwise workspace `b:c` of `a` would share with workspace `c` of `a:b`.
  public static String scopeKey(
      Scope scope,
      @Nullable String organizationId,
      @Nullable String workspaceId,
      @Nullable String userId) {
    return switch (scope) {
      case GLOBAL -> "global";
      case ORGANIZATION -> "organization:" + needed(organizationId);
      case WORKSPACE -> "workspace:" + escaped(organizationId) + ":" + needed(workspaceId);
      case PRIVATE -> "private:" + escaped(organizationId) + ":" + needed(userId);
    };
  }

  private static String escaped(@Nullable String organizationId) {
    return needed(organizationId).replace(":", "%3A");
  }

  private static String needed(@Nullable String id) {
    return Objects.requireNonNull(id, "the scope names somebody who is not given");
  }
}
