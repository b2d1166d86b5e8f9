package dev.millrace.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;

/// Asks, at a rate or as fast as answers come.
final class Load {

  /// So long without any answer, and there will be none.
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Timer timer;

  Load(Timer timer) {
    this.timer = timer;
  }

  /// Somebody who asks.
  ///
  /// @param asks the n-th question
  record Caller(Way way, IntFunction<Ask> asks, Tally tally) {}

  /// Open loop: the callers ask in turn at fixed times, whether or not what was asked before is
  /// answered. Time counts from when a question was due, so that a stall of the asked, or of this
  /// loop, is seen by everyone who would have suffered from it (no coordinated omission).
  ///
  /// @param perSecond of each caller
  void open(int perSecond, int rounds, List<Caller> callers) throws InterruptedException {
    var answers = new ArrayList<CompletableFuture<?>>();
    long interval = TimeUnit.SECONDS.toNanos(1) / perSecond / callers.size();
    long due = timer.nanoTime() + interval;
    for (int round = 0; round < rounds; round++) {
      for (var caller : callers) {
        timer.await(due);
        answers.add(ask(caller, round, due));
        due += interval;
      }
    }
    awaitAll(answers);
  }

  /// Closed loop: never more than `window` questions are open. Time counts from the asking.
  ///
  /// @return seconds until everything was answered
  double closed(int window, int count, Caller caller) throws InterruptedException {
    return closed(window, n -> n < count, caller);
  }

  /// The same for at most so many seconds.
  double closed(int window, int count, int seconds, Caller caller) throws InterruptedException {
    long end = timer.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    return closed(window, n -> n < count && timer.nanoTime() < end, caller);
  }

  private double closed(int window, IntPredicate more, Caller caller) throws InterruptedException {
    long start = timer.nanoTime();
    var free = new Semaphore(window);
    for (int n = 0; more.test(n); n++) {
      acquire(free);
      var _ = ask(caller, n, timer.nanoTime()).whenComplete((_, _) -> free.release());
    }
    for (int open = 0; open < window; open++) {
      acquire(free);
    }
    return (timer.nanoTime() - start) / 1e9;
  }

  private static void awaitAll(List<CompletableFuture<?>> answers) throws InterruptedException {
    for (var answer : answers) {
      await(answer);
    }
  }

  private static void await(CompletableFuture<?> answer) throws InterruptedException {
    try {
      var _ = answer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException _) {
      throw stalled();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  private static void acquire(Semaphore free) throws InterruptedException {
    if (!free.tryAcquire(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      throw stalled();
    }
  }

  private static IllegalStateException stalled() {
    return new IllegalStateException(
        "nothing was answered for %d s".formatted(PATIENCE.toSeconds()));
  }

  private static CompletableFuture<?> ask(Caller caller, int n, long due) {
    return caller
        .way()
        .ask(caller.asks().apply(n))
        .handle((answer, failure) -> {
          if (failure == null) {
            caller.tally().took(answer.atNanos() - due, answer);
          } else {
            caller.tally().failed(failure);
          }
          return null;
        });
  }
}
