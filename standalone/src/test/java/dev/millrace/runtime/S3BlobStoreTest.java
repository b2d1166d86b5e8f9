package dev.millrace.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.InstantSource;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The store on a server that speaks S3, with a prefix.
class S3BlobStoreTest extends BlobStoreContract {

  private S3Server server;

  @Override
  BlobStore open(InstantSource clock) throws Exception {
    server = S3Server.start(folder);
    return open(server.settings(), clock);
  }

  @Override
  Path blobs() {
    return folder.resolve(S3Server.BUCKET).resolve("large");
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void a_store_that_is_away_is_no_missing_blob() throws Exception {
    try (var store = open(server.settings(), Clock.systemUTC())) {
      var ref = store.put(BYTES);
      server.stop();

      assertThatThrownBy(() -> store.get(ref))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageStartingWith("cannot read blob " + ref + " in bucket results: ");
      assertThatThrownBy(() -> store.exists(ref))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageStartingWith("cannot look for blob " + ref + " in bucket results: ");
      assertThatThrownBy(() -> store.put(BYTES))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageStartingWith("cannot keep a blob of 13 bytes in bucket results: ");
      assertThatThrownBy(() -> store.sweep(Clock.systemUTC().instant()))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageStartingWith("cannot sweep in bucket results: ");
    }
  }

  @Test
  void a_bucket_that_is_not_there_is_no_missing_blob() {
    var settings = server.settings();
    settings.put(CommonConfig.BLOBS_S3_BUCKET, "nowhere");
    try (var store = open(settings, Clock.systemUTC())) {
      var ref = "2026-03-04/" + "a".repeat(64);
      assertThatThrownBy(() -> store.get(ref))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining("nowhere");
      assertThatThrownBy(() -> store.exists(ref))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining("nowhere");
    }
  }

  @Test
  void who_has_the_wrong_key_is_told_without_it() {
    var settings = server.settings();
    settings.put(CommonConfig.BLOBS_S3_SECRET_KEY, "wrong-key");
    try (var store = open(settings, Clock.systemUTC())) {
      assertThatThrownBy(() -> store.put(BYTES))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining("403")
          .hasMessageNotContaining("wrong-key")
          .hasMessageNotContaining(S3Server.ACCESS_KEY);
    }
  }

  @Test
  void one_key_without_the_other_is_refused() {
    var settings = server.settings();
    settings.remove(CommonConfig.BLOBS_S3_SECRET_KEY);

    assertThatThrownBy(() -> open(settings, Clock.systemUTC()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(CommonConfig.BLOBS_S3_SECRET_KEY);
  }

  @Test
  void an_endpoint_is_an_address_and_no_secret_is_shown() {
    var settings = server.settings();
    assertThat(settings(settings).shown(CommonConfig.BLOBS_S3_SECRET_KEY)).isEqualTo("[hidden]");
    settings.put(CommonConfig.BLOBS_S3_ENDPOINT, "store:9000");

    assertThatThrownBy(() -> settings(settings))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(CommonConfig.BLOBS_S3_ENDPOINT);
  }

  private static BlobStore open(Map<String, String> flags, InstantSource clock) {
    return BlobStore.open(settings(flags), clock);
  }

  private static Settings settings(Map<String, String> flags) {
    return Settings.load(
        CommonConfig.def(), new Settings.Sources(Map.of(), Map.of(), Map.copyOf(flags)));
  }
}
