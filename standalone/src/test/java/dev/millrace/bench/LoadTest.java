package dev.millrace.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.bench.Load.Caller;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class LoadTest {

  private final HandMoved clock = new HandMoved();
  private final Load load = new Load(clock);
  private final Tally tally = new Tally();

  @Test
  void a_stall_is_seen_by_everyone_who_would_have_suffered_from_it() throws InterruptedException {
    // Ten a second; the third ask takes a second to return, so seven more are late.
    var asked = new ArrayList<Ask>();
    Way stalling =
        ask -> {
          asked.add(ask);
          clock.nanos += asked.size() == 3 ? 1_000_000_000L : 0;
          return CompletableFuture.completedFuture(new Answer("cached", clock.nanos));
        };

    load.open(10, 20, List.of(new Caller(stalling, LoadTest::question, tally)));

    var nanos = tally.times("cached").nanos();
    assertThat(nanos.getTotalCount()).isEqualTo(20);
    assertThat(nanos.getCountBetweenValues(50_000_000L, 2_000_000_000L)).isEqualTo(10);
    assertThat(tally.times().p50()).isLessThan(100.1);
  }

  @Test
  void a_closed_loop_never_has_more_open_than_its_window() throws InterruptedException {
    Deque<CompletableFuture<Answer>> open = new ArrayDeque<>();
    Way lazy =
        _ -> {
          var answer = new CompletableFuture<Answer>();
          open.add(answer);
          if (open.size() == 5) {
            // The window is full: the loop would wait for ever.
            open.forEach(one -> one.complete(new Answer("computed", clock.nanos)));
            open.clear();
          }
          return answer;
        };

    double seconds = load.closed(5, 100, new Caller(lazy, LoadTest::question, tally));

    assertThat(seconds).isZero();
    assertThat(tally.ended("computed")).isEqualTo(100);
    tally.demandAnswers();
  }

  @Test
  void what_is_not_an_answer_makes_the_figures_void() throws InterruptedException {
    Way failing = _ -> CompletableFuture.completedFuture(new Answer("failed", clock.nanos));
    Way broken = _ -> CompletableFuture.failedFuture(new IllegalStateException("HTTP 503"));

    load.closed(1, 1, new Caller(failing, LoadTest::question, tally));
    assertThatThrownBy(tally::demandAnswers).hasMessageContaining("failed");

    var other = new Tally();
    load.closed(1, 1, new Caller(broken, LoadTest::question, other));
    assertThatThrownBy(other::demandAnswers).hasMessageContaining("HTTP 503");
  }

  private static Ask question(int n) {
    return Ask.of("k" + n, 0);
  }

  private static final class HandMoved implements Timer {
    private long nanos;

    @Override
    public long nanoTime() {
      return nanos;
    }

    @Override
    public void await(long until) {
      nanos = Math.max(nanos, until);
    }
  }
}
