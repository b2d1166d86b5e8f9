package dev.millrace.publisher.sse;

import dev.millrace.contracts.Completion;
import dev.millrace.contracts.Decision;
import dev.millrace.contracts.DecisionKind;
import dev.millrace.contracts.Receipt;
import dev.millrace.contracts.RequestHash;
import dev.millrace.contracts.ValueReply;
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

/// Those who wait for one thing: the end of a request, all receipts of a command, or all replies
/// about values. Whoever waits must begin before producing what it waits for.
public final class Waits implements LiveListener {

  private final Map<RequestKey, List<EndWait>> ends = new ConcurrentHashMap<>();
  private final Map<RequestKey, List<Wait<DecisionKind>>> cancels = new ConcurrentHashMap<>();
  private final Map<String, PartsWait<Receipt>> receipts = new ConcurrentHashMap<>();
  private final Map<String, List<PartsWait<ValueReply>>> replies = new ConcurrentHashMap<>();

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

  /// For what each partition concerned says.
  private static final class PartsWait<T> extends Wait<List<T>> {
    private final String namespace;
    private final Map<Integer, T> byPartition = new TreeMap<>();

    private PartsWait(String namespace, Consumer<Wait<List<T>>> giveUp) {
      super(giveUp);
      this.namespace = namespace;
    }

    private synchronized void add(int partition, int parts, T said) {
      byPartition.put(partition, said);
      if (byPartition.size() >= parts) {
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
    var wait = new PartsWait<Receipt>("", done -> receipts.remove(commandId, done));
    receipts.put(commandId, wait);
    return wait;
  }

  /// For the replies of every partition that keeps a value the command is about.
  public Wait<List<ValueReply>> forReplies(String namespace, String commandId) {
    var wait = new PartsWait<ValueReply>(namespace, done -> remove(replies, commandId, done));
    add(replies, commandId, wait);
    return wait;
  }

  public int size() {
    return ends.size() + receipts.size() + replies.size();
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
      wait.add(receipt.partition(), receipt.partitions(), receipt);
    }
  }

  /// A refusal by intake names no namespace.
  @Override
  public void replied(ValueReply reply) {
    for (var wait : replies.getOrDefault(reply.commandId(), List.of())) {
      if (reply.namespace() == null || reply.namespace().equals(wait.namespace)) {
        wait.add(reply.partition(), reply.parts(), reply);
      }
    }
  }

  private static <K, W> void add(Map<K, List<W>> waits, K key, W wait) {
    var _ =
        waits.compute(
            key,
            (_, known) -> {
              var list = known == null ? new CopyOnWriteArrayList<W>() : known;
              list.add(wait);
              return list;
            });
  }

  private static <K, W> void remove(Map<K, List<W>> waits, K key, Object wait) {
    var _ =
        waits.computeIfPresent(
            key,
            (_, list) -> {
              list.remove(wait);
              return list.isEmpty() ? null : list;
            });
  }
}
