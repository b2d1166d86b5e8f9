package dev.millrace.runtime;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/// Blobs as files in one folder, a sub-folder per day. Each is written beside its place, forced to
/// disk and moved there in one step, so that nobody reads half of one.
public final class FileBlobStore implements BlobStore {

  private final Path folder;
  private final InstantSource clock;

  public FileBlobStore(Path folder, InstantSource clock) {
    this.folder = folder;
    this.clock = clock;
  }

  @Override
  public String put(byte[] bytes) {
    var ref = BlobRef.of(bytes, clock.instant());
    var place = folder.resolve(ref);
    if (Files.exists(place)) {
      return ref;
    }
    try {
      Files.createDirectories(place.getParent());
      var draft = Files.createTempFile(place.getParent(), ".draft-", "");
      try {
        try (var channel = FileChannel.open(draft, StandardOpenOption.WRITE)) {
          var buffer = ByteBuffer.wrap(bytes);
          while (buffer.hasRemaining()) {
            channel.write(buffer);
          }
          channel.force(true);
        }
        Files.move(draft, place, StandardCopyOption.ATOMIC_MOVE);
      } catch (FileAlreadyExistsException e) {
        return ref;
      } finally {
        Files.deleteIfExists(draft);
      }
      return ref;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot keep a blob of " + bytes.length + " bytes", e);
    }
  }

  @Override
  public Optional<byte[]> get(String ref) {
    if (!BlobRef.isOne(ref)) {
      return Optional.empty();
    }
    var place = folder.resolve(ref);
    try {
      return Files.isRegularFile(place) ? Optional.of(Files.readAllBytes(place)) : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read blob " + ref, e);
    }
  }

  /// A folder that is not there cannot say.
  @Override
  public boolean exists(String ref) {
    if (!BlobRef.isOne(ref)) {
      return false;
    }
    if (!Files.isDirectory(folder)) {
      throw new UncheckedIOException(new IOException("there is no folder " + folder));
    }
    try {
      return Files.readAttributes(folder.resolve(ref), BasicFileAttributes.class).isRegularFile();
    } catch (NoSuchFileException _) {
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot look for blob " + ref, e);
    }
  }

  @Override
  public void close() {}

  @Override
  public int sweep(Instant olderThan) {
    if (!Files.isDirectory(folder)) {
      return 0;
    }
    int deleted = 0;
    try (var days = Files.newDirectoryStream(folder)) {
      for (var day : days) {
        if (BlobRef.isBefore(day.getFileName().toString(), olderThan)) {
          deleted += delete(day);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot sweep " + folder, e);
    }
    return deleted;
  }

  private static int delete(Path day) throws IOException {
    int deleted = 0;
    try (var blobs = Files.newDirectoryStream(day)) {
      for (var blob : blobs) {
        Files.delete(blob);
        deleted++;
      }
    }
    Files.delete(day);
    return deleted;
  }
}
