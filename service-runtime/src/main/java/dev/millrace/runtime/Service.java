package dev.millrace.runtime;

import java.util.Map;

/// Something that was started, and can be drained and closed.
public interface Service extends AutoCloseable {

  /// The name in logs and in health: `cache-store`.
  String name();

  /// Whether it does its work now: clients connected, partitions or readers in place.
  boolean ready();

  /// What an operator wants to see of it, for health and doctor.
  Map<String, Object> details();

  /// Takes nothing new, finishes or gives back what it holds, commits and closes, within ten
  /// seconds. Closing twice does nothing.
  @Override
  void close();
}
