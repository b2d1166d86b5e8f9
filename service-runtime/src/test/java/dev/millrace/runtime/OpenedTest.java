package dev.millrace.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OpenedTest {

  private final List<String> closed = new ArrayList<>();
  private final Opened opened = new Opened();

  @Test
  void the_last_is_closed_first_and_one_that_fails_leaves_none_open() {
    var first = part("first");
    opened.add(first);
    opened.add(part("second"));
    opened.add(() -> {
      throw new IllegalStateException("stuck");
    });
    opened.add(part("fourth"));
    opened.add(first);

    opened.close();
    opened.close();

    assertThat(closed).containsExactly("first", "fourth", "second");
  }

  private AutoCloseable part(String name) {
    return () -> closed.add(name);
  }
}
