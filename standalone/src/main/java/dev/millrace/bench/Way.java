package dev.millrace.bench;

import java.util.concurrent.CompletableFuture;

/// A way to ask and be answered.
interface Way {

  /// Sends and returns; the future ends with the answer, or fails.
  CompletableFuture<Answer> ask(Ask ask);
}
