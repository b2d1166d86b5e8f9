package dev.millrace.cache;

import dev.millrace.contracts.Topics;
import dev.millrace.runtime.HangingTransactions;
import dev.millrace.runtime.HangingTransactions.Hanging;
import dev.millrace.runtime.KafkaClients;
import dev.millrace.runtime.Resources;
import dev.millrace.runtime.Threads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Ends transactions of the cache-store that Kafka would leave open for ever, as the death of a
/// broker can do. A ledger could not restore behind one, and workers and publishers would read no
/// further.
///
/// It looks before the application starts, and every 15 s while it lives, ready or not. What one
/// transactional id left open is ended together, because each [attempt][Attempts] fences who lives
/// under that id. Where that does not help, attempts become rare, and the log says what an
/// administrator can do.
final class TransactionWatch implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(TransactionWatch.class);
  private static final Duration INTERVAL = Duration.ofSeconds(15);

  private final HangingTransactions transactions;
  private final String ours;
  private final Attempts attempts;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(Threads.platform("transaction-watch"));
  private final Set<Hanging> told = new HashSet<>();

  private TransactionWatch(HangingTransactions transactions, String ours, LongSupplier nanoTime) {
    this.transactions = transactions;
    this.ours = ours;
    this.attempts = new Attempts(nanoTime);
  }

  /// Looks once and returns, and then looks again and again.
  ///
  /// @param application whose transactions are looked after: Streams names them after it
  static TransactionWatch start(
      KafkaClients clients, Topics topics, String application, Resources resources) {
    var watch =
        new TransactionWatch(
            new HangingTransactions(clients, topics, resources.clock()),
            application + "-",
            resources.nanoTime());
    watch.look();
    var _ =
        watch.timer.scheduleWithFixedDelay(
            watch::look, INTERVAL.toMillis(), INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
    return watch;
  }

  private void look() {
    try {
      var hanging = transactions.find();
      told.retainAll(hanging);
      var mine =
          hanging.stream()
              .filter(one -> one.transactionalId().filter(id -> id.startsWith(ours)).isPresent())
              .collect(Collectors.groupingBy(one -> one.transactionalId().orElseThrow()));
      attempts.retain(mine.keySet());
      var left = new ArrayList<>(hanging);
      mine.forEach((id, its) -> {
        if (attempts.begin(id)) {
          left.removeAll(its);
          end(id, its);
        }
      });
      left.stream().filter(told::add).forEach(TransactionWatch::tell);
    } catch (RuntimeException e) { // the timer would drop a look that throws, and all further ones
      LOG.warn("hanging transactions cannot be looked for, trying again: {}", e.toString());
    }
  }

  private void end(String transactionalId, List<Hanging> hanging) {
    try {
      transactions.end(transactionalId, hanging);
      LOG.warn(
          "ended a transaction that Kafka had left open transactionalId={} at={}",
          transactionalId,
          places(hanging));
    } catch (RuntimeException e) {
      LOG.warn(
          "cannot end a transaction that Kafka left open, trying again transactionalId={} at={}:"
              + " {}",
          transactionalId,
          places(hanging),
          e.toString());
    }
  }

  private static List<String> places(List<Hanging> hanging) {
    return hanging.stream().map(one -> one.partition() + ":" + one.startOffset()).toList();
  }

  private static void tell(Hanging hanging) {
    LOG.error(
        "nobody reads on behind a transaction that Kafka leaves open partition={} offset={}: {}",
        hanging.partition(),
        hanging.startOffset(),
        hanging.command());
  }

  @Override
  public void close() {
    timer.shutdownNow();
    transactions.close();
  }
}
