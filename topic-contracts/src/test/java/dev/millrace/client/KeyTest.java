package dev.millrace.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyTest {

  private static final String TAKEN = "[A-Za-z0-9._:-]{1,128}";

  @Test
  void a_key_is_its_kind_its_ids_and_its_named_parts_in_order_of_their_names() {
    assertThat(Key.of("systemHealth")).hasToString("systemHealth");
    assertThat(Key.of("policyDecision", "pol_1", 7)).hasToString("policyDecision:pol_1:7");
    assertThat(Keys.platformMetrics(LocalDate.of(2026, 6, 1), LocalDate.of(2026, 7, 1)))
        .hasToString("platformMetrics:end..2026-07-01:start..2026-06-01");
    assertThat(Keys.userActivity(Map.of("userId", "usr_7", "limit", 50)))
        .hasToString("userActivity:limit..50:userId..usr_7")
        .isEqualTo(Key.of("userActivity").with("userId", "usr_7").with("limit", 50))
        .hasSameHashCodeAs(Key.of("userActivity").with("limit", 50).with("userId", "usr_7"));
  }

  @Test
  void whatever_a_part_holds_fits_into_a_key() {
    assertThat(Key.of("page", "a.b:c/ü")).hasToString("page:a.2Eb.3Ac.2F.C3.BC");
  }

  @Test
  void a_long_key_is_the_digest_of_its_parts_under_its_kind() {
    var longest = Key.of("k", "x".repeat(126));
    var tooLong = Key.of("k", "x".repeat(127));

    assertThat(longest.toString()).hasSize(128).startsWith("k:xx");
    // printf 'k:%s' $(printf 'x%.0s' $(seq 127)) | sha256sum
    assertThat(tooLong.toString())
        .isEqualTo("k::0c6994194f9b2797ddddc5539b92795344bb48f24781b0276558f8bbc760eee6");
    assertThat(Key.of("k".repeat(62), "x".repeat(100)).toString()).hasSize(128).matches(TAKEN);
  }

  /// Parts of the few characters that mean something in a key, so that two that are joined to the
  /// same text would soon be met.
  @Test
  void other_parts_make_another_key() {
    var random = new Random(7);
    var parts = new HashMap<String, List<Object>>();
    for (int i = 0; i < 50_000; i++) {
      var ids = new ArrayList<String>();
      for (int n = random.nextInt(3); n > 0; n--) {
        ids.add(text(random, 1));
      }
      var named = new HashMap<String, String>();
      for (int n = random.nextInt(3); n > 0; n--) {
        named.put(List.of("a", "b", "2").get(random.nextInt(3)), text(random, 0));
      }
      var key = Key.of("k", ids.toArray());
      for (var part : named.entrySet()) {
        key = key.with(part.getKey(), part.getValue());
      }

      assertThat(key.toString()).matches(TAKEN);
      var other = parts.put(key.toString(), List.of(ids, named));
      assertThat(other == null ? List.of(ids, named) : other)
          .as("%s", key)
          .isEqualTo(List.of(ids, named));
    }
    assertThat(parts).hasSizeGreaterThan(1_000);
  }

  @Test
  void a_key_made_elsewhere_is_taken_as_it_is() {
    assertThat(Key.raw("a.b:c")).hasToString("a.b:c");
    assertThat(Key.raw("user:usr_7")).isEqualTo(Keys.user("usr_7"));
    assertThat(Key.raw("a").with("b", 1)).isEqualTo(Key.of("a").with("b", 1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a/b", "a b", "ü"})
  void what_the_server_would_not_take_is_refused(String text) {
    assertThatThrownBy(() -> Key.raw(text)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Key.of(text)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Key.of("k").with(text, 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void an_empty_id_and_a_part_named_twice_are_refused() {
    assertThatThrownBy(() -> Keys.user("")).hasMessage("an id of a key of user is empty");
    assertThatThrownBy(() -> Key.of("k").with("a", 1).with("a", 1))
        .hasMessage("a key has one part a");
  }

  private static String text(Random random, int least) {
    var text = new StringBuilder();
    for (int n = least + random.nextInt(3); n > 0; n--) {
      text.append(".:2aE".charAt(random.nextInt(5)));
    }
    return text.toString();
  }
}
