package dev.millrace.runtime.reads;

import dev.millrace.contracts.RequestHash;
import java.util.List;
import java.util.Optional;

/// Looks into the ledgers. Nothing here changes anything, and nothing here is a promise: whatever
/// is not sure is not known, and the ledger decides as it always does.
public interface LedgerReader {

  /// The answer that may be given to `question` now. Empty when there is none, or when it is not
  /// committed yet.
  ///
  /// @throws LedgerUnavailableException when the owner of the hash cannot be asked
  Optional<KnownAnswer> answer(Question question);

  /// What the ledger holds of a hash, as it stands now. Empty when it holds nothing.
  ///
  /// @throws LedgerUnavailableException when the owner of the hash cannot be asked
  Optional<KnownEntry> entry(RequestHash hash);

  /// What the ledgers of each process that can be asked hold and have done.
  List<CacheStats> stats();
}
