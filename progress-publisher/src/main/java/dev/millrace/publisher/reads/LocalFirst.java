package dev.millrace.publisher.reads;

import dev.millrace.contracts.RequestHash;
import dev.millrace.runtime.reads.CacheStats;
import dev.millrace.runtime.reads.KnownAnswer;
import dev.millrace.runtime.reads.KnownEntry;
import dev.millrace.runtime.reads.LedgerReader;
import dev.millrace.runtime.reads.LedgerUnavailableException;
import dev.millrace.runtime.reads.Question;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// Asks the ledgers of this process, and those elsewhere about the partitions that are not here.
///
/// @param local those of this process; throws [LedgerUnavailableException] while there are none
public record LocalFirst(Supplier<LedgerReader> local, LedgerReader others)
    implements LedgerReader {

  @Override
  public Optional<KnownAnswer> answer(Question question) {
    try {
      return local.get().answer(question);
    } catch (LedgerUnavailableException _) {
      return others.answer(question);
    }
  }

  @Override
  public Optional<KnownEntry> entry(RequestHash hash) {
    try {
      return local.get().entry(hash);
    } catch (LedgerUnavailableException _) {
      return others.entry(hash);
    }
  }

  /// Those of this process have a port too.
  @Override
  public List<CacheStats> stats() {
    return others.stats();
  }
}
