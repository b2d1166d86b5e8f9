package dev.millrace.runtime.request;

import static dev.millrace.contracts.RejectionCode.E_COMMAND;
import static dev.millrace.contracts.RejectionCode.E_ID;
import static dev.millrace.contracts.RejectionCode.E_SCHEMA;
import static dev.millrace.contracts.RejectionCode.E_TYPE;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.contracts.Command;
import dev.millrace.contracts.RequestHash;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Reads what an invalidation names, on a topic or over HTTP.
public final class Invalidations {

  /// Its fields.
  public static final List<String> FIELDS = List.of("tag", "tagPrefix", "type", "hash", "dryRun");

  private static final String HASH_EXPECTED = "64 lower-case hex digits";

  private Invalidations() {}

  /// What is said to be untrue.
  ///
  /// @throws RejectedException when it does not name exactly one thing
  public static Command.Invalidate read(Fields fields) {
    JsonNode dryRun = fields.get("dryRun");
    if (dryRun != null && !dryRun.isBoolean()) {
      throw fields.refuse("dryRun", E_SCHEMA, "true or false");
    }
    var tag = fields.identifier("tag");
    var tagPrefix = fields.identifier("tagPrefix");
    var type = fields.text("type", Identifiers.TYPE_EXPECTED);
    if (type != null && !Identifiers.isType(type)) {
      throw fields.refuse("type", E_TYPE, Identifiers.TYPE_EXPECTED);
    }
    var hash = hash(fields);
    long given = Stream.of(tag, tagPrefix, type, hash).filter(Objects::nonNull).count();
    if (given != 1) {
      throw new RejectedException(
          E_COMMAND,
          "an invalidate names exactly one of tag, tagPrefix, type and hash, got " + given,
          "");
    }
    boolean dry = dryRun != null && dryRun.booleanValue();
    return new Command.Invalidate(null, null, tag, type, hash, tagPrefix, dry ? true : null);
  }

  private static @Nullable RequestHash hash(Fields fields) {
    var text = fields.text("hash", HASH_EXPECTED);
    try {
      return text == null ? null : new RequestHash(text);
    } catch (IllegalArgumentException _) {
      throw fields.refuse("hash", E_ID, HASH_EXPECTED);
    }
  }
}
