package dev.millrace.cache;

import static dev.millrace.cache.LedgerDriver.ask;
import static dev.millrace.cache.LedgerDriver.hash;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.millrace.cache.layers.BlobCheck;
import dev.millrace.contracts.CacheMode;
import dev.millrace.contracts.Completion;
import dev.millrace.contracts.Decision;
import dev.millrace.contracts.DecisionKind;
import dev.millrace.contracts.Source;
import dev.millrace.contracts.Tier;
import dev.millrace.runtime.FileBlobStore;
import dev.millrace.runtime.Resources;
import dev.millrace.runtime.reads.KnownAnswer;
import dev.millrace.runtime.reads.Question;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Answers whose results lie in a folder of blobs, and are not there any more.
class MissingBlobsTest {

  @TempDir Path folder;
  private FileBlobStore store;
  private BlobCheck check;
  private LedgerDriver ledger;
  private final AtomicLong nanos = new AtomicLong();

  @BeforeEach
  void open() {
    store = new FileBlobStore(folder.resolve("blobs"), () -> LedgerDriver.START);
    check =
        new BlobCheck(
            store,
            Duration.ofMinutes(1),
            new Resources(
                () -> LedgerDriver.START, nanos::get, new Random(1), new SimpleMeterRegistry()));
    ledger = new LedgerDriver(check::missing);
    // a store that has shown nothing is not believed that anything is missing
    assertThat(check.missing(store.put(new byte[] {1}), 0)).isFalse();
  }

  @AfterEach
  void close() {
    ledger.close();
    check.close();
  }

  @Test
  void an_answer_whose_blob_is_there_is_given() {
    var ref = know("q");

    ledger.send(ask("q").get());

    assertGiven(ref);
  }

  @Test
  void one_whose_blob_is_gone_is_computed_anew_and_replaced() throws Exception {
    delete(know("q"));
    ledger.decisions();

    ledger.send(ask("q").get());

    assertThat(ledger.completions()).isEmpty();
    assertThat(ledger.decisions())
        .extracting(Decision::decision, Decision::reason)
        .containsExactly(tuple(DecisionKind.DISPATCHED, "result missing"));
    var ref = finish("q");
    assertThat(ledger.completions()).singleElement().returns(ref, Completion::resultRef);
    ledger.send(ask("q").get());
    assertThat(ledger.completions()).singleElement().returns(Source.CACHED, Completion::source);
  }

  @Test
  void whoever_wants_only_what_is_known_gets_nothing() throws Exception {
    delete(know("q"));

    ledger.send(ask("q").mode(CacheMode.ONLY).get());

    assertThat(ledger.completions())
        .singleElement()
        .satisfies(end -> assertThat(end.error().code()).isEqualTo("NOT_CACHED"));
  }

  @Test
  void it_is_not_known_at_the_door() throws Exception {
    var ref = know("q");
    know("other");
    ledger.commit();
    delete(ref);

    assertThat(known("q")).isEmpty();
    assertThat(known("other")).isPresent();
  }

  @Test
  void a_warm_up_computes_it() throws Exception {
    delete(know("q"));

    ledger.command(ask("q").warmUp());

    assertThat(ledger.background()).hasSize(1);
  }

  @Test
  void that_computing_it_anew_failed_is_remembered() throws Exception {
    delete(know("q"));
    ledger.send(ask("q").negativeTtl(Duration.ofMinutes(1)).get());
    failNext();

    ledger.send(ask("q").get());

    assertThat(ledger.completions())
        .singleElement()
        .satisfies(end -> assertThat(end.error().code()).isEqualTo("HANDLER_FAILED"));
    assertThat(ledger.jobs(Tier.FREE)).isEmpty();
  }

  @Test
  void that_a_refresh_failed_leaves_the_answer_whose_blob_is_there() {
    var ref = know("q");
    ledger.send(ask("q").mode(CacheMode.REFRESH).negativeTtl(Duration.ofMinutes(1)).get());
    failNext();

    ledger.send(ask("q").get());

    assertGiven(ref);
  }

  @Test
  void whoever_asks_during_the_new_run_joins_it_though_the_store_says_nothing_now()
      throws Exception {
    delete(know("q"));
    ledger.send(ask("q").get());
    assertThat(ledger.jobs(Tier.FREE)).hasSize(1);
    removeFolder();
    nanos.addAndGet(Duration.ofMinutes(1).toNanos());

    ledger.send(ask("q").get());

    assertThat(ledger.completions()).isEmpty();
    assertThat(ledger.decisions()).extracting(Decision::decision).endsWith(DecisionKind.JOINED);
  }

  @Test
  void a_folder_that_is_not_there_says_nothing() throws Exception {
    var ref = know("q");
    removeFolder();

    ledger.send(ask("q").get());

    assertGiven(ref);
  }

  private String know(String question) {
    ledger.send(ask(question).get());
    var ref = finish(question);
    ledger.completions();
    return ref;
  }

  private String finish(String content) {
    var ref = store.put(content.getBytes(StandardCharsets.UTF_8));
    var job = ledger.jobs(Tier.FREE).getFirst();
    ledger.start(job, "w-" + job.epoch());
    ledger.succeedLarge(job, "w-" + job.epoch(), ref);
    return ref;
  }

  private void failNext() {
    var job = ledger.jobs(Tier.FREE).getFirst();
    ledger.start(job, "again");
    ledger.fail(job, "again", false);
    ledger.completions();
  }

  private void assertGiven(String ref) {
    assertThat(ledger.completions())
        .singleElement()
        .returns(Source.CACHED, Completion::source)
        .returns(ref, Completion::resultRef);
  }

  private void delete(String ref) throws IOException {
    Files.delete(folder.resolve("blobs").resolve(ref));
  }

  private void removeFolder() throws IOException {
    Files.move(folder.resolve("blobs"), folder.resolve("elsewhere"));
  }

  private Optional<KnownAnswer> known(String question) {
    return ledger
        .reads()
        .answer(
            new Question(
                hash(question), "simulation", CacheMode.DEFAULT, null, List.of(), null, null));
  }
}
