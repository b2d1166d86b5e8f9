package dev.millrace.cache.ledger;

import dev.millrace.cache.ledger.Ledger.LedgerSettings;
import dev.millrace.cache.ledger.Rows.Counters;
import dev.millrace.contracts.Command;
import dev.millrace.contracts.Decision;
import dev.millrace.contracts.DecisionKind;
import dev.millrace.contracts.Receipt;
import dev.millrace.contracts.RequestHash;
import dev.millrace.contracts.Setting;
import dev.millrace.contracts.Tier;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a partition does on a command. Each is applied once; one that comes again gets its receipt
/// again.
final class Commands {

  private static final Logger LOG = LoggerFactory.getLogger(Commands.class);

  /// How long whoever reads committed entries may still give an answer that was invalidated: the
  /// receipt comes after that.
  private static final Duration READERS_LAG = Duration.ofSeconds(2);

  private final Ledger ledger;
  private final Stores stores;
  private final Prefixes prefixes;
  private final Outbox outbox;
  private final DryRuns dryRuns;
  private final InstantSource clock;
  private final LedgerSettings settings;
  private final int partition;

  Commands(
      Ledger ledger,
      Stores stores,
      Prefixes prefixes,
      View view,
      Outbox outbox,
      InstantSource clock,
      LedgerSettings settings,
      int partition) {
    this.ledger = ledger;
    this.stores = stores;
    this.prefixes = prefixes;
    this.outbox = outbox;
    this.dryRuns = new DryRuns(stores, view, this::counted);
    this.clock = clock;
    this.settings = settings;
    this.partition = partition;
  }

  void apply(Command command, String cause) {
    var id = command.commandId();
    if (id == null) {
      throw new IllegalStateException("an admitted command has an id: " + command);
    }
    var now = clock.instant();
    var known = stores.receipt(id);
    if (known != null) {
      boolean given = !known.at().isAfter(now);
      if (given) {
        outbox.receipt(known);
      }
    } else if (!dryRuns.underWay(id)) {
      apply(id, command, cause, now);
    }
  }

  private void apply(String id, Command command, String cause, Instant now) {
    try {
      if (command instanceof Command.Invalidate invalidate && invalidate.dry()) {
        dryRuns.begin(id, invalidate, now);
        return;
      }
      var met = carryOut(command, cause, now);
      boolean later = command instanceof Command.Invalidate;
      var at = later ? now.plus(READERS_LAG) : now;
      answer(receipt(id, met.found(), null, met.warmUp(), null, at), now);
    } catch (KafkaException e) {
      throw e;
    } catch (RuntimeException e) {
      LOG.error(
          "command not carried out id={} command={}", id, command.getClass().getSimpleName(), e);
      answer(receipt(id, 0, null, null, String.valueOf(e.getMessage()), now), now);
    }
  }

  /// Goes on with what dry runs count.
  void count() {
    dryRuns.slice(clock.instant());
  }

  private void counted(String id, long found, long recomputeMs, @Nullable String error) {
    var now = clock.instant();
    answer(receipt(id, found, recomputeMs, null, error, now), now);
  }

  /// Gives the receipt when its time has come.
  private void answer(Receipt receipt, Instant now) {
    var id = receipt.commandId();
    stores.putReceipt(id, receipt);
    stores.add(new Due(Due.Kind.COMMAND, now.plus(settings.dedupeWindow()), id, ""));
    if (receipt.at().isAfter(now)) {
      stores.add(new Due(Due.Kind.RECEIPT, receipt.at(), id, ""));
    } else {
      give(receipt, now);
    }
  }

  /// The time of a receipt has come.
  void due(String commandId) {
    give(Objects.requireNonNull(stores.receipt(commandId)), clock.instant());
  }

  /// The clock of whoever takes over begins no earlier: behind it, a receipt that was given would
  /// seem to be one to come.
  private void give(Receipt receipt, Instant now) {
    outbox.receipt(receipt);
    stores.put(ledger.counters().at(now));
  }

