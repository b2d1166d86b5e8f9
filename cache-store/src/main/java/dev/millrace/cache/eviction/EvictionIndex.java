package dev.millrace.cache.eviction;

import dev.millrace.cache.eviction.Budget.Limit;
import dev.millrace.cache.eviction.EvictionPolicy.Use;
import dev.millrace.contracts.RequestHash;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/// All answers of a cache in the order in which they would go: a binary heap of slots, the lowest
/// score first. A hit, a store and an eviction cost O(log n); an answer takes about a hundred bytes
/// (`EvictionIndexTest` measures). Not thread-safe.
public final class EvictionIndex {

  private final EvictionPolicy policy;
  private final Budget budget;
  private final RandomGenerator random;
  private final HashSlots slots = new HashSlots();

  private double[] score = {};
  private long[] usedAt = {};
  private long[] bytes = {};
  private int[] costMs = {};
  private int[] frequency = {};
  private int[] place = {};
  private int[] heap = {};
  private int size;
  private long totalBytes;
  private long tick;
  private double floor;

  /// An answer that has to go.
  ///
  /// @param limit the part of the budget that had no room
  public record Victim(RequestHash hash, Limit limit) {}

  public EvictionIndex(EvictionPolicy policy, Budget budget, RandomGenerator random) {
    this.policy = policy;
    this.budget = budget;
    this.random = random;
  }

  public EvictionPolicy policy() {
    return policy;
  }

  public Budget budget() {
    return budget;
  }

  public int entries() {
    return size;
  }

  public long bytes() {
    return totalBytes;
  }

  public boolean contains(RequestHash hash) {
    return slots.find(hash) != HashSlots.NONE;
  }

  /// Makes room for an answer and takes it in. One that is there already, and was computed again,
  /// keeps its fame.
  ///
  /// @param most how many may go at once; what is too much then is left for [#trim]
  /// @return who has gone for it
  public List<Victim> put(RequestHash hash, long answerBytes, long answerCostMs, int most) {
    int uses = 0;
    double scoreSoFar = 0;
    int known = slots.find(hash);
    if (known != HashSlots.NONE) {
      uses = frequency[known];
      scoreSoFar = score[known];
      remove(known);
    }
    long needed = Math.max(1, answerBytes);
    var victims = makeRoom(1, needed, most);
    int slot = slots.add(hash);
    ensureCapacity();
    bytes[slot] = needed;
    costMs[slot] = Math.clamp(answerCostMs, 1, Integer.MAX_VALUE);
    frequency[slot] = uses;
    score[slot] = scoreSoFar;
    append(slot);
    use(slot);
    return victims;
  }

  /// An answer was given; one that is not here is ignored.
  public void hit(RequestHash hash) {
    int slot = slots.find(hash);
    if (slot != HashSlots.NONE) {
      use(slot);
    }
  }

  /// An answer is no more, for another reason than room.
  public void remove(RequestHash hash) {
    int slot = slots.find(hash);
    if (slot != HashSlots.NONE) {
      remove(slot);
    }
  }

  /// Takes out what is over the budget, at most `most` at once.
  public List<Victim> trim(int most) {
    return makeRoom(0, 0, most);
  }

  private List<Victim> makeRoom(int moreEntries, long moreBytes, int most) {
    var victims = new ArrayList<Victim>();
    while (size > 0 && victims.size() < most) {
      var limit = budget.exceeded((long) size + moreEntries, totalBytes + moreBytes);
      if (limit == null) {
        break;
      }
      int lowest = heap[0];
      floor = score[lowest];
      victims.add(new Victim(slots.hash(lowest), limit));
      remove(lowest);
    }
    return victims;
  }

  private void use(int slot) {
    tick++;
    if (frequency[slot] < Integer.MAX_VALUE) {
      frequency[slot]++;
    }
    score[slot] =
        policy.score(
            new Use(tick, frequency[slot], score[slot], floor, bytes[slot], costMs[slot], random));
    usedAt[slot] = tick;
    settle(place[slot]);
  }

  private void append(int slot) {
    heap[size] = slot;
    place[slot] = size;
    size++;
    totalBytes += bytes[slot];
  }

  private void remove(int slot) {
    int gap = place[slot];
    size--;
    totalBytes -= bytes[slot];
    slots.remove(slot);
    if (gap < size) {
      put(gap, heap[size]);
      settle(gap);
    }
  }

  /// Moves what stands at `at` to where its score belongs.
  private void settle(int at) {
    int slot = heap[at];
    int to = at;
    while (to > 0 && isBefore(slot, heap[(to - 1) / 2])) {
      put(to, heap[(to - 1) / 2]);
      to = (to - 1) / 2;
    }
    int child = lowerChild(to);
    while (child < size && isBefore(heap[child], slot)) {
      put(to, heap[child]);
      to = child;
      child = lowerChild(to);
    }
    put(to, slot);
  }

  private int lowerChild(int at) {
    int left = 2 * at + 1;
    return left + 1 < size && isBefore(heap[left + 1], heap[left]) ? left + 1 : left;
  }

  private boolean isBefore(int one, int other) {
    int byScore = Double.compare(score[one], score[other]);
    return byScore == 0 ? usedAt[one] < usedAt[other] : byScore < 0;
  }

  private void put(int at, int slot) {
    heap[at] = slot;
    place[slot] = at;
  }

  private void ensureCapacity() {
    int capacity = slots.capacity();
    if (heap.length < capacity) {
      score = Arrays.copyOf(score, capacity);
      usedAt = Arrays.copyOf(usedAt, capacity);
      bytes = Arrays.copyOf(bytes, capacity);
      costMs = Arrays.copyOf(costMs, capacity);
      frequency = Arrays.copyOf(frequency, capacity);
      place = Arrays.copyOf(place, capacity);
      heap = Arrays.copyOf(heap, capacity);
    }
  }
}
