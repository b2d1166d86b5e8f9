package dev.millrace.runtime.request;

import static dev.millrace.contracts.RejectionCode.E_TAGS;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A derived tag such as `campaign:{campaignId}`, compiled.
///
/// @param texts what stands before, between and after the names: one more than there are names
/// @param names the params to put in
record TagTemplate(List<String> texts, List<String> names) {

  TagTemplate {
    texts = List.copyOf(texts);
    names = List.copyOf(names);
  }

  /// Compiles a template.
  ///
  /// @throws IllegalArgumentException when it is malformed or names none of `known`
  static TagTemplate compile(String template, Set<String> known) {
    var texts = new ArrayList<String>();
    var names = new ArrayList<String>();
    int from = 0;
    for (int open; (open = template.indexOf('{', from)) >= 0; ) {
      int close = template.indexOf('}', open);
      String name = close < 0 ? "" : template.substring(open + 1, close);
      if (!known.contains(name)) {
        throw new IllegalArgumentException(
            "tags: '" + template + "' names no param" + Nearest.hint(name, known));
      }
      texts.add(template.substring(from, open));
      names.add(name);
      from = close + 1;
    }
    texts.add(template.substring(from));
    String fixed = String.join("", texts);
    if (!fixed.isEmpty() && !Identifiers.isValid(fixed)) {
      throw new IllegalArgumentException(
          "tags: '" + template + "' must be made of " + Identifiers.EXPECTED);
    }
    return new TagTemplate(texts, names);
  }

  /// The tag of these params; none when one it names is missing.
  ///
  /// @throws RejectedException when the outcome is no tag
  Optional<String> fill(JsonNode params) {
    var tag = new StringBuilder(texts.getFirst());
    for (int i = 0; i < names.size(); i++) {
      JsonNode value = params.get(names.get(i));
      if (value == null || value.isNull()) {
        return Optional.empty();
      }
      tag.append(value.isTextual() ? value.textValue() : CanonicalJson.of(value));
      tag.append(texts.get(i + 1));
    }
    if (!Identifiers.isValid(tag)) {
      throw new RejectedException(
          E_TAGS,
          "makes the tag "
              + Printable.quoted(tag.toString())
              + ": expected "
              + Identifiers.EXPECTED,
          "params." + names.getFirst());
    }
    return Optional.of(tag.toString());
  }
}
