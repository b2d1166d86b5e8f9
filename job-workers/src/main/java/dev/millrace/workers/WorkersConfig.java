package dev.millrace.workers;

import static org.apache.kafka.common.config.ConfigDef.Importance.HIGH;
import static org.apache.kafka.common.config.ConfigDef.Importance.LOW;
import static org.apache.kafka.common.config.ConfigDef.Importance.MEDIUM;
import static org.apache.kafka.common.config.ConfigDef.Range.atLeast;
import static org.apache.kafka.common.config.ConfigDef.Range.between;

import dev.millrace.contracts.Tier;
import dev.millrace.runtime.CommonConfig;
import dev.millrace.runtime.Settings;
import dev.millrace.workers.attempts.AttemptLimits;
import dev.millrace.workers.handlers.CommandHandler;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Type;

/// The settings of a worker.
///
/// @param id empty: made up at the start
/// @param slots how many jobs run at once
/// @param backgroundSlots the most of them that jobs nobody waits for may hold
/// @param records the most a lane fetches at once
/// @param hold how long a fetched job may wait for a slot
/// @param commands the programs `command` may run
public record WorkersConfig(
    String id,
    int slots,
    Map<Tier, Integer> weights,
    int backgroundSlots,
    int records,
    Duration hold,
    Duration heartbeat,
    Duration effectSilence,
    Duration progressInterval,
    Duration grace,
    Duration drainTimeout,
    long largestResultBytes,
    String scratchDir,
    List<String> commands) {

  public static final String ID = "workers.id";
  public static final String SLOTS = "workers.slots";
  public static final String BACKGROUND_SLOTS = "workers.background.slots";
  public static final String RECORDS = "workers.lane.records";
  public static final String HOLD = "workers.hold.ms";
  public static final String HEARTBEAT = "workers.heartbeat.ms";
  public static final String EFFECT_SILENCE = "workers.effect.silence.ms";
  public static final String GRACE = "workers.grace.ms";
  public static final String LARGEST_RESULT = "workers.result.max.bytes";
  public static final String SCRATCH_DIR = "workers.scratch.dir";
  public static final String PROGRESS_INTERVAL = "progress.interval.ms";
  public static final String DRAIN_TIMEOUT = "drain.timeout.ms";

  public WorkersConfig {
    weights = Map.copyOf(weights);
    commands = List.copyOf(commands);
  }

  /// The key of a lane's weight.
  public static String weight(Tier tier) {
    return "workers.weight." + tier.id();
  }

  public static ConfigDef def() {
    return CommonConfig.def()
        .define(
            ID,
            Type.STRING,
            "",
            LOW,
            "Name of this worker in outcomes and events. Empty: made up at the start.")
        .define(
            SLOTS,
            Type.INT,
            5,
            between(0, 1000),
            HIGH,
            "How many jobs this worker runs at once. 0: it runs none, and only tells the ledger"
                + " which retries are due.")
        .define(
            weight(Tier.ENTERPRISE),
            Type.INT,
            6,
            between(1, 1000),
            MEDIUM,
            "Share of the slots that the enterprise lane gets while all lanes have work.")
        .define(
            weight(Tier.PRO),
            Type.INT,
            3,
            between(1, 1000),
            MEDIUM,
            "Share of the slots that the pro lane gets while all lanes have work.")
        .define(
            weight(Tier.FREE),
            Type.INT,
            1,
            between(1, 1000),
            MEDIUM,
            "Share of the slots that the free lane gets while all lanes have work.")
        .define(
            BACKGROUND_SLOTS,
            Type.INT,
            1_000,
            between(0, 1_000),
            MEDIUM,
            "The most slots that jobs nobody waits for, such as warm-ups, may hold: only slots no"
                + " lane has use for, and never the last of several. They give way at once to a job"
                + " that finds no other slot. 0: this worker runs none of them.")
        .define(
            RECORDS,
            Type.INT,
            4,
            between(1, 100),
            LOW,
            "The most jobs a lane fetches at once; never more than there are slots. More suits very"
                + " short jobs, 1 suits long ones: what is fetched beyond the free slots is given"
                + " back after workers.hold.ms.")
        .define(
            HOLD,
            Type.LONG,
            1_000L,
            between(0, 10_000),
            LOW,
            "How long a fetched job waits for a slot before it is given back.")
        .define(
            HEARTBEAT,
            Type.LONG,
            1_500L,
            between(100, 3_000),
            LOW,
            "Time between two heartbeats of a run. Its lease ends about 6 s after the last.")
        .define(
            EFFECT_SILENCE,
            Type.LONG,
            4_000L,
            between(500, 5_500),
            LOW,
            "A run with effects stops itself when the broker has acknowledged no heartbeat for this"
                + " long; shorter than a lease.")
        .define(
            PROGRESS_INTERVAL,
            Type.LONG,
            200L,
            between(0, 60_000),
            LOW,
            "Shortest time between two progress records of a run.")
        .define(
            GRACE,
            Type.LONG,
            3_000L,
            between(100, 60_000),
            LOW,
            "How long a handler may take to stop when told to, before its slot goes to another job"
                + " and its thread is left behind.")
        .define(
            DRAIN_TIMEOUT,
            Type.LONG,
            5_000L,
            between(0, 5_000),
            MEDIUM,
            "How long running jobs may go on when the worker stops, before they are given back.")
        .define(
            LARGEST_RESULT,
            Type.LONG,
            64L * 1024 * 1024,
            atLeast(1024),
            LOW,
            "The largest result a job may have; results over 64 KiB go to the blob store.")
        .define(
            SCRATCH_DIR,
            Type.STRING,
            "",
            LOW,
            "Where runs get folders of their own. Empty: the system's folder for temporary files.")
        .define(
            CommandHandler.ALLOW,
            Type.LIST,
            List.of(),
            ConfigDef.ValidList.anyNonDuplicateValues(true, false),
            MEDIUM,
            "Programs that jobs of type command may run, as names or absolute paths. Empty: none.");
  }

  public static WorkersConfig of(Settings settings) {
    var weights = new EnumMap<Tier, Integer>(Tier.class);
    for (var tier : Tier.values()) {
      weights.put(tier, settings.number(weight(tier)));
    }
    return new WorkersConfig(
        settings.text(ID),
        settings.number(SLOTS),
        weights,
        settings.number(BACKGROUND_SLOTS),
        settings.number(RECORDS),
        settings.duration(HOLD),
        settings.duration(HEARTBEAT),
        settings.duration(EFFECT_SILENCE),
        settings.duration(PROGRESS_INTERVAL),
        settings.duration(GRACE),
        settings.duration(DRAIN_TIMEOUT),
        settings.count(LARGEST_RESULT),
        settings.text(SCRATCH_DIR),
        settings.list(CommandHandler.ALLOW));
  }

  AttemptLimits limits() {
    var scratch = scratchDir.isEmpty() ? System.getProperty("java.io.tmpdir") : scratchDir;
    return new AttemptLimits(
        heartbeat,
        effectSilence,
        progressInterval,
        grace,
        largestResultBytes,
        Path.of(scratch, "millrace-runs"));
  }

  /// What handlers are told at the start.
  Map<String, Object> handlerSettings() {
    return Map.of(CommandHandler.ALLOW, commands);
  }
}
