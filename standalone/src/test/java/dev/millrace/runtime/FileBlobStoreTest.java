package dev.millrace.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FileBlobStoreTest extends BlobStoreContract {

  @Override
  BlobStore open(InstantSource clock) {
    var flags = Map.of(CommonConfig.BLOBS_DIR, blobs().toString());
    return BlobStore.open(
        Settings.load(CommonConfig.def(), new Settings.Sources(Map.of(), Map.of(), flags)), clock);
  }

  @Override
  Path blobs() {
    return folder.resolve("blobs");
  }

  @Test
  void a_folder_that_is_not_there_does_not_say_what_exists() throws Exception {
    var ref = "2026-03-04/" + "a".repeat(64);
    try (var store = open(Clock.systemUTC())) {
      assertThatThrownBy(() -> store.exists(ref)).isInstanceOf(UncheckedIOException.class);

      Files.createDirectories(blobs());
      assertThat(store.exists(ref)).isFalse();
    }
  }
}
