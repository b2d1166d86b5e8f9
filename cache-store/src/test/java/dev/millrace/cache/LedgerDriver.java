package dev.millrace.cache;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.cache.codec.Dictionaries;
import dev.millrace.cache.codec.Keys;
import dev.millrace.cache.codec.ResultCodec;
import dev.millrace.cache.eviction.Budget;
import dev.millrace.cache.eviction.EvictionPolicy;
import dev.millrace.cache.layers.ResultCache;
import dev.millrace.cache.ledger.Ledger;
import dev.millrace.cache.ledger.LedgerReads;
import dev.millrace.cache.values.ValueSettings;
import dev.millrace.contracts.Admitted;
import dev.millrace.contracts.Alert;
import dev.millrace.contracts.CacheMode;
import dev.millrace.contracts.Command;
import dev.millrace.contracts.Command.WarmUp.Warm;
import dev.millrace.contracts.Completion;
import dev.millrace.contracts.Control;
import dev.millrace.contracts.Decision;
import dev.millrace.contracts.DeclineReason;
import dev.millrace.contracts.Failure;
import dev.millrace.contracts.Job;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.Origin;
import dev.millrace.contracts.Outcome;
import dev.millrace.contracts.Policy;
import dev.millrace.contracts.Policy.Caching;
import dev.millrace.contracts.Progress;
import dev.millrace.contracts.Receipt;
import dev.millrace.contracts.RequestHash;
import dev.millrace.contracts.RetryDelay;
import dev.millrace.contracts.Scope;
import dev.millrace.contracts.Setting;
import dev.millrace.contracts.Sha256;
import dev.millrace.contracts.Tier;
import dev.millrace.contracts.Topic;
import dev.millrace.contracts.Topics;
import dev.millrace.runtime.Resources;
import dev.millrace.runtime.reads.LedgerReader;
import dev.millrace.runtime.request.CachePolicies;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.test.TestRecord;
import org.jspecify.annotations.Nullable;

/// The real topology of one ledger partition, with a hand-moved clock and workers played by the
/// test.
final class LedgerDriver implements AutoCloseable {

  static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private static final Budget ROOMY = new Budget(1_000_000, 1_000_000_000);
  private static final Ledger.LedgerSettings.Limits LIMITS =
      new Ledger.LedgerSettings.Limits(50, 1_000_000);

  private final Topics topics = new Topics("millrace.");
  private final MeterRegistry meters = new SimpleMeterRegistry();
  private final LedgerReads reads;
  private final ResultCache memory;
  private final TopologyTestDriver driver;
  private final Set<Tier> paused = new HashSet<>();
  private long millis;
  private long offset;

  LedgerDriver() {
    this(EvictionPolicy.COST_AWARE, ROOMY, LIMITS, (_, _) -> false);
  }

  LedgerDriver(EvictionPolicy eviction, Budget budget) {
    this(eviction, budget, LIMITS, (_, _) -> false);
  }

  LedgerDriver(Ledger.LedgerSettings.Limits limits) {
    this(EvictionPolicy.COST_AWARE, ROOMY, limits, (_, _) -> false);
  }

  LedgerDriver(Ledger.LedgerSettings.Blobs blobs) {
    this(EvictionPolicy.COST_AWARE, ROOMY, LIMITS, blobs);
  }

