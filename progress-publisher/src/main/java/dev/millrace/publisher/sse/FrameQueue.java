package dev.millrace.publisher.sse;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The frames one listener has not taken yet, at most 64. Of those about the same subject the
/// latest stays; when it is full the oldest replaceable frame goes. Not thread-safe.
final class FrameQueue {

  static final int MOST = 64;

  private final Map<Object, Frame> frames = new LinkedHashMap<>();

  /// Adds a frame.
  ///
  /// @return false when it is full of frames that must arrive
  boolean offer(Frame frame) {
    var subject = frame.replaces();
    if (subject != null && frames.replace(subject, frame) != null) {
      return true;
    }
    if (frames.size() >= MOST && !makeRoom()) {
      return subject != null;
    }
    frames.put(subject == null ? new Object() : subject, frame);
    return true;
  }

  @Nullable Frame poll() {
    var all = frames.entrySet().iterator();
    if (!all.hasNext()) {
      return null;
    }
    var frame = all.next().getValue();
    all.remove();
    return frame;
  }

  int size() {
    return frames.size();
  }

  private boolean makeRoom() {
    var all = frames.values().iterator();
    while (all.hasNext()) {
      if (all.next().replaces() != null) {
        all.remove();
        return true;
      }
    }
    return false;
  }
}
