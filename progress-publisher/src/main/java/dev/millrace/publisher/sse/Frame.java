package dev.millrace.publisher.sse;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.millrace.contracts.Json;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// One server-sent event, or a comment.
public final class Frame {

  public static final String PROGRESS = "job_progress";
  public static final String COMPLETE = "job_complete";
  public static final String FAILED = "job_failed";
  public static final String ALERT = "system_alert";

  static final Frame KEEP_ALIVE = comment("keep-alive");

  private final byte[] bytes;
  private final @Nullable String replaces;

  private Frame(byte[] bytes, @Nullable String replaces) {
    this.bytes = bytes;
    this.replaces = replaces;
  }

  /// An event that must arrive.
  ///
  /// @param id null when a reader could not go on from it
  static Frame durable(String event, @Nullable String id, Object data) {
    return new Frame(text(event, id, data), null);
  }

  /// An event that a later one about the same `subject` replaces.
  static Frame passing(String event, String subject, Object data) {
    return new Frame(text(event, null, data), event + " " + subject);
  }

  static Frame comment(String text) {
    return new Frame((": " + oneLine(text) + "\n\n").getBytes(StandardCharsets.UTF_8), "comment");
  }

  /// How long a reader waits before it connects again.
  static Frame retry(long millis) {
    return new Frame(("retry: " + millis + "\n\n").getBytes(StandardCharsets.UTF_8), null);
  }

  /// The server goes away; connect again, elsewhere.
  static Frame bye(long retryMillis) {
    return new Frame(
        ("retry: " + retryMillis + "\nevent: bye\ndata: {}\n\n").getBytes(StandardCharsets.UTF_8),
        null);
  }

  private static byte[] text(String event, @Nullable String id, Object data) {
    try {
      var text = new StringBuilder();
      if (id != null) {
        text.append("id: ").append(oneLine(id)).append('\n');
      }
      text.append("event: ").append(oneLine(event)).append('\n');
      text.append("data: ").append(Json.MAPPER.writeValueAsString(data)).append("\n\n");
      return text.toString().getBytes(StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException("cannot write an event", e);
    }
  }

  /// Line breaks would let a value forge another event.
  private static String oneLine(String text) {
    return text.replaceAll("[\\r\\n\\x00]", " ");
  }

  /// As it goes over the wire, blank line included; encoded once for all listeners.
  ByteBuffer wire() {
    return ByteBuffer.wrap(bytes);
  }

  /// Of frames with the same word here only the last needs to arrive; null: it must not get lost.
  @Nullable String replaces() {
    return replaces;
  }

  @Override
  public String toString() {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
