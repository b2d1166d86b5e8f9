package dev.millrace.cli;

import dev.millrace.standalone.Part;
import picocli.CommandLine.Command;

/// The ledger alone.
@Command(
    name = "cache-store",
    description = "Run cache-store: the ledger of answers and jobs.",
    footer = {"", "Example:  ./millrace cache-store --bootstrap-server localhost:9092"})
final class CacheStoreCommand extends ServiceCommand {

  CacheStoreCommand(Context context) {
    super(context, Part.CACHE_STORE);
  }
}
