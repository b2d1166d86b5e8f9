package dev.millrace.publisher.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.millrace.contracts.Completion;
import dev.millrace.contracts.Decision;
import dev.millrace.contracts.DecisionKind;
import dev.millrace.contracts.Failure;
import dev.millrace.contracts.JobId;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.Progress;
import dev.millrace.contracts.RequestHash;
import dev.millrace.contracts.Source;
import dev.millrace.contracts.Status;
import dev.millrace.contracts.Tier;
import dev.millrace.publisher.history.HistoryEvent.Decided;
import dev.millrace.publisher.history.HistoryEvent.Ended;
import dev.millrace.publisher.history.HistoryEvent.Progressed;
import dev.millrace.publisher.history.HistoryEvent.Rejected;
import dev.millrace.publisher.history.HistoryEvent.RequestAdmitted;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PostgresHistoryIT {

  private static final Instant START = Instant.parse("2026-11-20T09:00:00Z");
  private static final RequestHash HASH = RequestHash.of("ab".repeat(32));
  private static final JobId JOB = JobId.of("simulation", HASH, 7);

  private static EmbeddedPostgres postgres;
  private static PostgresDatabase database;

  private final PostgresHistoryWriter writer = new PostgresHistoryWriter(database);
  private final PostgresHistory history = new PostgresHistory(database);

  @BeforeAll
  static void startPostgres() throws Exception {
    postgres = EmbeddedPostgres.builder().setServerConfig("fsync", "off").start();
    database =
        new PostgresDatabase(
            new HistoryConfig(postgres.getJdbcUrl("postgres", "postgres"), "postgres", "", 4, 500),
            System::nanoTime);
    database.migrate();
    database.migrate();
  }

  @AfterAll
  static void stopPostgres() throws Exception {
    database.close();
    postgres.close();
  }

  @BeforeEach
  void empty() {
    database.write(handle -> handle.execute("truncate requests, jobs, decisions"));
  }

  @Test
  void a_request_goes_from_queued_to_completed() {
    write(decided(1, DecisionKind.DISPATCHED, "r1"));
    assertThat(one("r1").status()).isEqualTo(Status.QUEUED);

    write(decided(2, DecisionKind.STARTED, null), progress(1, 40));
    assertThat(one("r1").status()).isEqualTo(Status.PROCESSING);
    assertThat(one("r1").job()).satisfies(job -> assertThat(job.progress()).isEqualTo(40));

    write(decided(3, DecisionKind.RETRIED, null));
    assertThat(one("r1").status()).isEqualTo(Status.RETRYING);

    write(decided(4, DecisionKind.SUCCEEDED, null));
    assertThat(one("r1").status()).isEqualTo(Status.PROCESSING);

    write(ended("r1", Status.COMPLETED, "the \u0000 answer"));
    var row = one("r1");
    assertThat(row.status()).isEqualTo(Status.COMPLETED);
    assertThat(row.completion()).isEqualTo(completion("r1", Status.COMPLETED, "the \u0000 answer"));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void any_order_and_any_repetition_and_any_batches_lead_to_the_same_history(long seed) {
    List<HistoryEvent> events =
        List.of(
            admitted("r1"),
            admitted("r2"),
            decided(1, DecisionKind.DISPATCHED, "r1"),
            decided(2, DecisionKind.JOINED, "r2"),
            decided(3, DecisionKind.STARTED, null),
            progress(1, 10),
            progress(2, 60),
            decided(4, DecisionKind.SUCCEEDED, null),
            terminal(),
            ended("r1", Status.COMPLETED, "yes"),
            endedLate("r2"));
    write(events.toArray(HistoryEvent[]::new));
    var expected = List.of(plain(one("r1")), plain(one("r2")));
    assertThat(one("r2").createdAt()).isEqualTo(START);
    empty();

    var shuffled = new ArrayList<HistoryEvent>(events);
    shuffled.addAll(events);
    var random = new Random(seed);
    Collections.shuffle(shuffled, random);
    for (int from = 0, to; from < shuffled.size(); from = to) {
      to = Math.min(shuffled.size(), from + 1 + random.nextInt(6));
      writer.write(shuffled.subList(from, to));
    }

    assertThat(List.of(plain(one("r1")), plain(one("r2")))).isEqualTo(expected);
  }

  @Test
  void an_end_is_never_overwritten() {
    write(ended("r1", Status.CANCELLED, null), ended("r1", Status.COMPLETED, "late"));
    write(ended("r1", Status.COMPLETED, "later"), decided(9, DecisionKind.HIT, "r1"));

    assertThat(one("r1").status()).isEqualTo(Status.CANCELLED);
    assertThat(one("r1").completion()).isEqualTo(completion("r1", Status.CANCELLED, null));
  }

  @Test
  void one_write_has_a_row_for_each_request_whatever_was_said_of_it() {
    write(
        ended("r2", Status.COMPLETED, "yes"),
        decided(2, DecisionKind.JOINED, "r2"),
        decided(1, DecisionKind.DISPATCHED, "r1"),
        admitted("r2"),
        admitted("r1"));

    assertThat(one("r1").status()).isEqualTo(Status.QUEUED);
    assertThat(one("r2").completion()).isEqualTo(completion("r2", Status.COMPLETED, "yes"));
    assertThat(
            ids(new HistoryFilter(null, null, null, null, "campaign:c", null, null, null, false)))
        .containsExactlyInAnyOrder("r1", "r2");
  }

  @Test
  void progress_never_goes_back() {
    write(progress(5, 50));
    write(progress(4, 40));

    assertThat(history.job(JOB.value()).orElseThrow().progress()).isEqualTo(50);
  }

  @Test
  void a_rejection_is_counted_once_by_its_place() {
    var rejection =
        new Rejected(
            "millrace.requests.free-0-3",
            null,
            "bad",
            null,
            null,
            Tier.FREE,
            "E_JSON",
            "no\0",
            "",
            START);
    write(rejection, rejection);
    write(rejection);

    assertThat(history.find("bad", null)).hasSize(1);
    assertThat(one("bad").status()).isEqualTo(Status.REJECTED);
    assertThat(one("bad").rejection()).satisfies(it -> assertThat(it.code()).isEqualTo("E_JSON"));
  }

  @Test
  void another_hash_under_the_same_id_is_a_conflict() {
    write(decided(1, DecisionKind.DISPATCHED, "r1"));

    assertThat(history.conflicts("org_1", "r1", RequestHash.of("cd".repeat(32)))).isTrue();
    assertThat(history.conflicts("org_1", "r1", HASH)).isFalse();
    assertThat(history.conflicts("org_2", "r1", RequestHash.of("cd".repeat(32)))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void pages_show_every_request_once_in_order(boolean oldestFirst) {
    for (int i = 0; i < 25; i++) {
      write(
          new Rejected(
              "t-0-" + i,
              null,
              "r" + i,
              null,
              null,
              Tier.PRO,
              "E_JSON",
              "",
              "",
              START.plusMillis(i / 3)));
    }
    var filter = new HistoryFilter(null, null, Tier.PRO, null, null, null, null, null, oldestFirst);

    var seen = new ArrayList<RequestRow>();
    Cursor cursor = null;
    do {
      var page = history.list(filter, cursor, 10);
      seen.addAll(page.items());
      cursor = page.last();
    } while (cursor != null);

    assertThat(seen).extracting(RequestRow::requestId).doesNotHaveDuplicates().hasSize(25);
    assertThat(seen)
        .extracting(RequestRow::createdAt)
        .isSortedAccordingTo(
            oldestFirst
                ? java.util.Comparator.naturalOrder()
                : java.util.Comparator.reverseOrder());
  }

  @Test
  void every_filter_filters() {
    write(
        decided(1, DecisionKind.DISPATCHED, "open"),
        decided(2, DecisionKind.STARTED, null),
        ended("done", Status.FAILED, null));

    assertThat(ids(filter(Status.PROCESSING, null))).containsExactly("open");
    assertThat(ids(filter(Status.QUEUED, null))).isEmpty();
    assertThat(ids(filter(Status.FAILED, null))).containsExactly("done");
    assertThat(ids(filter(null, "broke"))).containsExactly("done");
    assertThat(ids(filter(null, "%"))).isEmpty();
    assertThat(ids(filter(null, "simulation:abab"))).hasSize(2);
  }

  @Test
  void lanes_count_what_waits_and_runs() {
    write(decided(1, DecisionKind.DISPATCHED, "r1"));

    assertThat(history.lanes())
        .contains(new LaneRow(Tier.PRO, 1, 0, 0, START.plusMillis(1)))
        .hasSize(3);

    write(decided(2, DecisionKind.STARTED, null));
    assertThat(history.lanes()).contains(new LaneRow(Tier.PRO, 0, 1, 0, null));
  }

  @Test
  void a_database_that_is_away_is_said_to_be_at_once() {
    var config = new HistoryConfig("jdbc:postgresql://127.0.0.1:1/none", "x", "", 2, 500);
    try (var away = new PostgresDatabase(config, () -> 0)) {
      var lost = new PostgresHistory(away);

      assertThatThrownBy(lost::lanes).isInstanceOf(HistoryUnavailableException.class);
      assertThatThrownBy(lost::lanes)
          .isInstanceOf(HistoryUnavailableException.class)
          .hasMessageContaining("a moment ago");
    }
  }

  private void write(HistoryEvent... events) {
    writer.write(List.of(events));
  }

  private RequestRow one(String requestId) {
    var found = history.find(requestId, null);
    assertThat(found).hasSize(1);
    return found.getFirst();
  }

  private List<String> ids(HistoryFilter filter) {
    return history.list(filter, null, 50).items().stream().map(RequestRow::requestId).toList();
  }

  private static HistoryFilter filter(@Nullable Status status, @Nullable String text) {
    return new HistoryFilter(status, null, null, null, null, text, null, null, false);
  }

  /// Without the surrogate key.
  private static String plain(RequestRow row) {
    return row.toString().replaceFirst("id=\\d+, ", "");
  }

  private static RequestAdmitted admitted(String requestId) {
    return new Asking(requestId, HASH, START)
        .user("usr_1")
        .tags("campaign:c")
        .params(Json.MAPPER.createObjectNode().put("campaignId", "c"))
        .get();
  }

  private static Decided decided(long sequence, DecisionKind kind, @Nullable String requestId) {
    return new Decided(
        new Decision(
            kind,
            requestId,
            requestId == null ? null : "org_1",
            HASH,
            JOB,
            7L,
            kind == DecisionKind.STARTED ? "run-1" : null,
            "simulation",
            Tier.PRO,
            1,
            null,
            null,
            null,
            null,
            0,
            sequence,
            "t-0-" + sequence,
            START.plusMillis(sequence)));
  }

  private static Progressed progress(long sequence, int percent) {
    return new Progressed(report(Status.PROCESSING, percent, "run-1", sequence));
  }

  private static Progressed terminal() {
    return new Progressed(report(Status.COMPLETED, 100, null, Progress.TERMINAL_SEQUENCE));
  }

  private static Progress report(Status status, int percent, @Nullable String run, long sequence) {
    return new Progress(
        status,
        percent,
        JOB,
        "simulation",
        Tier.PRO,
        1,
        run,
        null,
        null,
        "scenario 1 of 2",
        null,
        sequence,
        HASH,
        START.plusMillis(100 + Math.min(sequence, 800)));
  }

  private static Ended ended(String requestId, Status status, @Nullable String result) {
    return new Ended(completion(requestId, status, result), 0, 12);
  }

  /// Joined when the run was nearly over.
  private static Ended endedLate(String requestId) {
    var early = completion(requestId, Status.COMPLETED, "yes");
    return new Ended(
        new Completion(
            early.status(),
            Source.JOINED,
            requestId,
            early.organizationId(),
            "usr_2",
            early.jobId(),
            early.requestHash(),
            early.type(),
            early.tier(),
            early.attempts(),
            0,
            60_000,
            60_000,
            early.result(),
            early.resultRef(),
            early.resultBytes(),
            early.resultSha256(),
            early.error(),
            early.repeat(),
            early.completedAt()),
        0,
        13);
  }

  private static Completion completion(String requestId, Status status, @Nullable String result) {
    boolean completed = status == Status.COMPLETED;
    return new Completion(
        status,
        completed ? Source.COMPUTED : null,
        requestId,
        "org_1",
        "usr_1",
        JOB,
        HASH,
        "simulation",
        Tier.PRO,
        1,
        3,
        5,
        0,
        result == null ? null : TextNode.valueOf(result),
        null,
        null,
        null,
        completed ? null : new Failure("HANDLER_FAILED", "it broke", false, 1),
        false,
        START.plusSeconds(1));
  }
}
