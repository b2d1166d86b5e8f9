package dev.millrace.runtime;

import java.time.Instant;
import java.util.Optional;

/// Results too large for a record, by content.
///
/// A reference is `<day written>/<sha256>`: the day tells how long the blob will live, since only
/// [#sweep] deletes, and only by age.
public interface BlobStore {

  /// How long a blob is kept at least.
  int KEPT_DAYS = 31;

  /// Keeps `bytes` and returns their reference. Once it returns they survive a crash.
  String put(byte[] bytes);

  /// The bytes behind a reference, or empty when there are none.
  Optional<byte[]> get(String ref);

  /// Deletes what was written on days before `olderThan` (UTC).
  ///
  /// @return how many were deleted
  int sweep(Instant olderThan);
}
