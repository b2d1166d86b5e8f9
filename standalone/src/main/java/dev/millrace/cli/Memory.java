package dev.millrace.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What the operating system counts for this process.
final class Memory {

  private Memory() {}

  /// Resident memory of this process, or of its heap where the system does not tell.
  static long residentBytes() {
    try (var lines = Files.lines(Path.of("/proc/self/status"))) {
      return lines
          .filter(line -> line.startsWith("VmRSS:"))
          .map(line -> line.replaceAll("\\D", ""))
          .mapToLong(kibibytes -> Long.parseLong(kibibytes) * 1024)
          .findFirst()
          .orElseGet(Memory::heapBytes);
    } catch (IOException | java.io.UncheckedIOException _) {
      return heapBytes();
    }
  }

  private static long heapBytes() {
    return Runtime.getRuntime().totalMemory();
  }
}