  private LedgerDriver(
      EvictionPolicy eviction,
      Budget budget,
      Ledger.LedgerSettings.Limits limits,
      Ledger.LedgerSettings.Blobs blobs) {
    var resources =
        new Resources(
            () -> START.plusMillis(millis), () -> millis * 1_000_000, new Random(1), meters);
    reads = new LedgerReads(1, resources);
    memory = ResultCache.open(new ResultCache.Sizes(1_000, 0), resources);
    var shared =
        new Ledger.LedgerSettings.Shared() {
          @Override
          public boolean paused(Tier lane) {
            return paused.contains(lane);
          }

          @Override
          public long incarnation(int partition) {
            return -1;
          }
        };
    var settings =
        new Ledger.LedgerSettings(
            Duration.ofDays(8),
            1,
            eviction,
            budget,
            limits,
            new ResultCodec(Dictionaries.NONE, Keys.NONE, meters),
            memory,
            blobs,
            shared,
            reads,
            null);
    var topology =
        CacheTopology.build(
            topics,
            settings,
            new ValueSettings(CachePolicies.load(null), Duration.ofHours(25), 1_000, 1),
            new GroupCommit(resources.nanoTime()),
            resources,
            false);
    var properties = new Properties();
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "ledger-test");
    properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "nowhere:1");
    driver = new TopologyTestDriver(topology, properties, START);
  }

  /// The ledger as others may read it.
  LedgerReader reads() {
    return reads;
  }

  /// What is kept above the stores.
  ResultCache memory() {
    return memory;
  }

  /// What the producer of the ledger's thread says after each commit.
  void commit() {
    reads.committed(millis * 1_000_000);
  }

  Instant now() {
    return START.plusMillis(millis);
  }

  /// Moves the clock and lets the ledger see what is due.
  void pass(Duration time) {
    millis += time.toMillis();
    driver.advanceWallClockTime(time);
  }

  /// Moves the clock without letting any punctuation run.
  void passUnseen(Duration time) {
    millis += time.toMillis();
  }

  void pause(Tier lane) {
    paused.add(lane);
  }

  Origin send(Admitted request) {
    var origin = new Origin("topic", 0, offset++);
    sendAs(request, origin);
    return origin;
  }

  void sendAs(Admitted request, Origin origin) {
    var value = request.withOrigin(origin);
    put(topics.admitted(request.tier()), request.requestHash().hex(), value);
  }

  void say(Outcome outcome) {
    put(topics.outcomes(), outcome.requestHash().hex(), outcome);
  }

  void command(Command command) {
    command("cmd-" + offset, command);
  }

  void command(String id, Command command) {
    put(topics.admittedCommands(), "0", command.admitted(id, new Origin("c", 0, offset++)));
  }

  void raw(String topic, byte[] value) {
    driver
        .createInputTopic(topic, new ByteArraySerializer(), new ByteArraySerializer())
        .pipeInput(null, value);
  }

  Outcome.Started start(Job job, String runId) {
    var started =
        new Outcome.Started(job.jobId(), job.requestHash(), job.epoch(), runId, "w-1", now());
    say(started);
    return started;
  }

  void heartbeat(Job job, String runId) {
    say(
        new Outcome.Heartbeat(
            job.jobId(), job.requestHash(), job.epoch(), runId, "w-1", false, now()));
  }

  void succeed(Job job, String runId, String answer) {
    succeed(job, runId, answer, null);
  }

  void succeed(Job job, String runId, String answer, @Nullable Double confidence) {
    var result = Json.MAPPER.createObjectNode().put("answer", answer);
    say(succeeded(job, runId, confidence, result, null, null, null));
  }

  /// Succeeds with a result that lies in the blob store.
  void succeedLarge(Job job, String runId, String ref) {
    var sha256 = ref.substring(ref.indexOf('/') + 1);
    say(succeeded(job, runId, null, null, ref, 100_000L, sha256));
  }

  private Outcome.Succeeded succeeded(
      Job job,
      String runId,
      @Nullable Double confidence,
      @Nullable JsonNode result,
      @Nullable String ref,
      @Nullable Long bytes,
      @Nullable String sha256) {
    return new Outcome.Succeeded(
        job.jobId(),
        job.requestHash(),
        job.epoch(),
        runId,
        "w-1",
        100,
        confidence,
        result,
        ref,
        bytes,
        sha256,
        now());
  }

  /// Gives a job back.
  ///
  /// @param runId null: it was not begun
  void decline(Job job, @Nullable String runId, DeclineReason reason) {
    say(
        new Outcome.Declined(
            job.jobId(), job.requestHash(), job.epoch(), runId, "w-1", reason, now()));
  }

  void fail(Job job, String runId, boolean retryable) {
    say(
        new Outcome.Failed(
            job.jobId(),
            job.requestHash(),
            job.epoch(),
            runId,
            "w-1",
            100,
            new Failure("HANDLER_FAILED", "it broke", retryable, job.attempt()),
            null,
            now()));
  }

  void due(Job job) {
    say(new Outcome.Due(job.jobId(), job.requestHash(), job.epoch(), now()));
  }

  List<Completion> completions() {
    return read(topics.completions());
  }

  List<Decision> decisions() {
    return read(topics.decisions());
  }

  List<Job> jobs(Tier tier) {
    return read(topics.lane(tier));
  }

  List<Job> background() {
    return read(topics.background());
  }

  List<Job> retries(RetryDelay delay) {
    return read(topics.retry(delay));
  }

  List<Job> dead() {
    return read(topics.deadLetters());
  }

  List<Control> controls() {
    return read(topics.control());
  }

  List<Progress> progress() {
    return read(topics.progress());
  }

  List<Receipt> receipts() {
    return read(topics.receipts());
  }

  List<Setting> settings() {
    return read(topics.settings());
  }

  List<Alert> alerts() {
    return read(topics.alerts());
  }

  List<TestRecord<byte[], byte[]>> rejected() {
    return driver
        .createOutputTopic(
            topics.rejected().name(), new ByteArrayDeserializer(), new ByteArrayDeserializer())
        .readRecordsToList();
  }

  /// Brings the checks the ledger wrote to itself back to it.
  int loopChecks() {
    var checks = read(topics.outcomes());
    checks.forEach(this::say);
    return checks.size();
  }

  /// Puts something else where the result of a hash lies.
  void damageResult(RequestHash hash) {
    KeyValueStore<Bytes, byte[]> answers = driver.getKeyValueStore("answers");
    var row = Bytes.wrap(("r" + hash.hex()).getBytes(StandardCharsets.UTF_8));
    assertThat(answers.get(row)).isNotNull();
    answers.put(row, new byte[] {1, 2, 3});
  }

  Topics topics() {
    return topics;
  }

  MeterRegistry meters() {
    return meters;
  }

  private <V> List<V> read(Topic<V> topic) {
    var values = new ArrayList<V>();
    driver
        .createOutputTopic(topic.name(), new ByteArrayDeserializer(), topic.serde().deserializer())
        .readValuesToList()
        .forEach(values::add);
    return values;
  }

  private <V> void put(Topic<V> topic, String key, V value) {
    driver
        .createInputTopic(topic.name(), new ByteArraySerializer(), topic.serde().serializer())
        .pipeInput(key.getBytes(StandardCharsets.UTF_8), value);
  }

  @Override
  public void close() {
    driver.close();
    memory.close();
  }

  /// A request for the answer to `question`.
  static Ask ask(String question) {
    return new Ask(question);
  }

  /// A request being put together.
  static final class Ask {
    private static int counter;

    private final String question;
    private String id = "r-" + ++counter;
    private Tier tier = Tier.FREE;
    private CacheMode mode = CacheMode.DEFAULT;
    private List<String> tags = List.of();
    private @Nullable Long timeoutMs;
    private @Nullable Instant deadline;
    private @Nullable Long ttlMs;
    private @Nullable Long maxStaleMs;
    private @Nullable Integer maxAttempts;
    private boolean effect;
    private long negativeTtlMs;
    private int costScore = 50;
    private @Nullable Caching caching;

    private Ask(String question) {
      this.question = question;
    }

    Ask id(String value) {
      id = value;
      return this;
    }

    Ask tier(Tier value) {
      tier = value;
      return this;
    }

    Ask mode(CacheMode value) {
      mode = value;
      return this;
    }

    Ask tags(String... value) {
      tags = List.of(value);
      return this;
    }

    Ask timeout(Duration value) {
      timeoutMs = value.toMillis();
      return this;
    }

    Ask deadline(Instant value) {
      deadline = value;
      return this;
    }

    Ask ttl(Duration value) {
      ttlMs = value.toMillis();
      return this;
    }

    Ask maxStale(Duration value) {
      maxStaleMs = value.toMillis();
      return this;
    }

    Ask maxAttempts(int value) {
      maxAttempts = value;
      return this;
    }

    Ask effect() {
      effect = true;
      return this;
    }

    Ask negativeTtl(Duration value) {
      negativeTtlMs = value.toMillis();
      return this;
    }

    Ask costScore(int value) {
      costScore = value;
      return this;
    }

    Ask caching(Caching value) {
      caching = value;
      return this;
    }

    /// Nobody asks: the answer is to be computed in the background.
    Command.WarmUp warmUp() {
      return new Command.WarmUp(null, null, null, List.of(new Warm(get(), null)));
    }

    /// Nobody asks: an operator gives the answer.
    Command.WarmUp warmUp(String answer) {
      var result = Json.MAPPER.createObjectNode().put("answer", answer);
      return new Command.WarmUp(null, null, null, List.of(new Warm(get(), result)));
    }

    Admitted get() {
      ObjectNode params = Json.MAPPER.createObjectNode().put("question", question);
      return new Admitted(
          "simulation",
          hash(question),
          tier,
          id,
          "org-1",
          "user-1",
          null,
          Scope.ORGANIZATION,
          mode,
          ttlMs,
          maxStaleMs,
          tags,
          timeoutMs,
          deadline,
          maxAttempts,
          null,
          new Origin("none", 0, 0),
          new Policy(
              86_400_000L,
              negativeTtlMs,
              4,
              List.of(1_000L, 10_000L, 60_000L),
              60_000,
              effect,
              costScore,
              caching),
          null,
          null,
          null,
          params);
    }
  }

  static RequestHash hash(String question) {
    return RequestHash.of(Sha256.hex(question));
  }
}
