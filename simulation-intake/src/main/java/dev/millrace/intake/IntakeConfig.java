package dev.millrace.intake;

import dev.millrace.runtime.CommonConfig;
import dev.millrace.runtime.PrivacyConfig;
import dev.millrace.runtime.Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;

/// What an operator can set of the intake.
///
/// @param types folder of further type definitions
/// @param commitInterval how often read positions are noted: what a crash repeats at most
public record IntakeConfig(Optional<Path> types, Duration commitInterval, int threads) {

  public static final String COMMIT_INTERVAL = "intake.commit.interval.ms";
  public static final String THREADS = "intake.threads";

  public static ConfigDef def() {
    return PrivacyConfig.define(CommonConfig.def())
        .define(
            COMMIT_INTERVAL,
            Type.LONG,
            100L,
            Range.between(1, 60_000),
            Importance.LOW,
            "How often read positions are noted. A crash repeats what came since; the ledger"
                + " recognises it.")
        .define(
            THREADS,
            Type.INT,
            1,
            Range.between(1, 64),
            Importance.MEDIUM,
            "Threads that share this instance's partitions.");
  }

  public static IntakeConfig of(Settings settings) {
    return new IntakeConfig(
        settings.optionalPath(CommonConfig.TYPES_DIR),
        settings.duration(COMMIT_INTERVAL),
        settings.number(THREADS));
  }
}
