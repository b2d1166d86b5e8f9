package dev.millrace.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileBlobStoreTest {

  private static final byte[] BYTES = "{\"answer\":42}".getBytes(StandardCharsets.UTF_8);

  @TempDir private Path folder;
  private Instant now = Instant.parse("2026-03-04T23:59:59Z");

  private BlobStore store() {
    return new FileBlobStore(folder, () -> now);
  }

  @Test
  void what_was_kept_is_found_under_its_day_and_digest() {
    var ref = store().put(BYTES);

    assertThat(ref).isEqualTo("2026-03-04/" + FileBlobStore.sha256(BYTES));
    assertThat(store().get(ref)).hasValueSatisfying(found -> assertThat(found).isEqualTo(BYTES));
  }

  @Test
  void keeping_it_twice_leaves_one_file() throws Exception {
    store().put(BYTES);
    store().put(BYTES);

    try (var files = Files.list(folder.resolve("2026-03-04"))) {
      assertThat(files).hasSize(1);
    }
  }

  @Test
  void what_is_no_reference_leads_nowhere() throws Exception {
    Files.writeString(folder.resolve("secret"), "x");

    assertThat(store().get("../secret")).isEmpty();
    assertThat(store().get("2026-03-04/../secret")).isEmpty();
    assertThat(store().get("2026-03-04/" + "a".repeat(64))).isEmpty();
  }

  @Test
  void only_age_deletes() {
    var old = store().put(BYTES);
    now = now.plus(Duration.ofDays(31));
    assertThat(store().sweep(now.minus(Duration.ofDays(BlobStore.KEPT_DAYS)))).isZero();
    assertThat(store().get(old)).isPresent();

    now = now.plus(Duration.ofDays(1));
    assertThat(store().sweep(now.minus(Duration.ofDays(BlobStore.KEPT_DAYS)))).isEqualTo(1);
    assertThat(store().get(old)).isEmpty();
  }
}
