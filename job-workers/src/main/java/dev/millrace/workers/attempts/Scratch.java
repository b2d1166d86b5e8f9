package dev.millrace.workers.attempts;

import dev.millrace.runtime.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
      Folders.delete(folder);
    } catch (IOException e) {
      LOG.warn(
          "cannot delete the folder of a run, left behind folder={}: {}", folder, e.toString());
    }
  }
}
