package dev.millrace.workers.handlers;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;

/// Reads a stream to its end: gives out its lines, and keeps its first or last bytes. However much
/// comes, it holds no more than one line and what it keeps.
final class LineReader {

  private final Consumer<String> lines;
  private final int keep;
  private final int longestLine;
  private final boolean keepEnd;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private boolean tooLong;
  private byte[] kept = new byte[0];
  private boolean cut;

  /// @param longestLine longer ones are not given out
  /// @param keepEnd whether the last bytes are kept, or the first
  LineReader(Consumer<String> lines, int keep, int longestLine, boolean keepEnd) {
    this.lines = lines;
    this.keep = keep;
    this.longestLine = longestLine;
    this.keepEnd = keepEnd;
  }

  void read(InputStream stream) {
    var buffer = new byte[8 * 1024];
    try {
      for (int count = stream.read(buffer); count >= 0; count = stream.read(buffer)) {
        keep(buffer, count);
        for (int i = 0; i < count; i++) {
          take(buffer[i]);
        }
      }
    } catch (IOException e) {
      // closed because the run is over
    }
    endLine();
  }

  synchronized String kept() {
    return new String(kept, StandardCharsets.UTF_8);
  }

  synchronized boolean cut() {
    return cut;
  }

  private void take(byte next) {
    if (next == '\n') {
      endLine();
    } else if (line.size() < longestLine) {
      line.write(next);
    } else {
      tooLong = true;
    }
  }

  private void endLine() {
    if (line.size() > 0 && !tooLong) {
      lines.accept(line.toString(StandardCharsets.UTF_8));
    }
    line.reset();
    tooLong = false;
  }

  private synchronized void keep(byte[] buffer, int count) {
    if (!keepEnd && kept.length >= keep) {
      cut |= count > 0;
      return;
    }
    var all = new byte[kept.length + count];
    System.arraycopy(kept, 0, all, 0, kept.length);
    System.arraycopy(buffer, 0, all, kept.length, count);
    int from = keepEnd ? Math.max(0, all.length - keep) : 0;
    int until = keepEnd ? all.length : Math.min(all.length, keep);
    cut |= until - from < all.length;
    kept = Arrays.copyOfRange(all, from, until);
  }
}
