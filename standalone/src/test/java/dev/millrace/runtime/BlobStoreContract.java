package dev.millrace.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.contracts.Sha256;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What every blob store does, wherever the blobs lie.
abstract class BlobStoreContract {

  static final byte[] BYTES = "{\"answer\":42}".getBytes(StandardCharsets.UTF_8);

  @TempDir Path folder;
  private Instant now = Instant.parse("2026-03-04T23:59:59Z");
  private BlobStore store;

  /// A store whose blobs are files below [#blobs].
  abstract BlobStore open(InstantSource clock) throws Exception;

  /// Where the blobs lie as files, a folder per day.
  abstract Path blobs();

  @BeforeEach
  void open() throws Exception {
    store = open(() -> now);
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void what_was_kept_is_found_under_its_day_and_digest() {
    var ref = store.put(BYTES);

    assertThat(ref).isEqualTo("2026-03-04/" + Sha256.hex(BYTES));
    assertThat(blobs().resolve(ref)).hasBinaryContent(BYTES);
    assertThat(store.get(ref)).hasValueSatisfying(found -> assertThat(found).isEqualTo(BYTES));
    assertThat(store.exists(ref)).isTrue();
  }

  @Test
  void what_was_deleted_does_not_exist() throws Exception {
    var ref = store.put(BYTES);
    Files.delete(blobs().resolve(ref));

    assertThat(store.exists(ref)).isFalse();
    assertThat(store.exists("../" + ref)).isFalse();
  }

  @Test
  void a_large_one_comes_back_as_it_was() {
    var large = new byte[3_000_001];
    new Random(7).nextBytes(large);

    assertThat(store.get(store.put(large)))
        .hasValueSatisfying(found -> assertThat(found).isEqualTo(large));
  }

  @Test
  void keeping_it_twice_leaves_one() throws Exception {
    var ref = store.put(BYTES);

    assertThat(store.put(BYTES)).isEqualTo(ref);
    try (var files = Files.list(blobs().resolve("2026-03-04"))) {
      assertThat(files).hasSize(1);
    }
  }

  @Test
  void what_is_no_reference_leads_nowhere() throws Exception {
    store.put(BYTES);
    Files.writeString(blobs().resolve("secret"), "x");

    assertThat(store.get("secret")).isEmpty();
    assertThat(store.get("../secret")).isEmpty();
    assertThat(store.get("2026-03-04/../secret")).isEmpty();
    assertThat(store.get("2026-03-04/" + "a".repeat(64))).isEmpty();
  }

  @Test
  void only_age_deletes() throws Exception {
    var old = store.put(BYTES);
    var notOurs = Files.createDirectories(blobs().resolve("lost+found")).resolve("note");
    Files.writeString(notOurs, "x");
    now = now.plus(Duration.ofDays(31));
    var young = store.put(BYTES);
    assertThat(store.sweep(now.minus(Duration.ofDays(BlobStore.KEPT_DAYS)))).isZero();
    assertThat(store.get(old)).isPresent();

    now = now.plus(Duration.ofDays(1));
    assertThat(store.sweep(now.minus(Duration.ofDays(BlobStore.KEPT_DAYS)))).isEqualTo(1);
    assertThat(store.get(old)).isEmpty();
    assertThat(store.get(young)).isPresent();
    assertThat(notOurs).exists();
  }

  @Test
  void there_may_be_nothing_to_sweep() {
    assertThat(store.sweep(now)).isZero();
  }
}
