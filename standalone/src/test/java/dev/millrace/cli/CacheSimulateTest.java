package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CacheSimulateTest {

  private static final String SMALL = "cache simulate --requests 50000 --keys 2000 --entries 100";

  @Test
  void a_trace_is_replayed_line_by_line() {
    var trace =
        """
        {"key":"dear","size":100,"costMs":9000,"at":"2026-08-01T12:00:00.000Z"}
        {"key":"cheap","size":100,"costMs":10}

        {"key":"dear","size":100,"costMs":9000}
        {"key":"other","size":300,"costMs":10}
        {"key":"dear","size":100,"costMs":9000}
        {"key":"larger than the room","size":401,"costMs":10}
        """;

    var run =
        CommandLineRun.withInput(
            trace, "cache simulate --trace - --bytes 400 --policies lru,fifo".split(" "));

    assertThat(run.exitCode()).isZero();
    assertThat(run.lines())
        .containsExactly(
            "POLICY     HIT RATE  BYTE HIT RATE  SAVED   SAVED MS  EVICTIONS",
            "lru        33.33%    18.17%         66.59%  18000     1",
            "fifo       16.67%    9.08%          33.30%  9000      2",
            "unlimited  33.33%    18.17%         66.59%  18000     0");
  }

  @ParameterizedTest
  @CsvSource({
    "nonsense, is not JSON",
    "{}, expected a text as key",
    "'{\"key\":\"a\",\"costMs\":1}', 'expected a whole number from 0 as size, got none'",
    "'{\"key\":\"a\",\"size\":1,\"costMs\":-1}', 'expected a whole number from 0 as costMs, got -1'"
  })
  void a_bad_line_is_named(String line, String message) {
    var run =
        CommandLineRun.withInput(
            "{\"key\":\"a\",\"size\":1,\"costMs\":1}\n" + line,
            "cache simulate --trace -".split(" "));

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("line 2 of -").contains(message);
    assertThat(run.out()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"zipf", "scan", "shift", "loop"})
  void the_same_seed_makes_the_same_table(String workload) {
    var args = (SMALL + " --json --generate " + workload).split(" ");
    var run = CommandLineRun.of(args);

    assertThat(run.exitCode()).isZero();
    assertThat(run.lines()).hasSize(6).allMatch(line -> line.contains("\"requests\":50000,"));
    assertThat(CommandLineRun.of(args).out()).isEqualTo(run.out());
    assertThat(CommandLineRun.of((String.join(" ", args) + " --seed 2").split(" ")).out())
        .isNotEqualTo(run.out());
  }

  @Test
  void a_loop_longer_than_the_cache_defeats_lru() {
    var run = CommandLineRun.of((SMALL + " --generate loop --policies lru").split(" "));

    assertThat(run.lines().get(1)).startsWith("lru        0.00%");
  }
}
