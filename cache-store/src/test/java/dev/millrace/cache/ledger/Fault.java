package dev.millrace.cache.ledger;

import org.apache.kafka.common.utils.Bytes;
import org.jspecify.annotations.Nullable;

/// Something that is wrong with a simulated ledger.
class Fault {

  static final Fault NONE = new Fault();

  /// What the ledger's monotonic clock shows.
  long nanos(long nanos) {
    return nanos;
  }

  /// What a store gives for a key.
  byte @Nullable [] read(SimulatedLedger ledger, Kind store, Bytes key, byte @Nullable [] value) {
    return value;
  }

  /// What a store is given to write; null deletes.
  byte @Nullable [] written(
      SimulatedLedger ledger, Kind store, Bytes key, byte @Nullable [] value) {
    return value;
  }

  /// What leaves the ledger; null: nothing.
  @Nullable Object sent(SimulatedLedger ledger, Object value) {
    return value;
  }

  /// Whether a new process finds the rows of a store.
  boolean inherits(Kind store) {
    return true;
  }
}
