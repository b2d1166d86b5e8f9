package dev.millrace.cache.eviction;

import dev.millrace.contracts.RequestHash;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// A cache that looks at every answer to find the one to go, by the definition of its policy: slow,
/// and plain enough to be believed.
final class NaiveCache {

  private static final class Row {
    private final RequestHash hash;
    private long bytes;
    private long costMs;
    private long storedAt;
    private long usedAt;
    private int uses;
    private double priority;

    private Row(RequestHash hash) {
      this.hash = hash;
    }
  }

  private final EvictionPolicy policy;
  private final Budget budget;
  private final List<Row> rows = new ArrayList<>();
  private long time;
  private double floor;

  NaiveCache(EvictionPolicy policy, Budget budget) {
    this.policy = policy;
    this.budget = budget;
  }

  List<RequestHash> members() {
    return rows.stream().map(row -> row.hash).toList();
  }

  long bytes() {
    return rows.stream().mapToLong(row -> row.bytes).sum();
  }

  List<RequestHash> put(RequestHash hash, long bytes, long costMs) {
    time++;
    var row = rows.stream().filter(known -> known.hash.equals(hash)).findFirst().orElse(null);
    rows.remove(row);
    var gone = new ArrayList<RequestHash>();
    while (rows.size() + 1 > budget.entries() || bytes() + bytes > budget.bytes()) {
      var victim = rows.stream().min(order()).orElseThrow();
      floor = victim.priority;
      rows.remove(victim);
      gone.add(victim.hash);
    }
    if (row == null) {
      row = new Row(hash);
      row.storedAt = time;
    }
    row.bytes = bytes;
    row.costMs = costMs;
    rows.add(row);
    use(row);
    return gone;
  }

  void hit(RequestHash hash) {
    time++;
    rows.stream().filter(known -> known.hash.equals(hash)).findFirst().ifPresent(this::use);
  }

  void remove(RequestHash hash) {
    rows.removeIf(row -> row.hash.equals(hash));
  }

  private void use(Row row) {
    row.uses++;
    row.usedAt = time;
    row.priority = floor + (double) row.uses * row.costMs / row.bytes;
  }

  private Comparator<Row> order() {
    return switch (policy) {
      case LRU -> Comparator.comparingLong(row -> row.usedAt);
      case LFU ->
          Comparator.<Row>comparingInt(row -> row.uses).thenComparingLong(row -> row.usedAt);
      case FIFO -> Comparator.comparingLong(row -> row.storedAt);
      case COST_AWARE ->
          Comparator.<Row>comparingDouble(row -> row.priority).thenComparingLong(row -> row.usedAt);
      case RANDOM -> throw new IllegalArgumentException("nobody can foresee a random choice");
    };
  }
}
