package dev.millrace.publisher;

import dev.millrace.contracts.JobId;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.RequestHash;
import dev.millrace.runtime.reads.CacheStats;
import dev.millrace.runtime.reads.KnownAnswer;
import dev.millrace.runtime.reads.KnownEntry;
import dev.millrace.runtime.reads.LedgerReader;
import dev.millrace.runtime.reads.Question;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Ledgers that know the answer to every question with the tag `campaign:cmp_known`, and the entry
/// of one hash.
final class KnownLedgers implements LedgerReader {

  static final RequestHash ENTRY = RequestHash.of("e0".repeat(32));
  static final Instant AT = Instant.parse("2026-01-01T00:00:05Z");

  @Override
  public Optional<KnownAnswer> answer(Question question) {
    if (!question.tags().contains("campaign:cmp_known")) {
      return Optional.empty();
    }
    return Optional.of(
        new KnownAnswer(
            JobId.of(question.type(), question.hash(), 7),
            7,
            0,
            Json.MAPPER.createObjectNode().put("answer", 42),
            null,
            null,
            null,
            1_500,
            AT.minusSeconds(60),
            null,
            AT));
  }

  @Override
  public Optional<KnownEntry> entry(RequestHash hash) {
    return hash.equals(ENTRY)
        ? Optional.of(
            new KnownEntry(
                hash,
                "simulation",
                2,
                null,
                new KnownEntry.Flight(JobId.of("simulation", hash, 9), 9, "queued", 1, 3),
                AT))
        : Optional.empty();
  }

  @Override
  public List<CacheStats> stats() {
    return List.of();
  }
}
