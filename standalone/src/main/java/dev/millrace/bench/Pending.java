package dev.millrace.bench;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/// Who waits for which record. Bounded by the loops, which bound what is on its way.
final class Pending {

  private final Map<String, CompletableFuture<Answer>> byId = new ConcurrentHashMap<>();

  CompletableFuture<Answer> add(String id) {
    var answer = new CompletableFuture<Answer>();
    byId.put(id, answer);
    return answer;
  }

  void complete(String id, Answer answer) {
    var waiting = byId.remove(id);
    if (waiting != null) {
      waiting.complete(answer);
    }
  }

  void fail(String id, Throwable why) {
    var waiting = byId.remove(id);
    if (waiting != null) {
      waiting.completeExceptionally(why);
    }
  }
}
