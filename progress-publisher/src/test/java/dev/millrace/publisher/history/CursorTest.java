package dev.millrace.publisher.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CursorTest {

  private static final byte[] KEY = {1, 2, 3};
  private static final HistoryFilter MINE = of("org_1");

  @Test
  void a_cursor_comes_back_as_it_went_out() {
    var cursor = new Cursor(Instant.parse("2026-11-20T09:31:22.498123Z"), 42);

    assertThat(Cursor.decode(cursor.encode(MINE, KEY), MINE, KEY)).contains(cursor);
  }

  @Test
  void a_cursor_of_another_list_or_key_is_none() {
    var text = new Cursor(Instant.EPOCH, 42).encode(MINE, KEY);

    assertThat(Cursor.decode(text, of("org_2"), KEY)).isEmpty();
    assertThat(Cursor.decode(text, MINE, new byte[] {9})).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "%%%", "AAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})
  void what_we_did_not_give_out_is_none(String text) {
    assertThat(Cursor.decode(text, MINE, KEY)).isEmpty();
  }

  private static HistoryFilter of(String organization) {
    return new HistoryFilter(null, null, null, organization, null, null, null, null, false);
  }
}
