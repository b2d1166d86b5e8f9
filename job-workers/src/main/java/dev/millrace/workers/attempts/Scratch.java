package dev.millrace.workers.attempts;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A run's own folder: made when first asked for, gone with the run.
final class Scratch {

  private static final Logger LOG = LoggerFactory.getLogger(Scratch.class);

  private final Path parent;
  private @Nullable Path folder;

  Scratch(Path parent) {
    this.parent = parent;
  }

  synchronized Path folder() throws IOException {
    var made = folder;
    if (made == null) {
      Files.createDirectories(parent);
      made = Files.createTempDirectory(parent, "run-");
      folder = made;
    }
    return made;
  }

  /// Deletes it with all that is in it; links are not followed.
  synchronized void delete() {
    if (folder == null) {
      return;
    }
    try {
      Files.walkFileTree(folder, new Delete());
    } catch (IOException e) {
      LOG.warn(
          "cannot delete the folder of a run, left behind folder={}: {}", folder, e.toString());
    }
  }

  private static final class Delete extends SimpleFileVisitor<Path> {
    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      Files.delete(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure)
        throws IOException {
      Files.delete(visited);
      return FileVisitResult.CONTINUE;
    }
  }
}
