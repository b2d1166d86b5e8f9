package dev.millrace.publisher.sse;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class FrameTest {

  @Test
  void an_event_has_its_id_name_and_one_line_of_data() {
    var frame = Frame.durable(Frame.COMPLETE, "0-17.1-5", Map.of("message", "a\n\ndata: forged"));

    assertThat(frame)
        .hasToString(
            "id: 0-17.1-5\nevent: job_complete\ndata: {\"message\":\"a\\n\\ndata: forged\"}\n\n");
  }

  @Test
  void line_breaks_never_leave_an_id() {
    assertThat(Frame.durable("e", "1\r\ndata: x", 1))
        .hasToString("id: 1  data: x\nevent: e\ndata: 1\n\n");
  }

  @Test
  void the_latest_progress_of_a_job_replaces_the_one_before() {
    var queue = new FrameQueue();

    queue.offer(progress("a", 1));
    queue.offer(progress("b", 1));
    queue.offer(progress("a", 2));

    assertThat(queue.size()).isEqualTo(2);
    assertThat(poll(queue)).contains("\ndata: 2\n");
    assertThat(poll(queue)).contains("\ndata: 1\n");
    assertThat(queue.poll()).isNull();
  }

  @Test
  void progress_makes_room_for_what_must_arrive() {
    var queue = new FrameQueue();
    for (int i = 0; i < FrameQueue.MOST; i++) {
      assertThat(queue.offer(progress("job" + i, i))).isTrue();
    }

    assertThat(queue.offer(Frame.durable(Frame.COMPLETE, null, 1))).isTrue();
    assertThat(queue.size()).isEqualTo(FrameQueue.MOST);
    assertThat(poll(queue)).contains("data: 1\n");
  }

  @Test
  void a_queue_full_of_what_must_arrive_takes_no_more_but_drops_progress_quietly() {
    var queue = new FrameQueue();
    for (int i = 0; i < FrameQueue.MOST; i++) {
      assertThat(queue.offer(Frame.durable(Frame.COMPLETE, null, i))).isTrue();
    }

    assertThat(queue.offer(progress("a", 1))).isTrue();
    assertThat(queue.offer(Frame.durable(Frame.COMPLETE, null, 1))).isFalse();
    assertThat(queue.size()).isEqualTo(FrameQueue.MOST);
  }

  @Test
  void positions_come_back_as_they_went_out() {
    var positions = new Positions(Map.of(0, 17L, 3, 5L));

    assertThat(positions.encode()).isEqualTo("0-17.3-5");
    assertThat(Positions.decode("0-17.3-5")).contains(positions);
    assertThat(positions.covers(0, 16)).isTrue();
    assertThat(positions.covers(0, 17)).isFalse();
    assertThat(positions.covers(1, 0)).isFalse();
  }

  @Test
  void positions_that_are_not_ours_are_none() {
    assertThat(Positions.decode("-1-5")).isEmpty();
    assertThat(Positions.decode("0-1000000000000000000000000000000")).isEmpty();
    assertThat(Positions.decode("0-1\n")).isEmpty();
    assertThat(Positions.decode("")).isEmpty();
  }

  private static Frame progress(String job, int percent) {
    return Frame.passing(Frame.PROGRESS, job, percent);
  }

  private static String poll(FrameQueue queue) {
    return Objects.requireNonNull(queue.poll()).toString();
  }
}
