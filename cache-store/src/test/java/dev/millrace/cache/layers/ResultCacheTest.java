package dev.millrace.cache.layers;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.millrace.cache.layers.ResultCache.Sizes;
import dev.millrace.cache.layers.ResultCache.Tenure;
import dev.millrace.contracts.RequestHash;
import dev.millrace.runtime.Resources;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

/// What is kept above the stores, for whom, and what happens when it fails.
class ResultCacheTest {

  private static final long MEGABYTE = 1024 * 1024;
  private static final Sizes HEAP = new Sizes(100, 0);
  private static final Sizes OFF_HEAP = new Sizes(0, MEGABYTE);
  private static final RequestHash HASH = RequestHash.of("a".repeat(64));
  private static final RequestHash OTHER = RequestHash.of("b".repeat(64));

  private final MeterRegistry meters = new SimpleMeterRegistry();
  private long nanos = Long.MAX_VALUE - 10; // wraps around, as it may
  private final Resources resources =
      new Resources(() -> Instant.EPOCH, () -> nanos, new Random(1), meters);
  private ResultCache cache = ResultCache.open(HEAP, resources);
  private int reads;

  static List<Sizes> sizes() {
    return List.of(HEAP, OFF_HEAP, new Sizes(100, MEGABYTE));
  }

