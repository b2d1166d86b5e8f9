package dev.millrace.standalone;

import static dev.millrace.standalone.Caller.PATIENCE;
import static dev.millrace.standalone.Caller.simulation;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.contracts.Source;
import dev.millrace.contracts.Tier;
import dev.millrace.runtime.CommonConfig;
import dev.millrace.runtime.Resources;
import dev.millrace.runtime.Service;
import dev.millrace.runtime.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// The ledger's stores are damaged while it is stopped.
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class BrokenStateIT {

  @RegisterExtension static final SharedBroker BROKER = new SharedBroker();

  @TempDir static Path folder;

  private static final List<Service> SERVICES = new ArrayList<>();
  private static final Resources RESOURCES = Resources.system();
  private static Settings settings;
  private static Caller caller;

  @BeforeAll
  static void start() {
    var flags =
        Map.of(
            CommonConfig.BOOTSTRAP_SERVERS,
            BROKER.bootstrapServers(),
            CommonConfig.TOPIC_PREFIX,
            BROKER.topicPrefix(),
            CommonConfig.BLOBS_DIR,
            folder.resolve("blobs").toString(),
            "state.dir",
            folder.resolve("state").toString());
    settings = Installation.cluster(flags);
    SERVICES.add(Part.INTAKE.start(settings, RESOURCES));
    SERVICES.add(Part.WORKERS.start(settings, RESOURCES));
    caller = Caller.of(BROKER.bootstrapServers(), BROKER.topicPrefix());
    await().atMost(PATIENCE).until(() -> SERVICES.stream().allMatch(Service::ready));
  }

  @AfterAll
  static void stop() {
    caller.close();
    SERVICES.forEach(Service::close);
  }

  @Test
  void what_cannot_be_opened_is_set_aside_and_rebuilt_and_a_hit_stays_a_hit() throws Exception {
    var campaigns = IntStream.range(0, 12).mapToObj(i -> "cmp_" + i).toList();
    try (var ledger = ledger()) {
      assertThat(ledger.ready()).isTrue();
      ask("computed", campaigns, Source.COMPUTED);
    }

    for (var store : stores("ledger")) {
      Files.write(store.resolve("CURRENT"), new byte[0]);
    }
    try (var ledger = ledger()) {
      assertThat(ledger.ready()).isTrue();
      ask("after-current", campaigns, Source.CACHED);
    }
    int partitions = stores("ledger").size();
    assertThat(aside()).hasSize(partitions);
    assertThat(rebuilds()).isEqualTo(partitions);

    for (var store : stores("answers")) {
      Files.delete(largest(store, "MANIFEST-*"));
    }
    try (var ledger = ledger()) {
      assertThat(ledger.ready()).isTrue();
      ask("after-manifest", campaigns, Source.CACHED);
    }
    assertThat(aside()).as("one is kept of each task").hasSize(partitions);
    assertThat(rebuilds()).isEqualTo(2.0 * partitions);
  }

  @Test
  void a_block_that_cannot_be_read_is_rebuilt_when_it_is_met() throws Exception {
    var campaigns = IntStream.range(100, 112).mapToObj(i -> "cmp_" + i).toList();
    try (var ledger = ledgerOfItsOwn()) {
      ask("first", campaigns, Source.COMPUTED);
      assertThat(ledger.terminate()).isZero();
    }

    for (var store : stores("answers")) {
      damage(largest(store, "*.sst"));
    }
    try (var ledger = ledgerOfItsOwn()) {
      ask("damaged", campaigns, Source.CACHED);
      assertThat(ledger.terminate()).isZero();
    }
  }

  private static Service ledger() {
    var ledger = Part.CACHE_STORE.start(settings, RESOURCES);
    await().atMost(PATIENCE).until(ledger::ready);
    return ledger;
  }

  /// In another process, because in this one the blocks may still be in memory.
  private static ChildJvm ledgerOfItsOwn() throws IOException {
    var child =
        ChildJvm.start(
            CommandLineChild.class,
            "cache-store",
            "--json",
            "--bootstrap-server",
            BROKER.bootstrapServers(),
            "--set",
            CommonConfig.TOPIC_PREFIX + "=" + BROKER.topicPrefix(),
            "--set",
            "state.dir=" + folder.resolve("state"));
    assertThat(child.line()).contains("\"ready\":true");
    return child;
  }

  private static void ask(String as, List<String> campaigns, Source source) {
    campaigns.forEach(
        campaign -> caller.send(Tier.FREE, simulation(as + "-" + campaign, campaign)));
    for (var campaign : campaigns) {
      assertThat(caller.end(as + "-" + campaign).source()).as(as).isEqualTo(source);
    }
  }

  private static double rebuilds() {
    return RESOURCES.meters().get("state.rebuilds").counter().count();
  }

  /// The folders of one store, one of each partition.
  private static List<Path> stores(String name) throws IOException {
    try (var all = Files.walk(folder.resolve("state"))) {
      return all.filter(path -> path.endsWith("rocksdb/" + name))
          .filter(path -> !path.toString().contains(".corrupt-"))
          .toList();
    }
  }

  private static List<Path> aside() throws IOException {
    try (var all = Files.walk(folder.resolve("state"), 2)) {
      return all.filter(path -> path.getFileName().toString().contains(".corrupt-")).toList();
    }
  }

  private static Path largest(Path store, String name) throws IOException {
    try (var found = Files.newDirectoryStream(store, name)) {
      return Collections.max(
          StreamSupport.stream(found.spliterator(), false).toList(),
          Comparator.comparingLong(file -> file.toFile().length()));
    }
  }

  /// Turns bits over at the beginning, where the rows are: it can still be opened.
  private static void damage(Path table) throws IOException {
    var bytes = Files.readAllBytes(table);
    for (int i = 0; i < Math.min(64, bytes.length); i++) {
      bytes[i] ^= 0x55;
    }
    Files.write(table, bytes);
  }
}
