package dev.millrace.publisher.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.publisher.http.Router.Match;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RouterTest {

  private final Router router =
      new Router()
          .add("GET", "/", exchange -> {})
          .add("GET", "/v1/requests", exchange -> {})
          .add("POST", "/v1/requests", exchange -> {})
          .add("GET", "/v1/requests/{id}", exchange -> {})
          .add("DELETE", "/v1/requests/{id}", exchange -> {})
          .add("GET", "/v1/requests/recent", exchange -> {})
          .add("GET", "/v1/requests/{id}/result", exchange -> {});

  @Test
  void a_segment_in_braces_takes_any_one_segment() {
    assertThat(router.find("GET", "/v1/requests/a:b.c"))
        .isInstanceOfSatisfying(
            Match.Found.class,
            found -> assertThat(found.parameters()).isEqualTo(Map.of("id", "a:b.c")));
    assertThat(router.find("GET", "/v1/requests/a/b")).isInstanceOf(Match.Nothing.class);
  }

  @Test
  void a_literal_segment_is_preferred() {
    assertThat(router.find("GET", "/v1/requests/recent"))
        .isInstanceOfSatisfying(
            Match.Found.class,
            found -> assertThat(found.route().path()).isEqualTo("/v1/requests/recent"));
  }

  @Test
  void head_is_answered_as_get() {
    assertThat(router.find("HEAD", "/v1/requests")).isInstanceOf(Match.Found.class);
  }

  @Test
  void another_method_is_told_the_allowed_ones() {
    assertThat(router.find("PUT", "/v1/requests"))
        .isInstanceOfSatisfying(
            Match.OtherMethods.class,
            other -> assertThat(other.allowed()).containsExactly("GET", "HEAD", "POST"));
  }

  @Test
  void an_unknown_path_is_answered_with_the_nearest() {
    assertThat(router.find("GET", "/v1/request"))
        .isInstanceOfSatisfying(
            Match.Nothing.class, none -> assertThat(none.hint()).contains("/v1/requests"));
  }
}
