package dev.millrace.publisher.sse;

import dev.millrace.contracts.Completion;
import dev.millrace.contracts.Decision;
import dev.millrace.contracts.DecisionKind;
import dev.millrace.contracts.Receipt;
import dev.millrace.contracts.RequestHash;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/// Those who wait for one thing: the end of a request, or all receipts of a command. Whoever waits
/// must begin before producing what it waits for.
public final class Waits implements LiveListener {

  private final Map<RequestKey, List<EndWait>> ends = new ConcurrentHashMap<>();
  private final Map<RequestKey, List<Wait<DecisionKind>>> cancels = new ConcurrentHashMap<>();
  private final Map<String, ReceiptWait> receipts = new ConcurrentHashMap<>();

  /// One wait; closing it gives it up.
  public static class Wait<T> implements AutoCloseable {

    private final CompletableFuture<T> future = new CompletableFuture<>();
    private final Consumer<Wait<T>> giveUp;

    private Wait(Consumer<Wait<T>> giveUp) {
      this.giveUp = giveUp;
    }

    /// What it waits for, when it comes in time.
    public Optional<T> within(Duration time) {
      try {
        return Optional.of(future.get(time.toMillis(), TimeUnit.MILLISECONDS));
      } catch (TimeoutException _) {
        return Optional.empty();
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
        return Optional.empty();
      } catch (ExecutionException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void close() {
      giveUp.accept(this);
    }
  }

  private static final class EndWait extends Wait<Completion> {
    private final RequestHash hash;

    private EndWait(RequestHash hash, Consumer<Wait<Completion>> giveUp) {
      super(giveUp);
      this.hash = hash;
    }
  }

  private static final class ReceiptWait extends Wait<List<Receipt>> {
    private final Map<Integer, Receipt> byPartition = new TreeMap<>();

    private ReceiptWait(Consumer<Wait<List<Receipt>>> giveUp) {
      super(giveUp);
    }

    private synchronized void add(Receipt receipt) {
      byPartition.put(receipt.partition(), receipt);
      if (byPartition.size() >= receipt.partitions()) {
        var _ = super.future.complete(List.copyOf(byPartition.values()));
      }
    }
  }

  public Wait<Completion> forEnd(RequestKey request, RequestHash hash) {
    var wait = new EndWait(hash, done -> remove(ends, request, done));
    add(ends, request, wait);
    return wait;
  }

  /// For the ledger's word on a cancel: `CANCELLED` or `TOO_LATE`.
  public Wait<DecisionKind> forCancel(RequestKey request) {
    var wait = new Wait<DecisionKind>(done -> remove(cancels, request, done));
    add(cancels, request, wait);
    return wait;
  }

  /// For the receipts of every ledger partition.
  public Wait<List<Receipt>> forReceipts(String commandId) {
    var wait = new ReceiptWait(done -> receipts.remove(commandId, done));
    receipts.put(commandId, wait);
    return wait;
  }

  public int size() {
    return ends.size() + receipts.size();
  }

  @Override
  public void decided(Decision decision) {
    var requestId = decision.requestId();
    boolean aboutCancel =
        decision.decision() == DecisionKind.CANCELLED
            || decision.decision() == DecisionKind.TOO_LATE;
    if (requestId != null && aboutCancel) {
      var request = RequestKey.of(decision.organizationId(), requestId);
      for (var wait : cancels.getOrDefault(request, List.of())) {
        var _ = wait.future.complete(decision.decision());
      }
    }
  }

  @Override
  public void ended(Completion completion, int partition, long offset, int bytes) {
    var request = RequestKey.of(completion.organizationId(), completion.requestId());
    for (var wait : ends.getOrDefault(request, List.of())) {
      if (wait.hash.equals(completion.requestHash())) {
        var _ = ((Wait<Completion>) wait).future.complete(completion);
      }
    }
  }

  @Override
  public void received(Receipt receipt) {
    var wait = receipts.get(receipt.commandId());
    if (wait != null) {
      wait.add(receipt);
    }
  }

  private static <W> void add(Map<RequestKey, List<W>> waits, RequestKey request, W wait) {
    var _ =
        waits.compute(
            request,
            (_, known) -> {
              var list = known == null ? new CopyOnWriteArrayList<W>() : known;
              list.add(wait);
              return list;
            });
  }

  private static <W> void remove(Map<RequestKey, List<W>> waits, RequestKey request, Object wait) {
    var _ =
        waits.computeIfPresent(
            request,
            (_, list) -> {
              list.remove(wait);
              return list.isEmpty() ? null : list;
            });
  }
}
