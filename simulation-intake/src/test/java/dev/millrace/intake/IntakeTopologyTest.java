package dev.millrace.intake;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.contracts.Command;
import dev.millrace.contracts.Origin;
import dev.millrace.contracts.Receipt;
import dev.millrace.contracts.RejectionCode;
import dev.millrace.contracts.RequestHash;
import dev.millrace.contracts.Tier;
import dev.millrace.contracts.Topic;
import dev.millrace.contracts.Topics;
import dev.millrace.contracts.ValueCommand;
import dev.millrace.contracts.ValueKey;
import dev.millrace.runtime.Resources;
import dev.millrace.runtime.request.RequestReader;
import dev.millrace.runtime.request.TypeDefinitions;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IntakeTopologyTest {

  private static final Topics TOPICS = new Topics(Topics.DEFAULT_PREFIX);
  private static final Instant NOW = Instant.parse("2026-11-20T09:31:22.498Z");
  private static final RequestReader READER =
      new RequestReader(
          TypeDefinitions.load(
              new ClassLoader(null) {},
              Path.of("..", "job-workers", "src", "main", "resources", "types")));
  private static final String REQUEST =
      "{\"type\":\"simulation\",\"organizationId\":\"org_42\",\"params\":{\"campaignId\":\"cmp_81\"}}";

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final TopologyTestDriver driver = new TopologyTestDriver(topology(), properties());

  @AfterEach
  void close() {
    driver.close();
  }

  @Test
  void the_topology_is_the_one_reviewed() throws Exception {
    assertThat(topology().describe().toString())
        .isEqualTo(Files.readString(Path.of("src/test/resources/intake-topology.txt")));
  }

  @Test
  void a_request_is_admitted_in_its_tier_under_its_hash() {
    for (var tier : Tier.values()) {
      send(TOPICS.requests(tier), "whatever".getBytes(UTF_8), REQUEST.getBytes(UTF_8));

      var record = only(TOPICS.admitted(tier));
      var admitted = read(TOPICS.admitted(tier), record);
      assertThat(admitted.tier()).isEqualTo(tier);
      assertThat(admitted.organizationId()).isEqualTo("org_42");
      assertThat(admitted.requestId()).isEqualTo("millrace.requests." + tier.id() + "-0-0");
      assertThat(admitted.origin()).hasToString("id-of-millrace.requests." + tier.id() + "-0-0");
      assertThat(text(record.key())).isEqualTo(admitted.requestHash().hex());
      assertThat(headers(record))
          .isEqualTo(Map.of("content-type", "application/json", "schema", "admitted/1"));
    }
    assertNothingElse();
    assertThat(counted("intake.admitted")).isEqualTo(3);
  }

  @Test
  void a_request_needs_no_key() {
    send(TOPICS.requests(Tier.PRO), null, REQUEST.getBytes(UTF_8));

    assertThat(only(TOPICS.admitted(Tier.PRO)).key()).isNotNull();
  }

  @Test
  void the_tier_a_request_names_for_itself_is_only_counted() {
    send(
        TOPICS.requests(Tier.FREE),
        null,
        REQUEST.replaceFirst("\\{", "{\"tier\":\"enterprise\",").getBytes(UTF_8));

    assertThat(read(TOPICS.admitted(Tier.FREE), only(TOPICS.admitted(Tier.FREE))).tier())
        .isEqualTo(Tier.FREE);
    assertThat(counted("intake.tier.mismatches")).isEqualTo(1);
  }

  @Test
  void a_hash_decides_the_partition_and_a_copy_of_a_command_names_its_own() {
    var hash = "00000007" + "0".repeat(56);

    assertThat(IntakeTopology.byHash().partitions("t", hash.getBytes(US_ASCII), new byte[0], 4))
        .isEqualTo(Optional.of(Set.of(new RequestHash(hash).partition(4))))
        .isEqualTo(Optional.of(Set.of(3)));
    assertThat(IntakeTopology.byNumber().partitions("t", new byte[] {'2'}, new byte[0], 4))
        .isEqualTo(Optional.of(Set.of(2)));
  }

  @Test
  void a_replay_is_admitted_in_the_same_bytes() {
    send(TOPICS.requests(Tier.PRO), null, REQUEST.getBytes(UTF_8));
    send(TOPICS.commands(), null, "{\"command\":\"pause\",\"lane\":\"free\"}".getBytes(UTF_8));
    var first = only(TOPICS.admitted(Tier.PRO));
    var firstCopies = all(TOPICS.admittedCommands());

    try (var again = new TopologyTestDriver(topology(), properties())) {
      send(again, TOPICS.requests(Tier.PRO), null, REQUEST.getBytes(UTF_8), new RecordHeaders());
      send(
          again,
          TOPICS.commands(),
          null,
          "{\"command\":\"pause\",\"lane\":\"free\"}".getBytes(UTF_8),
          new RecordHeaders());

      assertThat(all(again, TOPICS.admitted(Tier.PRO)))
          .singleElement()
          .satisfies(second -> assertSame(second, first));
      var copies = all(again, TOPICS.admittedCommands());
      for (int i = 0; i < copies.size(); i++) {
        assertSame(copies.get(i), firstCopies.get(i));
      }
    }
  }

  @Test
  void what_is_rejected_keeps_its_bytes_and_says_why() {
    var headers =
        new RecordHeaders()
            .add("app", "billing".getBytes(UTF_8))
            .add("error-code", "E_FORGED".getBytes(UTF_8))
            .add("original-bytes", "7".getBytes(UTF_8));
    var value = REQUEST.replace("cmp_81", "é").getBytes(UTF_8);

    send(driver, TOPICS.requests(Tier.FREE), new byte[] {0, (byte) 0xff}, value, headers);

    var record = only(TOPICS.rejected());
    assertThat(record.key()).containsExactly(0, 0xff);
    assertThat(record.value()).isEqualTo(value);
    assertThat(headers(record))
        .containsEntry("app", "billing")
        .containsEntry("error-code", "E_SCHEMA")
        .containsEntry("error-field", "params.campaignId")
        .containsEntry("error-topic", "millrace.requests.free")
        .containsEntry("error-partition", "0")
        .containsEntry("error-offset", "0")
        .containsEntry("error-at", "2026-11-20T09:31:22.498Z")
        .containsKey("error-message")
        .hasSize(8);
    assertNothingElse();
  }

  @Test
  void a_large_value_is_cut_and_its_size_and_digest_kept() throws Exception {
    var value = new byte[1024 * 1024];
    new Random(3).nextBytes(value);

    send(TOPICS.requests(Tier.FREE), null, value);

    var record = only(TOPICS.rejected());
    assertThat(record.key()).isNull();
    assertThat(record.value()).isEqualTo(Arrays.copyOf(value, 64 * 1024));
    assertThat(headers(record))
        .containsEntry("error-code", "E_SIZE")
        .containsEntry("original-bytes", "1048576")
        .containsEntry(
            "original-sha256",
            HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(value)));
  }

  @Test
  void a_value_at_the_limit_that_is_rejected_is_whole() {
    var value = (REQUEST + "x" + " ".repeat(256 * 1024)).substring(0, 256 * 1024).getBytes(UTF_8);

    send(TOPICS.requests(Tier.FREE), null, value);

    assertThat(only(TOPICS.rejected()).value()).isEqualTo(value);
  }

  @Test
  void a_tombstone_is_rejected_as_one() {
    send(TOPICS.requests(Tier.FREE), "k".getBytes(UTF_8), null);

    var record = only(TOPICS.rejected());
    assertThat(record.value()).isNull();
    assertThat(headers(record))
        .containsEntry("error-code", "E_EMPTY")
        .doesNotContainKey("error-field");
  }

  @Test
  void forged_headers_by_the_hundred_thousand_are_refused_quickly() {
    var headers = new RecordHeaders();
    for (int i = 0; i < 100_000; i++) {
      headers.add("error-code", new byte[0]);
    }
    long start = System.nanoTime();

    send(driver, TOPICS.requests(Tier.FREE), null, REQUEST.getBytes(UTF_8), headers);

    assertThat(System.nanoTime() - start).isLessThan(2_000_000_000L);
    assertThat(headers(only(TOPICS.rejected()))).containsEntry("error-code", "E_HEADER");
  }

  @Test
  void the_largest_request_fits_its_topic_when_admitted() {
    var start =
        "{\"type\":\"command\",\"params\":{\"program\":\"p\",\"args\":[\"" + "\\u0001".repeat(100);
    var args = new StringBuilder(start);
    for (int i = 1; i < 100; i++) {
      args.append("\",\"").append("\\u0001".repeat(400));
    }
    args.append("\"]}}");

    send(TOPICS.requests(Tier.FREE), null, args.toString().getBytes(UTF_8));

    assertThat(only(TOPICS.admitted(Tier.FREE)).value().length)
        .isBetween(200 * 1024, TOPICS.admitted(Tier.FREE).maxBytes() / 2);
  }

  @Test
  void a_command_goes_to_every_ledger_partition() {
    send(
        TOPICS.commands(),
        null,
        "{\"command\":\"invalidate\",\"tag\":\"campaign:cmp_81\",\"dryRun\":false}"
            .getBytes(UTF_8));

    var copies = all(TOPICS.admittedCommands());
    assertThat(copies).extracting(copy -> text(copy.key())).containsExactly("0", "1", "2", "3");
    assertThat(copies)
        .allSatisfy(copy -> {
          var command = read(TOPICS.admittedCommands(), copy);
          assertThat(command).isInstanceOf(Command.Invalidate.class);
          assertThat(command.commandId()).isEqualTo("id-of-millrace.commands-0-0");
          assertThat(command.origin()).hasToString("id-of-millrace.commands-0-0");
        });
    assertNothingElse();
  }

  @Test
  void a_command_that_is_none_is_rejected_and_answered_at_once() {
    send(
        TOPICS.commands(),
        "c".getBytes(UTF_8),
        "{\"command\":\"cancle\",\"commandId\":\"c-1\"}".getBytes(UTF_8));

    assertThat(headers(only(TOPICS.rejected())))
        .containsEntry("error-code", "E_COMMAND")
        .containsEntry("error-topic", "millrace.commands");
    var receipt = only(TOPICS.receipts());
    assertThat(text(receipt.key())).isEqualTo("c-1");
    assertThat(read(TOPICS.receipts(), receipt))
        .isEqualTo(
            new Receipt(
                "c-1",
                0,
                1,
                false,
                0,
                null,
                null,
                "E_COMMAND command: unknown command 'cancle': expected one of cancel, invalidate,"
                    + " pause, resume, warm-up (did you mean 'cancel'?)",
                NOW));
    assertNothingElse();
  }

  @Test
  void a_warm_up_goes_to_every_partition_with_the_requests_that_belong_there() {
    var requests =
        IntStream.range(0, 40)
            .mapToObj(i ->
                "{\"request\":{\"type\":\"simulation\",\"params\":{\"campaignId\":\"c%d\"}}}"
                    .formatted(i))
            .collect(joining(","));
    send(TOPICS.commands(), null, warmUp(requests));

    var campaigns = new ArrayList<String>();
    for (var copy : all(TOPICS.admittedCommands())) {
      var command = (Command.WarmUp) read(TOPICS.admittedCommands(), copy);
      assertThat(command.commandId()).isEqualTo("w-1");
      for (var warm : command.wanted()) {
        var hash = warm.request().requestHash();
        assertThat(Integer.toString(hash.partition(4))).isEqualTo(text(copy.key()));
        campaigns.add(warm.request().params().path("campaignId").asText());
      }
    }
    assertThat(campaigns).hasSize(40).doesNotHaveDuplicates();
    assertNothingElse();
  }

  @Test
  void a_warm_up_without_requests_for_a_partition_reaches_it_all_the_same() {
    send(TOPICS.commands(), null, warmUp("{\"request\":" + REQUEST + "}"));

    assertThat(all(TOPICS.admittedCommands()))
        .extracting(
            copy -> ((Command.WarmUp) read(TOPICS.admittedCommands(), copy)).wanted().size())
        .containsExactlyInAnyOrder(1, 0, 0, 0);
  }

  @Test
  void one_wrong_request_refuses_the_whole_warm_up_and_is_named() {
    send(
        TOPICS.commands(),
        null,
        warmUp("{\"request\":" + REQUEST + "},{\"request\":{\"type\":\"simulatoin\"}}"));

    assertThat(headers(only(TOPICS.rejected())))
        .containsEntry("error-code", "E_TYPE")
        .containsEntry("error-field", "requests[1].request.type");
    var receipt = read(TOPICS.receipts(), only(TOPICS.receipts()));
    assertThat(receipt.partitions()).isEqualTo(1);
    assertThat(receipt.error())
        .isEqualTo(
            "E_TYPE requests[1].request.type: unknown type 'simulatoin' (did you mean"
                + " 'simulation'?)");
    assertNothingElse();
  }

  @Test
  void a_warm_up_whose_defaults_grow_beyond_its_topic_is_refused(@TempDir Path types)
      throws Exception {
    Files.writeString(
        types.resolve("large.json"),
        """
        {"type":"large","version":1,"description":"Has a large default.","params":{"type":"object",
         "properties":{"n":{"type":"integer"},"text":{"type":"string","default":"%s"}}},
         "scopes":{"allowed":["global"],"default":"global"}}
        """
            .formatted("x".repeat(3_000)));
    var reader = new RequestReader(TypeDefinitions.load(new ClassLoader(null) {}, types));
    var requests =
        IntStream.range(0, 500)
            .mapToObj(i -> "{\"request\":{\"type\":\"large\",\"params\":{\"n\":%d}}}".formatted(i))
            .collect(joining(","));
    var topology = IntakeTopology.build(TOPICS, reader, topic -> "id", 1, resources());
    try (var alone = new TopologyTestDriver(topology, properties())) {
      send(alone, TOPICS.commands(), null, warmUp(requests), new RecordHeaders());

      assertThat(all(alone, TOPICS.admittedCommands())).isEmpty();
      assertThat(all(alone, TOPICS.rejected()))
          .singleElement()
          .satisfies(record ->
              assertThat(headers(record))
                  .containsEntry("error-code", "E_SIZE")
                  .containsEntry("error-field", "requests"));
      assertThat(all(alone, TOPICS.receipts())).hasSize(1);
    }
  }

  @Test
  void a_value_command_goes_to_the_partition_of_its_key() {
    send(
        TOPICS.valueCommands(),
        null,
        "{\"op\":\"get\",\"namespace\":\"workspace:ws_3\",\"key\":\"user:usr_7\"}".getBytes(UTF_8));

    // printf workspace:ws_3/user:usr_7 | sha256sum
    int home = (int) (0x28b70da0L % 4);
    var record = only(TOPICS.admittedValueCommands());
    assertThat(text(record.key())).isEqualTo(Integer.toString(home));
    assertThat(read(TOPICS.admittedValueCommands(), record))
        .isEqualTo(
            new ValueCommand.Get(
                "id-of-millrace.values.commands-0-0",
                Origin.parse("id-of-millrace.values.commands-0-0"),
                "workspace:ws_3",
                "user:usr_7"));
    assertNothingElse();
  }

  @Test
  void several_keys_are_split_among_their_partitions_and_each_part_knows_how_many_there_are() {
    var keys = IntStream.range(0, 40).mapToObj(i -> "k" + i).toList();
    var values = keys.stream().map(key -> "\"" + key + "\":1").collect(joining(","));
    send(
        TOPICS.valueCommands(),
        null,
        ("{\"op\":\"mset\",\"namespace\":\"n\",\"values\":{" + values + "}}").getBytes(UTF_8));
    send(
        TOPICS.valueCommands(),
        null,
        "{\"op\":\"mget\",\"namespace\":\"n\",\"keys\":[\"k1\"]}".getBytes(UTF_8));

    var records = all(TOPICS.admittedValueCommands());
    var split = new ArrayList<String>();
    for (var record : records.subList(0, 4)) {
      var part = (ValueCommand.SetMany) read(TOPICS.admittedValueCommands(), record);
      assertThat(part.parts()).isEqualTo(4);
      assertThat(part.values().keySet())
          .allSatisfy(key ->
              assertThat(new ValueKey("n", key).partition(4))
                  .isEqualTo(Integer.parseInt(text(record.key()))));
      split.addAll(part.values().keySet());
    }
    assertThat(split).containsExactlyInAnyOrderElementsOf(keys);
    assertThat(
            ((ValueCommand.GetMany) read(TOPICS.admittedValueCommands(), records.get(4))).parts())
        .isEqualTo(1);
  }

  @Test
  void a_prefix_is_deleted_in_every_partition() {
    send(
        TOPICS.valueCommands(),
        null,
        "{\"op\":\"delete-prefix\",\"namespace\":\"n\",\"prefix\":\"user:\"}".getBytes(UTF_8));

    assertThat(all(TOPICS.admittedValueCommands()))
        .extracting(record -> text(record.key()))
        .containsExactly("0", "1", "2", "3");
  }

  @Test
  void a_value_command_that_is_none_is_rejected_and_answered_at_once() {
    send(
        TOPICS.valueCommands(),
        null,
        "{\"op\":\"get\",\"namespace\":\"a b\",\"key\":\"k\",\"commandId\":\"v-1\"}"
            .getBytes(UTF_8));

    assertThat(headers(only(TOPICS.rejected())))
        .containsEntry("error-code", "E_ID")
        .containsEntry("error-field", "namespace")
        .containsEntry("error-topic", "millrace.values.commands");
    var reply = read(TOPICS.valueReplies(), only(TOPICS.valueReplies()));
    assertThat(reply.ok()).isFalse();
    assertThat(reply.commandId()).isEqualTo("v-1");
    assertThat(reply.parts()).isEqualTo(1);
    assertThat(reply.code()).isEqualTo(RejectionCode.E_ID);
    assertThat(reply.error())
        .isEqualTo("namespace: expected 1 to 128 of A-Z, a-z, 0-9 and . _ : -, got 'a b'");
    assertNothingElse();
  }

  @Test
  void a_defect_of_ours_puts_the_record_aside_and_takes_the_next() {
    var calls = new AtomicInteger();
    InstantSource stumbling =
        () -> {
          if (calls.getAndIncrement() == 0) {
            throw new IllegalStateException("no time");
          }
          return NOW;
        };
    var topology =
        IntakeTopology.build(
            TOPICS,
            READER,
            topic -> "id",
            4,
            new Resources(stumbling, () -> 0, new Random(1), meters));
    try (var stumbler = new TopologyTestDriver(topology, properties())) {
      for (int i = 0; i < 2; i++) {
        send(
            stumbler,
            TOPICS.requests(Tier.FREE),
            null,
            REQUEST.getBytes(UTF_8),
            new RecordHeaders());
      }

      assertThat(all(stumbler, TOPICS.rejected()))
          .singleElement()
          .satisfies(record ->
              assertThat(headers(record))
                  .containsEntry("error-code", "E_INTERNAL")
                  .containsEntry("error-offset", "0"));
      assertThat(all(stumbler, TOPICS.admitted(Tier.FREE))).hasSize(1);
    }
  }

  /// Whatever comes, each record ends in exactly one way, and the next one is taken.
  @Test
  void any_bytes_end_as_one_admission_or_one_rejection() {
    var random = new Random(20261120);
    var good =
        List.of(
            REQUEST.getBytes(UTF_8),
            "{\"command\":\"cancel\",\"requestId\":\"r\",\"commandId\":\"c\"}".getBytes(UTF_8),
            warmUp("{\"request\":" + REQUEST + ",\"result\":{\"roi\":1.3}}"),
            "{\"type\":\"command\",\"params\":{\"program\":\"é\",\"args\":[\"1e9\",\"\\ud83d\\ude00\"]}}"
                .getBytes(UTF_8),
            "{\"op\":\"mset\",\"namespace\":\"n\",\"values\":{\"a\":1,\"b\":2,\"c\":3},\"ttl\":\"day\"}"
                .getBytes(UTF_8));
    var inputs =
        List.<Topic<?>>of(
            TOPICS.valueCommands(),
            TOPICS.commands(),
            TOPICS.requests(Tier.FREE),
            TOPICS.requests(Tier.PRO),
            TOPICS.requests(Tier.ENTERPRISE));
    int rounds = 10_000;
    int accepted = 0;
    for (int i = 0; i < rounds; i++) {
      var topic = inputs.get(random.nextInt(inputs.size()));
      var value =
          i % 2 == 0 ? noise(random) : mutated(good.get(random.nextInt(good.size())), random);
      send(driver, topic, random.nextBoolean() ? noise(random) : null, value, someHeaders(random));

      int rejected = all(TOPICS.rejected()).size();
      int admitted =
          Arrays.stream(Tier.values()).mapToInt(tier -> all(TOPICS.admitted(tier)).size()).sum();
      int copies = all(TOPICS.admittedCommands()).size();
      int receipts = all(TOPICS.receipts()).size();
      int values = all(TOPICS.admittedValueCommands()).isEmpty() ? 0 : 1;
      accepted += admitted + copies / 4 + values;
      assertThat(rejected + admitted + copies / 4 + values).as("record %d", i).isEqualTo(1);
      assertThat(copies % 4).isZero();
      assertThat(receipts).isEqualTo(topic.single() ? rejected : 0);
      assertThat(all(TOPICS.valueReplies()))
          .hasSize(topic.equals(TOPICS.valueCommands()) ? rejected : 0);
    }
    assertThat(accepted).isBetween(100, rounds / 2);
    assertThat(meters.find("intake.rejected").tag("code", "E_INTERNAL").counter()).isNull();
  }

  private static byte[] warmUp(String requests) {
    return "{\"command\":\"warm-up\",\"commandId\":\"w-1\",\"requests\":[%s]}"
        .formatted(requests)
        .getBytes(UTF_8);
  }

  private static byte[] noise(Random random) {
    var bytes = new byte[random.nextInt(1024)];
    random.nextBytes(bytes);
    return bytes;
  }

  private static byte[] mutated(byte[] good, Random random) {
    var bytes = good.clone();
    for (int edits = random.nextInt(3); edits > 0; edits--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(3)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = good[random.nextInt(good.length)];
        default -> bytes = Arrays.copyOf(bytes, Math.max(1, at));
      }
    }
    return bytes;
  }

  private static Headers someHeaders(Random random) {
    var headers = new RecordHeaders();
    for (int i = random.nextInt(3); i > 0; i--) {
      var names = List.of("traceparent", "answered", "error-at", "x", "content-type", "attempt");
      headers.add(
          names.get(random.nextInt(random.nextInt(10) == 0 ? 6 : 5)),
          random.nextInt(5) == 0 ? null : noise(random));
    }
    return headers;
  }

  private void send(Topic<?> topic, byte[] key, byte[] value) {
    send(driver, topic, key, value, new RecordHeaders());
  }

  private static void send(
      TopologyTestDriver driver, Topic<?> topic, byte[] key, byte[] value, Headers headers) {
    driver
        .createInputTopic(topic.name(), new ByteArraySerializer(), new ByteArraySerializer())
        .pipeInput(new TestRecord<>(key, value, headers));
  }

  private TestRecord<byte[], byte[]> only(Topic<?> topic) {
    var records = all(topic);
    assertThat(records).hasSize(1);
    return records.getFirst();
  }

  private List<TestRecord<byte[], byte[]>> all(Topic<?> topic) {
    return all(driver, topic);
  }

  private static List<TestRecord<byte[], byte[]>> all(TopologyTestDriver driver, Topic<?> topic) {
    return driver
        .createOutputTopic(topic.name(), new ByteArrayDeserializer(), new ByteArrayDeserializer())
        .readRecordsToList();
  }

  private void assertNothingElse() {
    for (var tier : Tier.values()) {
      assertThat(all(TOPICS.admitted(tier))).isEmpty();
    }
    for (var topic :
        List.of(
            TOPICS.admittedCommands(),
            TOPICS.rejected(),
            TOPICS.receipts(),
            TOPICS.admittedValueCommands(),
            TOPICS.valueReplies())) {
      assertThat(all(topic)).as(topic.name()).isEmpty();
    }
  }

  private double counted(String name) {
    return meters.find(name).counters().stream().mapToDouble(counter -> counter.count()).sum();
  }

  private static void assertSame(
      TestRecord<byte[], byte[]> actual, TestRecord<byte[], byte[]> expected) {
    assertThat(actual.key()).isEqualTo(expected.key());
    assertThat(actual.value()).isEqualTo(expected.value());
    assertThat(headers(actual)).isEqualTo(headers(expected));
  }

  private static <V> V read(Topic<V> topic, TestRecord<byte[], byte[]> record) {
    return topic.serde().read(record.value());
  }

  private static String text(byte[] bytes) {
    return new String(bytes, UTF_8);
  }

  private static Map<String, String> headers(TestRecord<byte[], byte[]> record) {
    var headers = new HashMap<String, String>();
    for (var header : record.headers()) {
      assertThat(headers.put(header.key(), text(header.value()))).as(header.key()).isNull();
    }
    return headers;
  }

  private Topology topology() {
    return IntakeTopology.build(TOPICS, READER, topic -> "id-of-" + topic, 4, resources());
  }

  private Resources resources() {
    return new Resources(InstantSource.fixed(NOW), () -> 0, new Random(1), meters);
  }

  private static Properties properties() {
    var properties = new Properties();
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "intake-test");
    properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "nowhere:1");
    return properties;
  }
}
