package dev.millrace.runtime;

import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/// Results too large for a record, by content.
///
/// A reference is `<day written>/<sha256>`: the day tells how long the blob will live, since only
/// [#sweep] deletes, and only by age.
public interface BlobStore extends AutoCloseable {

  /// How long a blob is kept at least.
  int KEPT_DAYS = 31;

  /// The one the settings name: a bucket, or else a folder. It is not asked whether it answers.
  static BlobStore open(Settings settings, InstantSource clock) {
    return settings.text(CommonConfig.BLOBS_S3_BUCKET).isEmpty()
        ? new FileBlobStore(settings.path(CommonConfig.BLOBS_DIR), clock)
        : S3BlobStore.open(settings, clock);
  }

  /// Keeps `bytes` and returns their reference. Once it returns they survive a crash.
  ///
  /// @throws UncheckedIOException when they may not be kept: the store is full, or does not answer
  String put(byte[] bytes);

  /// The bytes behind a reference, or empty when there are none.
  ///
  /// @throws UncheckedIOException when the store does not answer
  Optional<byte[]> get(String ref);

  /// Whether there are bytes behind a reference.
  ///
  /// @throws UncheckedIOException when the store cannot say
  boolean exists(String ref);

  /// Deletes what was written on days before `olderThan` (UTC).
  ///
  /// @return how many were deleted
  /// @throws UncheckedIOException when the store does not answer; the next sweep goes on
  int sweep(Instant olderThan);

  /// Lets connections go.
  @Override
  void close();
}
