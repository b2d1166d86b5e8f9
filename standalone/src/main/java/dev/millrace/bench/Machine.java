package dev.millrace.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;

/// What the processors did meanwhile, and who else was there.
final class Machine {

  private static final Path STAT = Path.of("/proc/stat");
  private static final int TICKS_PER_SECOND = 100;

  private Machine() {}

  /// Counters at one time.
  ///
  /// @param ownNanos CPU time of this process and those it started
  /// @param busyNanos CPU time of everybody
  record Reading(long atNanos, long ownNanos, long busyNanos) {

    /// What was used from then until now.
    Usage used() {
      var now = read();
      double seconds = (now.atNanos - atNanos) / 1e9;
      double others = (now.busyNanos - busyNanos - (now.ownNanos - ownNanos)) / 1e9;
      int cores = Runtime.getRuntime().availableProcessors();
      return new Usage(
          (now.ownNanos - ownNanos) / 1e9, Math.clamp(others / seconds / cores, 0.0, 1.0));
    }
  }

  /// @param cpuSeconds of this process and those it started
  /// @param foreign the share of all cores that others used: 0 is a machine of one's own
  record Usage(double cpuSeconds, double foreign) {}

  static Reading read() {
    var os = ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class);
    long children =
        ProcessHandle.current()
            .descendants()
            .mapToLong(child -> child.info().totalCpuDuration().orElse(Duration.ZERO).toNanos())
            .sum();
    return new Reading(System.nanoTime(), os.getProcessCpuTime() + children, busy());
  }

  /// All but idle and waiting for disks; 0 where the system does not say.
  private static long busy() {
    try (var lines = Files.lines(STAT)) {
      var fields = lines.findFirst().orElse("").trim().split("\\s+");
      long ticks =
          Arrays.stream(fields, 1, Math.min(fields.length, 9)).mapToLong(Long::parseLong).sum()
              - Long.parseLong(fields[4])
              - Long.parseLong(fields[5]);
      return ticks * (1_000_000_000L / TICKS_PER_SECOND);
    } catch (IOException | RuntimeException _) {
      return 0;
    }
  }
}
