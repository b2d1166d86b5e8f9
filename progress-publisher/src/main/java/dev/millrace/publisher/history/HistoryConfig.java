package dev.millrace.publisher.history;

/// Where the history is and how it is written.
///
/// @param poolSize connections at most
/// @param batch records written in one transaction at most
public record HistoryConfig(String jdbcUrl, String user, String password, int poolSize, int batch) {

  @Override
  public String toString() {
    return "HistoryConfig[jdbcUrl=%s, user=%s, poolSize=%d, batch=%d]"
        .formatted(jdbcUrl, user, poolSize, batch);
  }
}
