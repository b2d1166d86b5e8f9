package dev.millrace.cli;

import picocli.CommandLine.Command;

/// The cache of answers.
@Command(
    name = "cache",
    description = "Look into the cache of answers, and try its settings out.",
    synopsisSubcommandLabel = "COMMAND",
    commandListHeading = "%nCommands:%n",
    subcommands = {
      CacheStatsCommand.class,
      CacheGetCommand.class,
      CacheInvalidateCommand.class,
      CacheWarmUpCommand.class,
      CacheTraceCommand.class,
      CacheSimulateCommand.class,
      CacheTrainCommand.class
    },
    footer = {
      "",
      "Examples:",
      "  ./millrace cache stats",
      "  ./millrace cache invalidate --tag campaign:cmp_81 --dry-run",
      "  ./millrace cache warm-up requests.jsonl",
      "  ./millrace cache simulate --generate zipf --entries 1000",
      "  ./millrace cache train --type simulation"
    })
final class CacheCommand {}
