package dev.millrace.workers.handlers;

import org.jspecify.annotations.Nullable;

/// Hears how far a run is. What goes back is not believed; what comes too often is thinned, but the
/// last word always gets through.
public interface ProgressSink {

  /// So many of so many things are done.
  ///
  /// @param total 0 when it is not known
  /// @param message what is being done, such as `scenario 2 of 3`
  void items(long processed, long total, @Nullable String message);

  /// So much of the whole is done.
  ///
  /// @param percent 0–100
  void percent(double percent, @Nullable String message);
}
