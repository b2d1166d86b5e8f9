package dev.millrace.security;

import java.util.Locale;

/// Who logs in at the cluster. Each may do what its work needs, and nothing else.
public enum Role {
  INTAKE,
  CACHE_STORE,
  WORKERS,
  PUBLISHER,

  /// Whoever asks in a tier. It writes that tier's requests and reads nothing: completions are
  /// everybody's on one topic, its own it gets at the HTTP door.
  PRODUCER_FREE,
  PRODUCER_PRO,
  PRODUCER_ENTERPRISE,

  /// Whoever looks: a Kafka UI, the audit, a dashboard. It reads everything and writes nothing.
  READER,

  /// Whoever runs it all: reads everything, makes topics, sends commands.
  OPERATOR;

  /// Its name, as which it logs in: `cache-store`.
  public String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// The same as Kafka's authorizer says it: `User:cache-store`.
  public String principal() {
    return "User:" + id();
  }
}
