package dev.millrace.workers.simulation;

import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/// All paths of one scenario, block by block, on one thread or several.
final class ScenarioRun {

  private final Plan plan;
  private final Supplier<PathBlock> blocks;
  private final float[] baseEnds;
  private final boolean isBase;
  private final Meter meter;
  private final AtomicInteger nextPath = new AtomicInteger();

  /// @param baseEnds where each path ends in the base scenario
  /// @param isBase whether this is that scenario, and so fills in `baseEnds`
  ScenarioRun(
      Plan plan, Supplier<PathBlock> blocks, float[] baseEnds, boolean isBase, Meter meter) {
    this.plan = plan;
    this.blocks = blocks;
    this.baseEnds = baseEnds;
    this.isBase = isBase;
    this.meter = meter;
  }

  ScenarioTally tally(int threads) {
    return threads == 1 ? tallyBlocks() : tallyTogether(threads);
  }

  private ScenarioTally tallyBlocks() {
    var tally = new ScenarioTally(plan.days());
    PathBlock block = blocks.get();
    int first = nextPath.getAndAdd(block.capacity());
    while (first < baseEnds.length) {
      meter.beforeBlock();
      block.start(first, Math.min(block.capacity(), baseEnds.length - first));
      for (int day = 0; day < plan.days(); day++) {
        block.passDay(day, plan.lift(day), plan.attention(day));
        tally.addDay(day, block);
      }
      if (isBase) {
        block.keepEnds(baseEnds, first);
      }
      tally.addEnd(first, block, baseEnds);
      meter.afterBlock(block.count());
      first = nextPath.getAndAdd(block.capacity());
    }
    return tally;
  }

  private ScenarioTally tallyTogether(int threads) {
    Callable<ScenarioTally> part =
        () -> {
          try {
            return tallyBlocks();
          } catch (RuntimeException | Error e) {
            meter.stop(e);
            throw e;
          }
        };
    var names = Thread.ofPlatform().name("simulation-", 1).factory();
    try (var pool = Executors.newFixedThreadPool(threads, names)) {
      List<Future<ScenarioTally>> parts = pool.invokeAll(Collections.nCopies(threads, part));
      meter.throwFirstFailure();
      var whole = new ScenarioTally(plan.days());
      parts.forEach(tally -> whole.merge(tally.resultNow()));
      return whole;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("simulation interrupted");
    }
  }
}
