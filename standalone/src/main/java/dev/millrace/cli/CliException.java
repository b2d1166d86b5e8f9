package dev.millrace.cli;

/// An expected end that is not success: what happened and what to do next, in one line for people,
/// and the exit code for scripts.
final class CliException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final int exitCode;

  CliException(int exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  int exitCode() {
    return exitCode;
  }

  static CliException usage(String message) {
    return new CliException(ExitCode.USAGE, message);
  }

  static CliException notFound(String message) {
    return new CliException(ExitCode.NOT_FOUND, message);
  }

  static CliException timedOut(String message) {
    return new CliException(ExitCode.TIMED_OUT, message);
  }

  static CliException unreachable(String message) {
    return new CliException(ExitCode.UNREACHABLE, message);
  }
}
