package dev.millrace.publisher.http;

/// Asks a dependency whether it is there.
public interface Probe {

  /// How long it took to answer, ms.
  long ask() throws Exception;
}