  private Receipt receipt(
      String id,
      long found,
      @Nullable Long recomputeMs,
      Receipt.@Nullable WarmUp warmUp,
      @Nullable String error,
      Instant at) {
    return new Receipt(
        id, partition, settings.partitions(), error == null, found, recomputeMs, warmUp, error, at);
  }

  /// What a command met here.
  private record Met(long found, Receipt.@Nullable WarmUp warmUp) {

    static Met of(long found) {
      return new Met(found, null);
    }
  }

  private Met carryOut(Command command, String cause, Instant now) {
    return switch (command) {
      case Command.Cancel cancel ->
          Met.of(cancel(cancel, cause, now.plus(settings.dedupeWindow())));
      case Command.Invalidate invalidate -> Met.of(invalidate(invalidate, cause, now));
      case Command.Pause pause -> Met.of(lane(pause.lane(), true, now));
      case Command.Resume resume -> Met.of(lane(resume.lane(), false, now));
      case Command.WarmUp warmUp -> warmUp(warmUp, cause);
    };
  }

  private Met warmUp(Command.WarmUp warmUp, String cause) {
    var became = Receipt.WarmUp.NOTHING;
    for (var warm : warmUp.wanted()) {
      var step = ledger.step(warm.request().requestHash(), cause);
      became = became.plus(WarmUps.take(step, warm));
      carryOut(step);
    }
    return new Met(became.all(), became);
  }

  /// What was decided is done whole or not at all: a failure in the middle aborts the transaction,
  /// as it does for every other record.
  private void carryOut(Step step) {
    try {
      ledger.carryOut(step);
    } catch (RuntimeException e) {
      throw e instanceof KafkaException ? e : new KafkaException("half carried out", e);
    }
  }

  private long cancel(Command.Cancel cancel, String cause, Instant forgetAt) {
    var requests = stores.requests(cancel.organizationId(), cancel.requestId());
    requests.forEach((key, row) -> {
      var step = ledger.step(key.hash(), cause);
      Leaving.cancel(step, key, row);
      carryOut(step);
    });
    if (requests.isEmpty()) {
      stores.rememberCancel(cancel.organizationId(), cancel.requestId());
      stores.add(
          new Due(
              Due.Kind.REQUEST,
              forgetAt,
              Stores.callerKey(cancel.organizationId(), cancel.requestId()),
              ""));
    }
    return requests.size();
  }

  /// Raises the partition's generation and notes it on the subject: whatever is older is untrue
  /// from now on, without looking at any entry.
  private long invalidate(Command.Invalidate invalidate, String cause, Instant now) {
    var hash = invalidate.hash();
    if (hash != null && hash.partition(settings.partitions()) != partition) {
      return 0;
    }
    var subject = Subject.of(invalidate);
    var counters = ledger.counters();
    long generation = counters.generation() + 1;
    long sequence = counters.sequence() + 1;
    stores.put(
        new Counters(
            counters.epoch(), generation, sequence, counters.number(), now.toEpochMilli()));
    stores.invalidate(subject, generation);
    prefixes.note(subject);
    outbox.decision(invalidated(subject.key(), hash, generation, sequence, cause, now));
    return hash != null && stores.entry(hash).answer() == null ? 0 : 1;
  }

  private Decision invalidated(
      String subject,
      @Nullable RequestHash hash,
      long generation,
      long sequence,
      String cause,
      Instant now) {
    return new Decision(
        DecisionKind.INVALIDATED,
        null,
        null,
        hash,
        null,
        null,
        null,
        null,
        null,
        null,
        subject,
        generation,
        null,
        null,
        partition,
        sequence,
        cause,
        now);
  }

  /// One partition says it for all.
  private long lane(Tier lane, boolean paused, Instant now) {
    if (partition == 0) {
      outbox.setting(new Setting(Setting.lane(lane), paused, null, null, now));
    }
    return 1;
  }
}
