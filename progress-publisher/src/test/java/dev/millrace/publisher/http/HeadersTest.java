package dev.millrace.publisher.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.publisher.sse.RequestKey;
import dev.millrace.runtime.request.StrictJson;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class HeadersTest {

  @Test
  void an_entity_tag_matches_lists_weak_tags_and_encoded_answers() {
    assertThat(Etag.matches("\"x\", W/\"a\"", "\"a\"")).isTrue();
    assertThat(Etag.matches("\"a--gzip\"", "\"a\"")).isTrue();
    assertThat(Etag.matches("*", "\"a\"")).isTrue();
    assertThat(Etag.matches("\"b\"", "\"a\"")).isFalse();
    assertThat(Etag.matches(null, "\"a\"")).isFalse();
  }

  @Test
  void a_range_is_cut_at_the_end_and_counted_from_it() {
    assertThat(ByteRange.parse("bytes=2-", 10)).contains(new ByteRange(2, 9));
    assertThat(ByteRange.parse("bytes=2-100", 10)).contains(new ByteRange(2, 9));
    assertThat(ByteRange.parse("bytes=-3", 10)).contains(new ByteRange(7, 9));
    assertThat(ByteRange.parse("bytes=-300", 10)).contains(new ByteRange(0, 9));
  }

  @Test
  void what_is_no_single_range_is_ignored_and_one_outside_is_refused() {
    assertThat(ByteRange.parse("bytes=0-1,3-4", 10)).isEmpty();
    assertThat(ByteRange.parse("bytes=5-2", 10)).isEmpty();
    assertThat(ByteRange.parse("lines=1-2", 10)).isEmpty();
    assertThatThrownBy(() -> ByteRange.parse("bytes=10-", 10))
        .isInstanceOfSatisfying(
            Problem.class, problem -> assertThat(problem.status()).isEqualTo(416));
  }

  @Test
  void a_preferred_wait_is_capped() {
    var most = Duration.ofSeconds(60);

    assertThat(SubmitRoute.preferredWait("wait=5", most)).contains(Duration.ofSeconds(5));
    assertThat(SubmitRoute.preferredWait("respond-async, Wait=500", most)).contains(most);
    assertThat(SubmitRoute.preferredWait("wait=0", most)).isEmpty();
    assertThat(SubmitRoute.preferredWait("await=7", most)).isEmpty();
    assertThat(SubmitRoute.preferredWait(null, most)).isEmpty();
  }

  @Test
  void a_request_keeps_its_bytes_and_gets_its_id_in_front() {
    var body = Exchange.utf8(" \n{ \"type\" : \"simulation\" }\n");

    assertThat(SubmitRoute.withId(body, "id-1"))
        .isEqualTo(Exchange.utf8("{\"requestId\":\"id-1\", \"type\" : \"simulation\" }"));
  }

  @Test
  void a_request_that_its_id_makes_too_long_is_refused_before_it_is_accepted() {
    var padded = Exchange.utf8("{\"type\":\"simulation\"}" + " ".repeat(StrictJson.MAX_BYTES));
    var full = Exchange.utf8("{\"type\":\"" + "x".repeat(StrictJson.MAX_BYTES - 11) + "\"}");

    assertThat(SubmitRoute.withId(padded, "id-1")).hasSizeLessThan(64);
    assertThatThrownBy(() -> SubmitRoute.withId(full, "id-1"))
        .isInstanceOf(Problem.class)
        .hasMessageContaining("at most 262144");
  }

  @Test
  void a_location_names_the_organization_when_there_is_one() {
    assertThat(SubmitRoute.location(RequestKey.of(null, "a:1"))).isEqualTo("/v1/requests/a%3A1");
    assertThat(SubmitRoute.location(RequestKey.of("org_1", "a")))
        .isEqualTo("/v1/requests/a?organizationId=org_1");
  }

  @Test
  void ids_are_version_7_and_sort_by_time() {
    var early = new Ids(InstantSource.fixed(Instant.parse("2026-11-20T00:00:00Z")), new Random(1));
    var late = new Ids(InstantSource.fixed(Instant.parse("2026-11-20T00:00:01Z")), new Random(1));

    var id = UUID.fromString(early.next());

    assertThat(id.version()).isEqualTo(7);
    assertThat(id.variant()).isEqualTo(2);
    assertThat(late.next()).isGreaterThan(id.toString());
  }
}
