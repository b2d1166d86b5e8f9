package dev.millrace.cache;

import dev.millrace.contracts.Topics;
import dev.millrace.runtime.HangingTransactions;
import dev.millrace.runtime.HangingTransactions.Hanging;
import dev.millrace.runtime.KafkaClients;
import dev.millrace.runtime.Resources;
import dev.millrace.runtime.Threads;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Ends transactions of the cache-store that Kafka would leave open for ever, as the death of a
/// broker can do. A ledger could not restore behind one, and workers and publishers would read no
/// further.
///
/// It looks before the application starts, and every 15 s while it lives, ready or not. Each
/// transaction is ended once: the cure fences who lives under its id, so it must not be repeated
/// where it does not help.
final class TransactionWatch implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(TransactionWatch.class);
  private static final Duration INTERVAL = Duration.ofSeconds(15);

  private final HangingTransactions transactions;
  private final String ours;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(Threads.platform("transaction-watch"));
  private final Set<Hanging> ended = new HashSet<>();
  private final Set<Hanging> told = new HashSet<>();

  private TransactionWatch(HangingTransactions transactions, String ours) {
    this.transactions = transactions;
    this.ours = ours;
  }

  /// Looks once and returns, and then looks again and again.
  ///
  /// @param application whose transactions are looked after: Streams names them after it
  static TransactionWatch start(
      KafkaClients clients, Topics topics, String application, Resources resources) {
    var watch =
        new TransactionWatch(
            new HangingTransactions(clients, topics, resources.clock()), application + "-");
    watch.look();
    var _ =
        watch.timer.scheduleWithFixedDelay(
            watch::look, INTERVAL.toMillis(), INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
    return watch;
  }

  private void look() {
    try {
      var hanging = transactions.find();
      ended.retainAll(hanging);
      told.retainAll(hanging);
      hanging.forEach(this::treat);
    } catch (KafkaException e) {
      LOG.warn("hanging transactions cannot be looked for, trying again: {}", e.getMessage());
    }
  }

  private void treat(Hanging hanging) {
    boolean mine = hanging.transactionalId().filter(id -> id.startsWith(ours)).isPresent();
    if (mine && !ended.contains(hanging)) {
      end(hanging);
    } else if (told.add(hanging)) {
      LOG.error(
          "nobody reads on behind a transaction that Kafka leaves open partition={} offset={}: {}",
          hanging.partition(),
          hanging.startOffset(),
          hanging.command());
    }
  }

  private void end(Hanging hanging) {
    try {
      transactions.end(hanging);
      ended.add(hanging);
      LOG.warn(
          "ended a transaction that Kafka had left open partition={} offset={} transactionalId={}",
          hanging.partition(),
          hanging.startOffset(),
          hanging.transactionalId().orElseThrow());
    } catch (KafkaException e) {
      LOG.warn(
          "cannot end a transaction that Kafka left open, trying again partition={}: {}",
          hanging.partition(),
          e.getMessage());
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
    transactions.close();
  }
}
