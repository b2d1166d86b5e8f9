package dev.millrace.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Properties;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rocksdb.FlushOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/// Which failures to open a store mean that it is broken. What then becomes of it is tested with a
/// broker: `BrokenStateIT`.
class StateFolderTest {

  @TempDir Path stateDir;

  private Path task;
  private Path store;
  private StateFolder folder;

  @BeforeEach
  void fill() throws Exception {
    task = stateDir.resolve("app").resolve("0_1");
    store = Files.createDirectories(task.resolve("rocksdb").resolve("ledger"));
    Files.createDirectories(stateDir.resolve("app").resolve("0_11"));
    RocksDB.loadLibrary();
    try (var options = new Options().setCreateIfMissing(true);
        var flush = new FlushOptions();
        var rocks = RocksDB.open(options, store.toString())) {
      rocks.put(new byte[] {1}, new byte[100]);
      rocks.flush(flush);
    }
    var properties = new Properties();
    properties.put(StreamsConfig.STATE_DIR_CONFIG, stateDir.toString());
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "app");
    folder = StateFolder.of(properties, Resources.system());
  }

  @ParameterizedTest
  @CsvSource({"MANIFEST-*,0", "MANIFEST-*,20", "CURRENT,0", "*.sst,0", "*.sst,100"})
  void a_file_cut_short_is_a_broken_task(String file, int length) throws Exception {
    var bytes = Files.readAllBytes(find(file));
    Files.write(find(file), Arrays.copyOf(bytes, length));

    assertThat(folder.broken(failure())).contains(task);
  }

  @ParameterizedTest
  @CsvSource({"MANIFEST-*", "CURRENT", "*.sst"})
  void so_is_a_file_that_is_gone(String file) throws Exception {
    Files.delete(find(file));

    assertThat(folder.broken(failure())).contains(task);
  }

  @Test
  void so_is_one_that_only_rocksdb_names() throws Exception {
    Files.write(find("*.sst"), new byte[0]);

    assertThat(folder.broken(failure("Error opening store ledger"))).contains(task);
  }

  @Test
  void one_that_another_holds_is_not() throws Exception {
    try (var options = new Options();
        var held = RocksDB.open(options, store.toString())) {
      assertThat(held.isOwningHandle()).isTrue();
      assertThat(folder.broken(failure())).isEmpty();
    }
  }

  @Test
  void nor_is_any_other_failure() {
    assertThat(folder.broken(new ProcessorStateException("at location " + store))).isEmpty();
  }

  /// What Kafka Streams throws when it opens the store.
  private ProcessorStateException failure() {
    return failure("Error opening store ledger at location " + store);
  }

  private ProcessorStateException failure(String message) {
    try (var options = new Options().setCreateIfMissing(true);
        var rocks = RocksDB.open(options, store.toString())) {
      throw new AssertionError("it opened: " + rocks);
    } catch (RocksDBException e) {
      return new ProcessorStateException(message, e);
    }
  }

  private Path find(String name) throws IOException {
    try (var found = Files.newDirectoryStream(store, name)) {
      return found.iterator().next();
    }
  }
}
