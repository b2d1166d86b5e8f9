package dev.millrace.runtime.request;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// One place where two JSON values differ.
///
/// @param path as `scenarios[1].name`; empty when the values themselves differ
/// @param here null: nothing stands there in the first value
/// @param there null: nothing stands there in the second
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Difference(String path, @Nullable JsonNode here, @Nullable JsonNode there) {

  /// All of them, as deep as they go, fields in order.
  public static List<Difference> between(JsonNode here, JsonNode there) {
    var found = new ArrayList<Difference>();
    walk(here, there, new FieldPath(""), found);
    return found;
  }

  private static void walk(
      @Nullable JsonNode here, @Nullable JsonNode there, FieldPath path, List<Difference> found) {
    if (here != null && there != null && here.isObject() && there.isObject()) {
      var names = new TreeSet<String>();
      here.fieldNames().forEachRemaining(names::add);
      there.fieldNames().forEachRemaining(names::add);
      for (var name : names) {
        int mark = path.into(name);
        walk(here.get(name), there.get(name), path, found);
        path.back(mark);
      }
    } else if (here != null && there != null && here.isArray() && there.isArray()) {
      for (int i = 0; i < Math.max(here.size(), there.size()); i++) {
        int mark = path.into(i);
        walk(here.get(i), there.get(i), path, found);
        path.back(mark);
      }
    } else if (here == null ? there != null : !here.equals(there)) {
      found.add(new Difference(path.toString(), here, there));
    }
  }
}
