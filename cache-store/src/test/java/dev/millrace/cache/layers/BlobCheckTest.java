package dev.millrace.cache.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.runtime.BlobStore;
import dev.millrace.runtime.Resources;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// When the blob store is asked, and what is made of what it says.
class BlobCheckTest {

  private static final Duration LONG = Duration.ofMinutes(1);

  private final AtomicLong nanos = new AtomicLong();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final AtomicInteger asked = new AtomicInteger();
  private Predicate<String> has = _ -> true;
  private BlobCheck check = check(LONG);

  @AfterEach
  void close() {
    check.close();
  }

  @Test
  void what_is_there_is_believed_for_five_minutes() {
    assertThat(check.missing("a", 1)).isFalse();
    has = _ -> false;
    pass(Duration.ofSeconds(299));
    assertThat(check.missing("a", 1)).isFalse();
    assertThat(asked).hasValue(1);

    pass(Duration.ofSeconds(1));
    assertThat(check.missing("a", 1)).isTrue();
    assertThat(count("missing")).isEqualTo(1);
    assertThat(count("unknown")).isZero();
  }

  @Test
  void what_is_missing_is_believed_for_ten_seconds_unless_another_epoch_brings_it() {
    showOne();
    has = _ -> false;
    assertThat(check.missing("a", 1)).isTrue();
    has = _ -> true;
    pass(Duration.ofSeconds(9));
    assertThat(check.missing("a", 1)).isTrue();
    assertThat(asked).hasValue(2);
    assertThat(count("missing")).isEqualTo(2);
    assertThat(check.missing("a", 2)).isFalse();

    pass(Duration.ofSeconds(1));
    assertThat(check.missing("a", 1)).isFalse();
  }

  @Test
  void a_store_that_has_shown_no_blob_is_not_believed_that_one_is_missing() {
    has = _ -> false;
    assertThat(check.missing("a", 1)).isFalse();
    assertThat(check.missing("b", 1)).isFalse();
    assertThat(count("unknown")).isEqualTo(2);

    has = _ -> true;
    assertThat(check.missing("c", 1)).isFalse();
    assertThat(check.missing("a", 1)).isTrue();
    assertThat(asked).hasValue(3);
  }

  @Test
  void a_store_that_has_shown_no_blob_for_long_is_believed_no_more_until_it_shows_one() {
    showOne();
    has = _ -> false;
    int missing = 0;
    while (check.missing("gone-" + missing, 1)) {
      missing++;
    }
    assertThat(missing).isEqualTo(19);
    assertThat(check.missing("gone-0", 1)).isFalse();

    has = _ -> true;
    assertThat(check.missing("a", 1)).isFalse();
    assertThat(check.missing("gone-0", 1)).isTrue();
  }

  @Test
  void a_store_that_fails_misses_nothing_and_is_asked_again_after_ten_seconds() {
    showOne();
    has = BlobCheckTest::fail;
    assertThat(check.missing("a", 1)).isFalse();
    has = _ -> false;
    assertThat(check.missing("b", 1)).isTrue();
    pass(Duration.ofSeconds(9));
    assertThat(check.missing("a", 1)).isFalse();
    assertThat(count("unknown")).isEqualTo(2);

    pass(Duration.ofSeconds(1));
    assertThat(check.missing("a", 1)).isTrue();
  }

  @Test
  void while_the_store_does_not_say_what_it_said_last_counts() {
    showOne();
    has = _ -> false;
    assertThat(check.missing("gone", 1)).isTrue();

    has = BlobCheckTest::fail;
    for (int i = 0; i < 3; i++) {
      pass(Duration.ofHours(1));
      assertThat(check.missing("gone", 1)).isTrue();
      assertThat(check.missing("shown", 1)).isFalse();
    }
    assertThat(count("missing")).isEqualTo(4);
    assertThat(count("unknown")).isEqualTo(3);
  }

  @Test
  @Timeout(30)
  void nobody_waits_for_a_store_that_hangs_once_the_budget_of_the_second_is_spent() {
    has = _ -> pass(LONG);
    assertThat(check.missing("slow", 1)).isFalse();
    assertThat(count("unknown")).isZero();

    var hung = new CountDownLatch(1);
    has = _ -> awaited(hung);
    assertThat(check.missing("hung", 1)).isFalse();
    assertThat(check.missing("hung too", 1)).isFalse();
    assertThat(count("unknown")).isEqualTo(2);

    hung.countDown();
    has = _ -> true;
    pass(Duration.ofSeconds(1));
    assertThat(check.missing("another", 1)).isFalse();
    assertThat(count("unknown")).isEqualTo(2);
  }

  @Test
  void a_store_that_hangs_is_not_asked_ever_more() {
    check.close();
    check = check(Duration.ZERO);
    var hung = new CountDownLatch(1);
    has = _ -> awaited(hung);

    for (int i = 0; i < 500; i++) {
      assertThat(check.missing("hung-" + i, 1)).isFalse();
    }

    assertThat(count("unknown")).isEqualTo(500);
    assertThat(asked).hasValueLessThan(100);
    hung.countDown();
  }

  @Test
  @Timeout(30)
  void who_asks_the_same_while_a_question_is_open_asks_nothing_more() {
    check.close();
    check = check(Duration.ofMillis(1));
    var hung = new CountDownLatch(1);
    has = _ -> awaited(hung);
    for (int i = 0; i < 10; i++) {
      assertThat(check.missing("a", 1)).isFalse();
      pass(Duration.ofSeconds(1));
    }
    assertThat(count("unknown")).isEqualTo(10);

    hung.countDown();
    await()
        .untilAsserted(() -> {
          double before = count("unknown");
          assertThat(check.missing("a", 1)).isFalse();
          assertThat(count("unknown")).isEqualTo(before);
        });
    assertThat(asked).hasValue(1);
  }

  private void showOne() {
    assertThat(check.missing("shown", 1)).isFalse();
  }

  private static boolean fail(String ref) {
    throw new UncheckedIOException(new IOException("access denied"));
  }

  private BlobCheck check(Duration patience) {
    return new BlobCheck(
        new Store(),
        patience,
        new Resources(() -> Instant.EPOCH, nanos::get, new Random(1), meters));
  }

  private boolean pass(Duration time) {
    nanos.addAndGet(time.toNanos());
    return true;
  }

  private double count(String reason) {
    return meters.counter("cache.layer.errors", "layer", "blobs", "reason", reason).count();
  }

  private static boolean awaited(CountDownLatch latch) {
    try {
      latch.await();
      return true;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private final class Store implements BlobStore {

    @Override
    public boolean exists(String ref) {
      asked.incrementAndGet();
      return has.test(ref);
    }

    @Override
    public String put(byte[] bytes) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Optional<byte[]> get(String ref) {
      throw new UnsupportedOperationException();
    }

    @Override
    public int sweep(Instant olderThan) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
  }
}