  @AfterEach
  void close() {
    cache.close();
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void the_store_is_read_once(Sizes sizes) {
    reopen(sizes);
    var tenure = cache.tenure();

    for (int i = 0; i < 3; i++) {
      assertThat(get(tenure, HASH, 1, "good")).isEqualTo(result("good"));
    }

    assertThat(reads).isOne();
    assertThat(looked("memory", "hit")).isEqualTo(2);
    assertThat(looked("memory", "miss")).isOne();
    assertThat(looked("ledger", "hit")).isOne();
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void what_another_epoch_hash_or_tenure_left_is_not_found(Sizes sizes) {
    reopen(sizes);
    var tenure = cache.tenure();
    get(tenure, HASH, 1, "left");

    assertThat(get(tenure, HASH, 2, "newer")).isEqualTo(result("newer"));
    assertThat(get(tenure, OTHER, 1, "other")).isEqualTo(result("other"));
    assertThat(get(cache.tenure(), HASH, 1, "after an abort")).isEqualTo(result("after an abort"));
    assertThat(reads).isEqualTo(4);
  }

  @Test
  void two_caches_share_nothing() {
    get(cache.tenure(), HASH, 1, "here");

    try (var another = ResultCache.open(HEAP, resources)) {
      assertThat(get(another.tenure(), HASH, 1, "there")).isEqualTo(result("there"));
    }
  }

  @Test
  void other_threads_find_what_is_kept_and_keep_nothing() {
    var tenure = cache.tenure();
    for (int i = 0; i < 2; i++) {
      assertThat(tenure.peek(HASH, 1, () -> stored("good"))).isEqualTo(result("good"));
    }
    assertThat(reads).isEqualTo(2);

    get(tenure, HASH, 1, "good");
    assertThat(tenure.peek(HASH, 1, () -> stored("never asked"))).isEqualTo(result("good"));
    assertThat(reads).isEqualTo(3);
  }

  @Test
  void a_result_that_cannot_be_read_is_not_kept() {
    var tenure = cache.tenure();

    assertThat(tenure.get(HASH, 1, () -> null)).isNull();
    assertThat(get(tenure, HASH, 1, "good")).isEqualTo(result("good"));

    assertThat(looked("ledger", "miss")).isOne();
    assertThat(looked("ledger", "hit")).isOne();
  }

  @Test
  void no_more_is_kept_than_there_is_room_for() {
    reopen(new Sizes(3, 0));
    var tenure = cache.tenure();
    for (int epoch = 0; epoch < 100; epoch++) {
      get(tenure, HASH, epoch, "one of many");
    }

    assertThat(meters.get("cache.memory.entries").tag("tier", "heap").gauge().value())
        .isBetween(1.0, 3.0);
  }

  @Test
  void a_heap_for_more_than_fits_outside_it_blocks_nothing() {
    reopen(new Sizes(10_000, MEGABYTE));
    var tenure = cache.tenure();
    for (int epoch = 0; epoch < 2_000; epoch++) {
      get(tenure, HASH, epoch, "x".repeat(3_000));
      get(tenure, HASH, epoch, "x".repeat(3_000));
    }

    assertThat(reads).isEqualTo(2_000);
    assertThat(meters.find("cache.layer.errors").counters()).isEmpty();
  }

  @Test
  void bytes_outside_the_heap_are_measured_as_long_as_it_is_open() {
    reopen(OFF_HEAP);
    get(cache.tenure(), HASH, 1, "x".repeat(10_000));

    assertThat(meters.get("cache.memory.bytes").gauge().value()).isBetween(10_000.0, 50_000.0);

    cache.close();
    assertThat(meters.find("cache.memory.bytes").gauge()).isNull();
  }

  @Test
  void nothing_is_kept_when_both_tiers_are_off() {
    reopen(Sizes.NONE);
    var tenure = cache.tenure();
    get(tenure, HASH, 1, "good");

    assertThat(get(tenure, HASH, 1, "good")).isEqualTo(result("good"));
    assertThat(reads).isEqualTo(2);
    assertThat(looked("memory", "miss")).isZero();
    assertThat(looked("ledger", "hit")).isEqualTo(2);
  }

  @Test
  void what_it_has_no_room_for_is_given_and_counted() {
    reopen(OFF_HEAP);
    var tenure = cache.tenure();
    var large = "x".repeat((int) (2 * MEGABYTE));

    for (int i = 0; i < 2; i++) {
      assertThat(get(tenure, HASH, 1, large)).isEqualTo(result(large));
    }
    assertThat(reads).isEqualTo(2);
    assertThat(errors("write")).isEqualTo(2);

    assertThat(get(tenure, OTHER, 1, "small")).isEqualTo(result("small"));
    assertThat(get(tenure, OTHER, 1, "small")).isEqualTo(result("small"));
    assertThat(reads).isEqualTo(3);
  }

  @Test
  void a_cache_that_fails_is_a_miss_and_says_so_once_a_minute() {
    var log = (Logger) LoggerFactory.getLogger(ResultCache.class);
    var lines = new ListAppender<ILoggingEvent>();
    lines.start();
    log.setAdditive(false);
    log.addAppender(lines);
    try {
      var tenure = cache.tenure();
      cache.close();

      assertThat(get(tenure, HASH, 1, "good")).isEqualTo(result("good"));
      assertThat(get(tenure, HASH, 1, "good")).isEqualTo(result("good"));
      assertThat(errors("read")).isEqualTo(2);
      assertThat(errors("write")).isEqualTo(2);
      assertThat(looked("memory", "miss")).isEqualTo(2);
      assertThat(lines.list).hasSize(1);

      nanos += Duration.ofMinutes(1).toNanos();
      get(tenure, HASH, 1, "good");
      assertThat(lines.list).hasSize(2);
    } finally {
      log.detachAppender(lines);
      log.setAdditive(true);
    }
  }

  @Test
  void memory_that_cannot_be_had_is_gone_without() {
    reopen(new Sizes(100, 1L << 50));

    assertThat(get(cache.tenure(), HASH, 1, "good")).isEqualTo(result("good"));
    assertThat(errors("open")).isOne();
  }

  private void reopen(Sizes sizes) {
    cache.close();
    cache = ResultCache.open(sizes, resources);
  }

  private byte @Nullable [] get(Tenure tenure, RequestHash hash, long epoch, String answer) {
    return tenure.get(hash, epoch, () -> stored(answer));
  }

  private byte[] stored(String answer) {
    reads++;
    return result(answer);
  }

  private static byte[] result(String answer) {
    return answer.getBytes(StandardCharsets.UTF_8);
  }

  private long looked(String layer, String result) {
    return meters.get("cache.layer.reads").tags("layer", layer, "result", result).timer().count();
  }

  private double errors(String reason) {
    return meters
        .get("cache.layer.errors")
        .tags("layer", "memory", "reason", reason)
        .counter()
        .count();
  }
}
