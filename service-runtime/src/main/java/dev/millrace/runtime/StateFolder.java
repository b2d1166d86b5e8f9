package dev.millrace.runtime;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Supplier;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsException;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The folder of a Streams application's stores. Whatever lies there is in the changelogs too, so a
/// store that cannot be opened stops nobody: the folder of its task is set aside, for whoever wants
/// to look, and Kafka Streams builds it anew.
///
/// Only opening needs this: Kafka Streams opens all that lies there when it starts, and gives up at
/// the first failure. When a broken block is found later, by reading it, the thread dies, its task
/// is wiped and restored, because that is what exactly-once does with every task that did not end
/// cleanly.
public final class StateFolder {

  private static final Logger LOG = LoggerFactory.getLogger(StateFolder.class);
  private static final String ASIDE = ".corrupt-";

  private final Path folder;
  private final Resources resources;

  private StateFolder(Path folder, Resources resources) {
    this.folder = folder;
    this.resources = resources;
  }

  /// The folder of one application.
  ///
  /// @param properties of the application: where its stores lie, and its id
  public static StateFolder of(Properties properties, Resources resources) {
    var stateDir = Path.of((String) properties.get(StreamsConfig.STATE_DIR_CONFIG));
    var id = (String) properties.get(StreamsConfig.APPLICATION_ID_CONFIG);
    return new StateFolder(stateDir.toAbsolutePath().normalize().resolve(id), resources);
  }

  /// Starts an application, each time a new one until none of its stores is broken. A task's folder
  /// is set aside once: when it fails again, something else is wrong.
  public KafkaStreams start(Supplier<KafkaStreams> application) {
    var aside = new HashSet<Path>();
    while (true) {
      var streams = application.get();
      try {
        streams.start();
        return streams;
      } catch (StreamsException e) {
        KafkaClients.close(streams);
        var broken = broken(e).filter(aside::add).orElseThrow(() -> e);
        setAside(broken, e);
      }
    }
  }

  /// The folder of the task that has a broken store, when that is what failed. Kafka Streams says
  /// it in words only.
  Optional<Path> broken(StreamsException failure) {
    var corruption = corruption(failure);
    if (corruption.isEmpty()) {
      return Optional.empty();
    }
    var words = failure.getMessage() + " " + corruption.get().getMessage();
    try (var tasks = Files.list(folder)) {
      return tasks
          .filter(task -> words.contains(folder.getFileName() + "/" + task.getFileName() + "/"))
          .findFirst();
    } catch (IOException e) {
      failure.addSuppressed(e);
      return Optional.empty();
    }
  }

  /// What RocksDB found broken or missing. Not a full disk, a lock, or too many open files.
  private static Optional<RocksDBException> corruption(Throwable failure) {
    for (var cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof RocksDBException rocks && rocks.getStatus() != null) {
        boolean missing =
            rocks.getStatus().getCode() == Status.Code.IOError
                && String.valueOf(rocks.getMessage()).contains("No such file");
        return missing || rocks.getStatus().getCode() == Status.Code.Corruption
            ? Optional.of(rocks)
            : Optional.empty();
      }
    }
    return Optional.empty();
  }

  private void setAside(Path task, StreamsException failure) {
    var name = task.getFileName() + ASIDE + resources.clock().instant().toEpochMilli();
    try {
      forgetEarlier(task);
      Files.move(task, folder.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot set the broken folder " + task + " aside", e);
    }
    LOG.error(
        "stores cannot be opened, so they are set aside and rebuilt from the changelog"
            + " folder={} kept={} cause={}",
        task,
        name,
        corruption(failure).map(RocksDBException::getMessage).orElse(""));
    resources.meters().counter("state.rebuilds").increment();
  }

  /// One is kept of each task: a disk that breaks again and again must not fill itself.
  private void forgetEarlier(Path task) throws IOException {
    try (var earlier = Files.newDirectoryStream(folder, task.getFileName() + ASIDE + "*")) {
      for (var one : earlier) {
        Folders.delete(one);
      }
    }
  }
}
