package dev.millrace.publisher.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.contracts.CacheMode;
import dev.millrace.contracts.Decision;
import dev.millrace.contracts.DecisionKind;
import dev.millrace.contracts.JobId;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.RequestHash;
import dev.millrace.contracts.Scope;
import dev.millrace.contracts.Status;
import dev.millrace.contracts.Tier;
import dev.millrace.publisher.history.HistoryEvent.Decided;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PostgresQuestionsIT {

  private static final Instant START = Instant.parse("2026-11-20T09:00:00Z");
  private static final RequestHash HASH = hash(1);
  private static final JobId JOB = JobId.of("simulation", HASH, 7);

  private static EmbeddedPostgres postgres;
  private static PostgresDatabase database;

  private final PostgresHistoryWriter writer = new PostgresHistoryWriter(database);
  private final PostgresQuestions questions = new PostgresQuestions(database);

  @BeforeAll
  static void startPostgres() throws Exception {
    postgres = EmbeddedPostgres.builder().setServerConfig("fsync", "off").start();
    database =
        new PostgresDatabase(
            new HistoryConfig(postgres.getJdbcUrl("postgres", "postgres"), "postgres", "", 4, 500),
            System::nanoTime);
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
  void what_a_request_asked_is_kept_as_it_was_hashed() {
    write(
        asked("mine", 1)
            .params(Json.MAPPER.createObjectNode().put("seed", 7).put("days", 30))
            .get(),
        asked("mine", 1).get());

    var question = questions.find("org_1", "mine", HASH.hex()).orElseThrow();

    assertThat(question.params()).isEqualTo("{\"days\":30,\"seed\":7}");
    assertThat(question.paramsBytes()).isEqualTo(20);
    assertThat(question.scope()).isEqualTo(Scope.ORGANIZATION);
    assertThat(question.asked().mode()).isEqualTo(CacheMode.DEFAULT);
    assertThat(question.asked().typeTtlMs()).isEqualTo(1_000);
    assertThat(question.asked().given())
        .containsExactly("type", "params", "requestId", "tier", "organizationId", "userId");
    assertThat(questions.find("org_2", "mine", HASH.hex())).isEmpty();
  }

  @Test
  void long_params_are_left_out() {
    write(
        asked("long", 1)
            .params(Json.MAPPER.createObjectNode().put("text", "x".repeat(65_536)))
            .get());

    var question = questions.find("org_1", "long", HASH.hex()).orElseThrow();

    assertThat(question.params()).isNull();
    assertThat(question.paramsBytes()).isEqualTo(65_547);
  }

  @Test
  void earlier_questions_are_those_the_caller_may_see() {
    write(
        asked("first", 2).get(),
        asked("foreign", 3).organization("org_2").get(),
        asked("other-type", 4).type("report").get(),
        asked("same-hash", 1).get(),
        asked("shared", 5).scope(Scope.WORKSPACE).workspace("ws_1").get(),
        asked("other-workspace", 6).scope(Scope.WORKSPACE).workspace("ws_2").get(),
        asked("private", 7).scope(Scope.PRIVATE).get(),
        asked("private-of-ben", 8).scope(Scope.PRIVATE).user("ben").get(),
        asked("mine", 1).workspace("ws_1").get());
    write(asked("later", 9).at(START.plusSeconds(60)).get());

    var mine = questions.find("org_1", "mine", HASH.hex()).orElseThrow();

    assertThat(questions.earlier(mine, 200))
        .extracting(QuestionRow::requestId)
        .containsExactlyInAnyOrder("first", "shared", "private");
    assertThat(questions.earlier(mine, 1)).hasSize(1);
  }

  @Test
  void the_most_asked_come_first_and_who_asked_last_stands_for_all() {
    write(
        asked("once", 1).get(),
        asked("c", 2).at(START.plusSeconds(3)).tags("campaign:7", "own").get(),
        asked("a", 2).at(START.minusSeconds(9)).get(),
        asked("b", 2).at(START.plusSeconds(2)).get(),
        asked("e", 3).at(START.plusSeconds(5)).organization("org_2").get(),
        asked("d", 3).at(START.plusSeconds(4)).organization("org_2").get(),
        asked("f", 4).at(START.plusSeconds(6)).type("report").get(),
        asked("long", 5)
            .params(Json.MAPPER.createObjectNode().put("text", "x".repeat(65_536)))
            .get());
    database.write(handle -> handle.execute("update requests set status = 'completed'"));
    write(asked("still-open", 6).at(START.plusSeconds(9)).get());

    var all = questions.mostAsked(HistoryFilter.ALL, 10);

    assertThat(all).extracting(QuestionRow::requestId).containsExactly("c", "e", "f", "once");
    assertThat(all.getFirst().tags()).containsExactly("campaign:7", "own");
    assertThat(questions.mostAsked(HistoryFilter.ALL, 2)).hasSize(2);
    assertThat(ids(Status.COMPLETED, "simulation", "org_1", null, null))
        .containsExactly("c", "once");
    assertThat(ids(null, null, null, START.minusSeconds(10), START)).containsExactly("a");
    assertThat(ids(Status.FAILED, null, null, null, null)).isEmpty();
  }

  private List<String> ids(
      @Nullable Status status,
      @Nullable String type,
      @Nullable String organization,
      @Nullable Instant from,
      @Nullable Instant to) {
    var filter = new HistoryFilter(status, type, null, organization, null, null, from, to, false);
    return questions.mostAsked(filter, 10).stream().map(QuestionRow::requestId).toList();
  }

  @Test
  void decisions_are_those_about_the_request_and_its_job_in_order() {
    var old = JobId.of("simulation", HASH, 3);
    write(
        decided(9, DecisionKind.SUCCEEDED, null, JOB),
        decided(4, DecisionKind.STORED, null, old),
        decided(6, DecisionKind.DISPATCHED, "somebody", JOB),
        decided(7, DecisionKind.JOINED, "mine", JOB),
        decided(8, DecisionKind.JOINED, "another", JOB),
        decided(9, DecisionKind.SUCCEEDED, null, JOB));

    var decisions = questions.decisions("org_1", "mine", HASH.hex(), JOB.value());

    assertThat(decisions)
        .extracting(Decision::decision)
        .containsExactly(DecisionKind.DISPATCHED, DecisionKind.JOINED, DecisionKind.SUCCEEDED);
    assertThat(questions.before(decisions.getFirst()))
        .hasValueSatisfying(before -> assertThat(before.sequence()).isEqualTo(4));
    assertThat(questions.decisions("org_1", "mine", HASH.hex(), null))
        .extracting(Decision::sequence)
        .containsExactly(7L);
  }

  private void write(HistoryEvent... events) {
    writer.write(List.of(events));
  }

  private static RequestHash hash(int number) {
    return RequestHash.of("%02x".formatted(number).repeat(32));
  }

  private static Decided decided(
      long sequence, DecisionKind kind, @Nullable String requestId, JobId job) {
    return new Decided(
        new Decision(
            kind,
            requestId,
            requestId == null ? null : "org_1",
            HASH,
            job,
            7L,
            null,
            "simulation",
            Tier.PRO,
            1,
            "because",
            0L,
            null,
            null,
            0,
            sequence,
            "t-0-" + sequence,
            START.plusMillis(sequence)));
  }

  private static Asking asked(String requestId, int hash) {
    return new Asking(requestId, hash(hash), START);
  }
}
