package dev.millrace.corpus;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One input of a corpus.
///
/// @param name of its file
/// @param value what is sent; null: a record without a value
/// @param raw whether `value` is a whole HTTP request, sent as it is
/// @param topic without the prefix
/// @param headers of the record, and how it is produced: `:key`, `:timestamp`, `:compression`,
///   `:times` for how often each header stands
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record Case(
    String name,
    byte @Nullable [] value,
    boolean raw,
    Expected expected,
    String topic,
    Map<String, String> headers) {

  static final String REQUESTS = "requests.free";

  Case {
    headers = Map.copyOf(headers);
  }

  /// What stands before the first hyphen of the name.
  String number() {
    return name.split("-", 2)[0];
  }

  /// With the pass in place of `_PASS_`, so that what remembers earlier inputs meets new names.
  Case inPass(int pass) {
    if (value == null || value.length > 4_096) {
      return this;
    }
    var text = new String(value, StandardCharsets.ISO_8859_1);
    var here = text.replace("_PASS_", Integer.toString(pass));
    return new Case(
        name, here.getBytes(StandardCharsets.ISO_8859_1), raw, expected, topic, headers);
  }

  boolean overKafka() {
    return !raw && expected.outcome() != Expected.Outcome.STATUS;
  }

  /// A record's topic, headers and time mean nothing at the door.
  boolean overHttp() {
    return raw || (topic.equals(REQUESTS) && headers.isEmpty());
  }
}
