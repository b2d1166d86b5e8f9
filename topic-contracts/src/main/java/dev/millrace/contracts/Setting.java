package dev.millrace.contracts;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// One value everybody must agree on, the newest per key: `lane.<tier>` (paused), `partitions`
/// (count), `incarnation.<partition>` (count), `read-port.<partition>` (url).
///
/// @param url where the instance that owns the partition answers reads
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Setting(
    String setting,
    @Nullable Boolean paused,
    @Nullable Long count,
    @Nullable String url,
    Instant at) {

  public static String lane(Tier tier) {
    return "lane." + tier.id();
  }

  public static final String PARTITIONS = "partitions";

  public static String incarnation(int partition) {
    return "incarnation." + partition;
  }

  public static String readPort(int partition) {
    return "read-port." + partition;
  }
}
