package dev.millrace.cache.ledger;

import org.apache.kafka.common.utils.Bytes;

/// The kinds of rows of a ledger. Those of one kind lie together: their keys begin with its code.
///
/// Every store is a changelog too, and every commit adds each changelog it wrote to its
/// transaction. So the kinds share two: small rows that nearly every event writes, and large values
/// that would make the others slow to compact.
enum Kind {
  /// By hash: the answer, the job in flight.
  ENTRIES('e', Store.LEDGER),
  /// By hash: the result of the answer.
  RESULTS('r', Store.ANSWERS),
  /// By job.
  PARAMS('p', Store.ANSWERS),
  /// By hash, cohort and number.
  WAITERS('w', Store.LEDGER),
  /// By caller, request id and hash; and by the first two, a cancel that came before its request.
  REQUESTS('q', Store.LEDGER),
  /// By command id.
  COMMANDS('c', Store.LEDGER),
  /// By hash.
  RUNNING('u', Store.LEDGER),
  /// By hash and number. They carry results.
  ENDINGS('n', Store.ANSWERS),
  /// By what [Due] says.
  DUE('d', Store.LEDGER),
  /// By [Subject].
  INVALIDATIONS('i', Store.LEDGER),
  /// One row.
  COUNTERS('#', Store.LEDGER);

  /// The stores.
  enum Store {
    LEDGER("ledger"),
    ANSWERS("answers");

    private final String title;

    Store(String title) {
      this.title = title;
    }

    /// Its name, and that of its changelog.
    String title() {
      return title;
    }
  }

  private final byte code;
  private final Store store;

  Kind(char code, Store store) {
    this.code = (byte) code;
    this.store = store;
  }

  /// The kind of a row with this key.
  static Kind of(Bytes placed) {
    for (var kind : values()) {
      if (kind.code == placed.get()[0]) {
        return kind;
      }
    }
    throw new IllegalArgumentException("no kind of row has the code " + placed.get()[0]);
  }

  byte code() {
    return code;
  }

  Store store() {
    return store;
  }
}
