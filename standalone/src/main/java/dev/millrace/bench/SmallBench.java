package dev.millrace.bench;

import java.util.Collection;
import java.util.HashMap;
import java.util.function.Consumer;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/// Times what [Small] has, by JMH in a JVM of its own.
public final class SmallBench {

  private static final String YARDSTICK = "parse";

  private final Extent extent;

  public SmallBench(Extent extent) {
    this.extent = extent;
  }

  /// A row for each: nanoseconds for one operation, half the width of their 99.9 % confidence
  /// interval, and how many plain parses of a request that is.
  ///
  /// @throws IllegalStateException when JMH cannot run
  public void run(Consumer<Row> rows) {
    var time = TimeValue.milliseconds(extent.of(1_000));
    var options =
        new OptionsBuilder()
            .include("\\b" + Small.class.getSimpleName() + "\\.")
            .forks(1)
            .jvmArgsAppend("--enable-native-access=ALL-UNNAMED", "-Djmh.ignoreLock=true")
            .warmupIterations(3)
            .warmupTime(time)
            .measurementIterations(5)
            .measurementTime(time)
            .verbosity(VerboseMode.SILENT)
            .build();
    try {
      report(new Runner(options).run(), rows);
    } catch (RunnerException e) {
      throw new IllegalStateException("JMH cannot run: " + e.getMessage(), e);
    }
  }

  private static void report(Collection<RunResult> results, Consumer<Row> rows) {
    var times = new HashMap<String, Double>();
    for (var result : results) {
      times.put(result.getPrimaryResult().getLabel(), result.getPrimaryResult().getScore());
    }
    double yardstick = times.getOrDefault(YARDSTICK, Double.NaN);
    for (var result : results) {
      var primary = result.getPrimaryResult();
      rows.accept(
          Row.of(primary.getLabel(), "jvm")
              .with("nsPerOp", primary.getScore())
              .with("errorNs", primary.getScoreError())
              .with(Row.RATIO, primary.getScore() / yardstick));
    }
  }
}
