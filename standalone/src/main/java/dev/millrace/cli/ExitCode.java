package dev.millrace.cli;

/// What the process ends with.
final class ExitCode {

  static final int DONE = 0;

  /// A job failed, or a check found something.
  static final int FAILED = 1;

  static final int USAGE = 2;
  static final int NOT_FOUND = 3;
  static final int TIMED_OUT = 4;
  static final int UNREACHABLE = 5;
  static final int CANCELLED = 6;
  static final int INTERRUPTED = 130;

  private ExitCode() {}
}
