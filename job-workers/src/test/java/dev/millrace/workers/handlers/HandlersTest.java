package dev.millrace.workers.handlers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.workers.ScriptedHandler;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HandlersTest {

  @Test
  void the_built_in_types_are_found() {
    assertThat(Handlers.load(Map.of()).types()).containsExactly("command", "simulation");
  }

  @Test
  void two_handlers_of_one_type_are_refused() {
    var handlers = List.of(new ScriptedHandler(), new ScriptedHandler());

    assertThatThrownBy(() -> new Handlers(handlers))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("'test' has two handlers");
  }
}
