package dev.millrace.bench;

import dev.millrace.cache.CacheConfig;
import dev.millrace.chaos.Child;
import dev.millrace.runtime.CommonConfig;
import dev.millrace.runtime.TopicAdmin;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.apache.kafka.clients.admin.Admin;

/// What a known answer costs when one, two and four instances of the cache-store share the
/// partitions, all on this machine: the first in this process, the others in their own.
public final class InstancesBench {

  private static final List<Integer> INSTANCES = List.of(1, 2, 4);
  private static final int KNOWN = 100;
  private static final long PATIENCE_NANOS = 120_000_000_000L;

  private final Stand stand;
  private final Gauge gauge;
  private final Path folder;
  private final Timer timer = Timer.system();

  /// @param folder for the stores and logs of the other processes
  public InstancesBench(Stand stand, Extent extent, Path folder) {
    this.stand = stand;
    this.gauge = new Gauge(stand, extent);
    this.folder = folder;
  }

  public void run(Consumer<Row> rows) throws InterruptedException {
    Deque<Child> others = new ArrayDeque<>();
    try {
      for (int instances : INSTANCES) {
        while (others.size() + 1 < instances) {
          others.push(another(others.size() + 2));
        }
        rows.accept(measure(instances));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("a cache-store did not start, see " + folder, e);
    } finally {
      others.forEach(Child::close);
    }
  }

  private Row measure(int instances) throws InterruptedException {
    awaitOwners(instances);
    var keys = stand.fresh();
    IntFunction<Ask> known = n -> Ask.of(keys + n % KNOWN, 0);
    gauge.ask(KNOWN, stand.topics(), known);
    return gauge.known("instances-" + instances, known);
  }

  /// Waits until each has partitions.
  private void awaitOwners(int instances) throws InterruptedException {
    long end = timer.nanoTime() + PATIENCE_NANOS;
    try (var admin = stand.clients().admin()) {
      while (owners(admin) < instances) {
        if (timer.nanoTime() > end) {
          throw new IllegalStateException(
              "the partitions are still shared by %d of %d instances, see %s"
                  .formatted(owners(admin), instances, folder));
        }
        timer.await(timer.nanoTime() + 100_000_000);
      }
    }
  }

  private long owners(Admin admin) throws InterruptedException {
    var group = TopicAdmin.group(stand.names(), "cache-store");
    try {
      return admin.describeConsumerGroups(List.of(group)).all().get().values().stream()
          .flatMap(description -> description.members().stream())
          .filter(member -> !member.assignment().topicPartitions().isEmpty())
          .map(member -> clientOf(member.clientId()))
          .distinct()
          .count();
    } catch (ExecutionException e) {
      throw new IllegalStateException("cannot describe the group " + group, e.getCause());
    }
  }

  /// The client id of a Streams thread's consumer without what names the thread.
  private static String clientOf(String clientId) {
    int thread = clientId.indexOf("-StreamThread-");
    return thread < 0 ? clientId : clientId.substring(0, thread);
  }

  private Child another(int number) throws IOException {
    var name = "cache-store-" + number;
    var child =
        Child.start(
            List.of(
                "cache-store",
                "--json",
                "--bootstrap-server",
                stand.clients().bootstrapServers(),
                "--set",
                CommonConfig.TOPIC_PREFIX + "=" + stand.names().prefix(),
                "--set",
                CacheConfig.STATE_DIR + "=" + folder.resolve(name)),
            Map.of(),
            folder.resolve("logs").resolve(name + ".log"));
    child.awaitReady();
    return child;
  }
}
