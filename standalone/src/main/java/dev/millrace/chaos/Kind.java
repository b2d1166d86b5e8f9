package dev.millrace.chaos;

/// The kinds of faults. How long one lasts is chosen so that it hurts: a paused cache-store
/// outlives its transaction (10 s), a paused worker its leases (6 s).
enum Kind {
  KILL_INTAKE("kill -9 of an intake", 1_500),
  KILL_CACHE_STORE("kill -9 of a cache-store", 1_500),
  KILL_WORKERS("kill -9 of a worker", 1_500),
  KILL_PUBLISHER("kill -9 of the publisher", 1_500),
  DRAIN_WORKERS("SIGTERM of a worker in the middle of its jobs", 1_500),
  PAUSE_INTAKE("SIGSTOP of an intake", 8_000),
  PAUSE_CACHE_STORE("SIGSTOP of a cache-store, longer than a transaction may last", 13_000),
  PAUSE_WORKERS("SIGSTOP of a worker, longer than its leases", 9_000),
  PAUSE_PUBLISHER("SIGSTOP of the publisher", 5_000),
  KILL_BROKER("kill -9 of a broker", 1_000),
  RESTART_BROKER("SIGTERM and start of a broker", 500),
  PAUSE_BROKER("SIGSTOP of a broker", 8_000),
  POSTGRES_DOWN("PostgreSQL stopped", 6_000),
  STATE_LOST("kill -9 of a cache-store, its state folder deleted", 500),
  NETWORK_CUT("the network between one worker and the broker cut by a proxy", 7_000),
  CLOCK_JUMP("the wall clock of a cache-store set an hour forward, then back", 5_000),
  DUPLICATES("the last outcomes delivered again", 0),
  POISON("nonsense on every topic a service reads", 0),
  BACKLOG("a burst of requests in the free tier", 0);

  private final String words;
  private final long lastsMs;

  Kind(String words, long lastsMs) {
    this.words = words;
    this.lastsMs = lastsMs;
  }

  String words() {
    return words;
  }

  long lastsMs() {
    return lastsMs;
  }
}
