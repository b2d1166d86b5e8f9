package dev.millrace.workers.handlers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandHandlerTest {

  @TempDir Path folder;

  private final List<String> heard = new CopyOnWriteArrayList<>();
  private final CommandHandler handler = new CommandHandler();

  @BeforeEach
  void allow() {
    handler.configure(Map.of(CommandHandler.ALLOW, List.of("sh", "cat", "/bin/echo", "missing")));
  }

  @Test
  void the_last_line_of_json_is_the_result_and_progress_lines_are_progress() throws Exception {
    var result =
        shell(
            """
            echo '{"progress":25,"message":"a quarter"}'
            echo 'just talking'
            echo '{"n":1}'
            echo '{"progress":100}'
            echo '{"n":2}'
            """);

    assertThat(result).isEqualTo(JsonNodeFactory.instance.objectNode().put("n", 2));
    assertThat(heard).containsExactly("25.0 a quarter", "100.0 null");
  }

  @Test
  void text_is_answered_as_text() throws Exception {
    var result = run("/bin/echo", "", "a b", "$HOME", "; echo c");

    assertThat(result.path("stdout").asText()).isEqualTo("a b $HOME ; echo c\n");
    assertThat(result.path("exitCode").asInt(-1)).isZero();
    assertThat(result.has("truncated")).isFalse();
  }

  @Test
  void stdin_reaches_the_program() throws Exception {
    assertThat(run("cat", "{\"in\":\"ü\"}").path("in").asText()).isEqualTo("ü");
  }

  @Test
  void endless_output_is_cut() throws Exception {
    var result = shell("yes | head -c 300000");

    assertThat(result.path("stdout").asText()).hasSize(64 * 1024);
    assertThat(result.path("truncated").asBoolean()).isTrue();
  }

  @Test
  void the_environment_is_a_path_and_the_folder_is_the_runs_own() throws Exception {
    var result = shell("env | cut -d= -f1 | sort | tr '\\n' ' '; pwd");

    assertThat(result.path("stdout").asText())
        .contains("PATH")
        .doesNotContain("HOME", "USER", "JAVA")
        .endsWith(folder.toRealPath() + "\n");
  }

  @Test
  void a_bad_exit_is_a_failure_with_the_end_of_what_was_complained_of() {
    assertThatExceptionOfType(JobFailure.class)
        .isThrownBy(() -> shell("echo early >&2; echo 'no such table' >&2; exit 3"))
        .withMessageContaining("exit code 3")
        .withMessageContaining("no such table")
        .matches(JobFailure::isRetryable);
  }

  @Test
  void a_program_that_is_not_allowed_is_not_run() {
    assertThatExceptionOfType(JobFailure.class)
        .isThrownBy(() -> run("ls", ""))
        .withMessageContaining("workers.command.allow")
        .matches(failure -> failure.code().equals("NOT_ALLOWED") && !failure.isRetryable());
    assertThatExceptionOfType(JobFailure.class)
        .isThrownBy(() -> run("missing", ""))
        .matches(failure -> failure.code().equals("NO_SUCH_PROGRAM"));
  }

  @Test
  void an_interrupt_ends_the_whole_group() throws Exception {
    var pids = folder.resolve("pids");
    var thrown = new AtomicReference<Throwable>();
    var run =
        Thread.ofVirtual()
            .start(() -> {
              try {
                shell(
                    "trap '' TERM; sh -c 'trap \"\" TERM; echo $$ >> pids; sleep 60' & "
                        + "echo $$ >> pids; while true; do sleep 1; done");
              } catch (Throwable e) {
                thrown.set(e);
              }
            });
    await().until(() -> Files.exists(pids) && Files.readAllLines(pids).size() == 2);

    run.interrupt();
    run.join();

    assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
    for (var pid : Files.readAllLines(pids)) {
      await().until(() -> !alive(Long.parseLong(pid)));
    }
  }

  @Test
  void what_a_program_leaves_running_is_ended_with_it() throws Exception {
    var result = shell("sleep 60 & echo $!");

    long pid = Long.parseLong(result.path("stdout").asText().strip());
    await().until(() -> !alive(pid));
  }

  private static boolean alive(long pid) {
    return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
  }

  private JsonNode shell(String script) throws Exception {
    return run("sh", "", "-c", script);
  }

  private JsonNode run(String program, String stdin, String... arguments) throws Exception {
    var params = JsonNodeFactory.instance.objectNode().put("program", program).put("stdin", stdin);
    var array = params.putArray("args");
    for (var argument : arguments) {
      array.add(argument);
    }
    return handler.handle(new Context(params)).result();
  }

  private final class Context implements JobContext {
    private final ObjectNode params;

    Context(ObjectNode params) {
      this.params = params;
    }

    @Override
    public ObjectNode params() {
      return params;
    }

    @Override
    public ProgressSink progress() {
      return new ProgressSink() {
        @Override
        public void items(long processed, long total, @Nullable String message) {
          heard.add(processed + " of " + total + " " + message);
        }

        @Override
        public void percent(double percent, @Nullable String message) {
          heard.add(percent + " " + message);
        }
      };
    }

    @Override
    public boolean cancelled() {
      return false;
    }

    @Override
    public Instant deadline() {
      return Instant.MAX;
    }

    @Override
    public Duration remaining() {
      return Duration.ofDays(1);
    }

    @Override
    public int attempt() {
      return 1;
    }

    @Override
    public String jobId() {
      return "command:0:1";
    }

    @Override
    public String idempotencyKey() {
      return jobId();
    }

    @Override
    public Path scratch() {
      return folder;
    }
  }
}
