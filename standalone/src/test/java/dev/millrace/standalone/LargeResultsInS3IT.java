package dev.millrace.standalone;

import static dev.millrace.standalone.Caller.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.contracts.Completion;
import dev.millrace.contracts.Decision;
import dev.millrace.contracts.DecisionKind;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.Source;
import dev.millrace.contracts.Status;
import dev.millrace.contracts.Tier;
import dev.millrace.publisher.PublisherConfig;
import dev.millrace.runtime.Resources;
import dev.millrace.runtime.S3Server;
import dev.millrace.runtime.Settings.Sources;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Everything runs with its large results in a bucket.
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class LargeResultsInS3IT {

  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private static final AtomicInteger NUMBER = new AtomicInteger();

  @TempDir Path folder;

  @Test
  void a_large_result_lies_in_the_bucket_is_given_whole_and_in_part_and_computed_anew_when_gone()
      throws Exception {
    var buckets = folder.resolve("buckets");
    try (var s3 = S3Server.start(buckets)) {
      var settings = s3.settings();
      settings.put(PublisherConfig.HTTP_PORT, "0");
      var options =
          new Standalone.Options(
              folder.resolve("data"), 0, new Sources(settings, Map.of(), Map.of()));
      try (var standalone = Standalone.start(options, Resources.system());
          var caller = Caller.of(standalone)) {
        caller.send(Tier.FREE, large("other", "cmp_other"));
        caller.end("other");
        caller.send(Tier.FREE, large("large", "cmp_large"));
        var end = caller.end("large");

        assertThat(end.status()).isEqualTo(Status.COMPLETED);
        assertThat(end.resultBytes()).isGreaterThan(64 * 1024);
        var object = buckets.resolve(S3Server.BUCKET).resolve("large").resolve(end.resultRef());
        assertThat(object).hasSize(end.resultBytes());
        assertThat(folder.resolve("data/blobs")).doesNotExist();

        var whole =
            await()
                .atMost(PATIENCE)
                .until(() -> result(standalone, ""), answer -> answer.statusCode() == 200);
        assertThat(object).hasContent(whole.body());
        assertThat(whole.headers().firstValue("etag")).hasValue('"' + end.resultSha256() + '"');
        var part = result(standalone, "bytes=100000-100009");
        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(part.body()).isEqualTo(whole.body().substring(100_000, 100_010));

        // a store that has shown nothing is not believed that anything is missing
        assertThat(again(caller, "cmp_other").source()).isEqualTo(Source.CACHED);
        Files.delete(object);
        var anew =
            await()
                .atMost(PATIENCE)
                .until(
                    () -> again(caller, "cmp_large"),
                    // at first it may answer too slowly for whoever asks
                    again -> again.source() == Source.COMPUTED);
        assertThat(anew.resultRef()).isEqualTo(end.resultRef());
        assertThat(object).hasSize(end.resultBytes());
        assertThat(caller.decisions(DecisionKind.DISPATCHED, end.requestHash()))
            .extracting(Decision::reason)
            .containsExactly(null, "result missing");

        s3.stop();
        var away = result(standalone, "");
        assertThat(away.statusCode()).isEqualTo(503);
        var problem = Json.MAPPER.readTree(away.body());
        assertThat(problem.path("code").asText()).isEqualTo("E_UNAVAILABLE");
        assertThat(problem.path("detail").asText()).contains("large results");
      }
    }
  }

  private static ObjectNode large(String requestId, String campaignId) {
    var large = Caller.simulation(requestId, campaignId);
    var params = (ObjectNode) large.path("params");
    params.put("timeframeDays", 365).put("paths", 100);
    var scenarios = params.putArray("scenarios");
    scenarios.addObject().put("name", "base");
    IntStream.range(2, 9)
        .forEach(i -> scenarios.addObject().put("name", "x" + i).put("budgetMultiplier", i));
    return large;
  }

  private static Completion again(Caller caller, String campaignId) {
    var id = "again-" + NUMBER.incrementAndGet();
    caller.send(Tier.FREE, large(id, campaignId));
    return caller.end(id);
  }

  /// @param range a `Range` header, or empty for all of it
  private static HttpResponse<String> result(Standalone standalone, String range) throws Exception {
    var call = HttpRequest.newBuilder(URI.create(standalone.http() + "/v1/requests/large/result"));
    if (!range.isEmpty()) {
      call.header("Range", range);
    }
    return HTTP.send(call.build(), BodyHandlers.ofString());
  }
}
