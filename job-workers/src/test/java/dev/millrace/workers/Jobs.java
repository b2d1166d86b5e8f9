package dev.millrace.workers;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.contracts.Job;
import dev.millrace.contracts.JobId;
import dev.millrace.contracts.RequestHash;
import dev.millrace.contracts.Status;
import dev.millrace.contracts.Tier;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Jobs for tests: `aJob().effect().of(…)`.
public final class Jobs {

  public static final int PARTITIONS = 4;

  private String type = "test";
  private Tier tier = Tier.PRO;
  private long epoch = 131;
  private int number = 1;
  private long runLimitMs = 60_000;
  private boolean effect;
  private @Nullable Instant notBefore;
  private ObjectNode params = JsonNodeFactory.instance.objectNode();

  private Jobs() {}

  public static Jobs aJob() {
    return new Jobs();
  }

  public Jobs type(String value) {
    type = value;
    return this;
  }

  public Jobs tier(Tier value) {
    tier = value;
    return this;
  }

  public Jobs epoch(long value) {
    epoch = value;
    return this;
  }

  /// Another number is another hash.
  public Jobs number(int value) {
    number = value;
    return this;
  }

  public Jobs runLimitMs(long value) {
    runLimitMs = value;
    return this;
  }

  public Jobs effect() {
    effect = true;
    return this;
  }

  public Jobs notBefore(Instant value) {
    notBefore = value;
    return this;
  }

  public Jobs params(ObjectNode value) {
    params = value;
    return this;
  }

  public Job build() {
    var hash = RequestHash.of("%08x".formatted(number) + "a".repeat(56));
    return new Job(
        Status.QUEUED,
        JobId.of(type, hash, epoch),
        type,
        tier,
        epoch,
        1,
        4,
        hash,
        hash.partition(PARTITIONS),
        runLimitMs,
        effect,
        null,
        Instant.parse("2026-11-20T09:00:00Z"),
        notBefore,
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        params);
  }
}
