package dev.millrace.cli;

import dev.millrace.runtime.Folders;
import dev.millrace.runtime.Settings.Sources;
import dev.millrace.standalone.Standalone;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;

/// Everything embedded for as long as one command runs, in a folder that goes with it.
final class Embedded {

  private Embedded() {}

  /// What a command does in a folder of its own, or with a product.
  interface Use<T> {
    /// Does it and returns the exit code.
    int with(T given) throws InterruptedException;
  }

  /// Starts everything on free ports, and stops and removes it at the end, also when the process is
  /// told to stop.
  static int product(Context context, Sources sources, Use<Standalone> use)
      throws InterruptedException {
    var flags = new HashMap<>(sources.flags());
    flags.putIfAbsent("http.port", "0");
    try (var _ = Shutdown.install()) {
      return folder(folder -> {
        context.say("Starting Kafka, PostgreSQL and four services …");
        var options =
            new Standalone.Options(
                folder, 0, new Sources(sources.file(), sources.environment(), flags));
        try (var standalone = Standalone.start(options, context.resources().get())) {
          return use.with(standalone);
        }
      });
    }
  }

  /// Makes a folder and removes it at the end.
  static int folder(Use<Path> use) throws InterruptedException {
    try {
      var folder = Files.createTempDirectory("millrace-");
      try {
        return use.with(folder);
      } finally {
        Folders.delete(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make a temporary folder", e);
    }
  }
}
