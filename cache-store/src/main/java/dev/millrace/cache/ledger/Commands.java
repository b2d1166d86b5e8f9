package dev.millrace.cache.ledger;

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
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a partition does on a command. Each is applied once; one that comes again gets its receipt
/// again.
final class Commands {

  private static final Logger LOG = LoggerFactory.getLogger(Commands.class);

  private final Ledger ledger;
  private final Stores stores;
  private final Outbox outbox;
  private final int partitions;
  private final int partition;

  Commands(Ledger ledger, Stores stores, Outbox outbox, int partitions, int partition) {
    this.ledger = ledger;
    this.stores = stores;
    this.outbox = outbox;
    this.partitions = partitions;
    this.partition = partition;
  }

  void apply(Command command, String cause, Instant now, Duration window) {
    var id = command.commandId();
    if (id == null) {
      throw new IllegalStateException("an admitted command has an id: " + command);
    }
    var known = stores.receipt(id);
    if (known != null) {
      outbox.receipt(known);
      return;
    }
    Receipt receipt;
    try {
      long found = carryOut(command, cause, now, now.plus(window));
      receipt = new Receipt(id, partition, partitions, true, found, null, null, now);
    } catch (KafkaException e) {
      throw e;
    } catch (RuntimeException e) {
      LOG.error("command not carried out {}", command, e);
      receipt =
          new Receipt(
              id, partition, partitions, false, 0, null, String.valueOf(e.getMessage()), now);
    }
    stores.putReceipt(id, receipt);
    stores.add(new Due(Due.Kind.COMMAND, now.plus(window), id, ""));
    outbox.receipt(receipt);
  }

  private long carryOut(Command command, String cause, Instant now, Instant forgetAt) {
    return switch (command) {
      case Command.Cancel cancel -> cancel(cancel, cause, forgetAt);
      case Command.Invalidate invalidate -> invalidate(invalidate, cause, now);
      case Command.Pause pause -> lane(pause.lane(), true, now);
      case Command.Resume resume -> lane(resume.lane(), false, now);
      case Command.WarmUp warmUp -> warmUp.count() == null ? 0 : warmUp.count();
    };
  }

  private long cancel(Command.Cancel cancel, String cause, Instant forgetAt) {
    var requests = stores.requests(cancel.organizationId(), cancel.requestId());
    requests.forEach((key, row) -> {
      var step = ledger.step(key.hash(), cause);
      Leaving.cancel(step, key, row);
      ledger.carryOut(step);
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
    if (hash != null && hash.partition(partitions) != partition) {
      return 0;
    }
    var subject = subject(invalidate);
    var counters = ledger.counters();
    long generation = counters.generation() + 1;
    long sequence = counters.sequence() + 1;
    stores.put(
        new Counters(
            counters.epoch(), generation, sequence, counters.number(), now.toEpochMilli()));
    stores.invalidate(subject, generation);
    outbox.decision(invalidated(subject, hash, generation, sequence, cause, now));
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

  private static String subject(Command.Invalidate invalidate) {
    if (invalidate.tag() != null) {
      return "tag:" + invalidate.tag();
    }
    if (invalidate.type() != null) {
      return "type:" + invalidate.type();
    }
    if (invalidate.hash() != null) {
      return "hash:" + invalidate.hash().hex();
    }
    throw new IllegalStateException("an invalidation names a tag, a type or a hash");
  }

  /// One partition says it for all.
  private long lane(Tier lane, boolean paused, Instant now) {
    if (partition == 0) {
      outbox.setting(new Setting(Setting.lane(lane), paused, null, null, now));
    }
    return 1;
  }
}
