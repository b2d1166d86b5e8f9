package dev.millrace.standalone;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.millrace.contracts.Topic;
import dev.millrace.contracts.Topics;
import dev.millrace.runtime.CommonConfig;
import dev.millrace.runtime.HangingTransactions;
import dev.millrace.runtime.KafkaClients;
import dev.millrace.runtime.Settings;
import dev.millrace.security.AccessTable;
import dev.millrace.security.Acls;
import dev.millrace.security.Role;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TransactionalIdAuthorizationException;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/// A secured broker with nothing on it but the topics, and everybody who tries everything.
@Timeout(300)
class DenyMatrixIT {

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Topics TOPICS = new Topics(Topics.DEFAULT_PREFIX);

  /// What is refused here is meant to be, and both sides log it as an error.
  private static final List<Logger> REFUSALS =
      Stream.of("org.apache.kafka.clients", "kafka.server.ControllerApis")
          .map(LoggerFactory::getLogger)
          .map(Logger.class::cast)
          .toList();

  @TempDir static Path folder;

  private static BrokerSecurity security;
  private static EmbeddedKafka kafka;

  @BeforeAll
  static void start() throws Exception {
    REFUSALS.forEach(logger -> logger.setLevel(Level.OFF));
    security = BrokerSecurity.in(folder.resolve("security"));
    var properties = new HashMap<>(security.broker());
    properties.putAll(LeftOpen.BROKER);
    kafka = EmbeddedKafka.start(folder.resolve("kafka"), 0, properties);
    security.admit(kafka.bootstrapServers(), TOPICS);
    try (var admin = Admin.create(as(Role.OPERATOR))) {
      var topics =
          TOPICS.all().stream()
              .map(topic -> new NewTopic(topic.name(), Optional.of(1), Optional.empty()))
              .toList();
      admin.createTopics(topics).all().get(60, SECONDS);
    }
  }

  @AfterAll
  static void stop() {
    kafka.close();
    REFUSALS.forEach(logger -> logger.setLevel(null));
  }

  /// Writers first, so that there is something to read.
  @Test
  void every_role_may_write_and_read_what_the_table_says_and_nothing_else() throws Exception {
    var table = AccessTable.load().cells();
    var wrong = new ArrayList<String>();
    var producers = new EnumMap<Role, KafkaProducer<byte[], byte[]>>(Role.class);
    var consumers = new EnumMap<Role, KafkaConsumer<byte[], byte[]>>(Role.class);
    try {
      for (var cell : table) {
        var producer = producers.computeIfAbsent(cell.role(), DenyMatrixIT::producer);
        if (writes(producer, cell.topic()) != cell.write()) {
          wrong.add("write " + cell);
        }
      }
      for (var cell : table) {
        var consumer = consumers.computeIfAbsent(cell.role(), DenyMatrixIT::consumer);
        if (reads(consumer, cell.topic()) != cell.read()) {
          wrong.add("read " + cell);
        }
      }
    } finally {
      producers.values().forEach(KafkaProducer::close);
      consumers.values().forEach(KafkaConsumer::close);
    }

    assertThat(table).hasSize(TOPICS.all().size() * Role.values().length);
    assertThat(wrong).isEmpty();
  }

  @Test
  void nobody_takes_the_place_of_the_ledger_in_its_transactions() {
    for (var role : Role.values()) {
      var config = as(role);
      config.put("transactional.id", "millrace-cache-store-stolen-1");
      try (var producer =
          new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
        if (role == Role.CACHE_STORE) {
          producer.initTransactions();
        } else {
          assertThatThrownBy(producer::initTransactions)
              .as(role.id())
              .isInstanceOf(TransactionalIdAuthorizationException.class);
        }
      }
    }
  }

  @Test
  void the_cache_store_ends_what_was_left_open_in_its_name_and_the_operator_sees_it()
      throws Exception {
    var changelog = "millrace-cache-store-some-changelog";
    try (var admin = Admin.create(as(Role.CACHE_STORE))) {
      create(admin, changelog);
    }
    var left =
        List.of(
            new TopicPartition(changelog, 0), new TopicPartition(TOPICS.completions().name(), 0));
    for (var partition : left) {
      LeftOpen.on(
          partition,
          security.asBroker(kafka.bootstrapServers()),
          "millrace-cache-store-left-" + partition);
    }

    try (var seen = transactions(Role.OPERATOR);
        var ledger = transactions(Role.CACHE_STORE);
        var logs = LogLines.all()) {
      assertThat(seen.find())
          .extracting(HangingTransactions.Hanging::partition)
          .containsExactlyInAnyOrderElementsOf(left);

      var hanging = ledger.find();
      assertThat(hanging).hasSameSizeAs(left);
      for (var one : hanging) {
        ledger.end(one.transactionalId().orElseThrow(), List.of(one));
      }

      await().atMost(PATIENCE).until(() -> seen.find().isEmpty());
      assertThat(logs.lines())
          .as("nobody asks for what he may not see")
          .noneMatch(line -> line.contains("Authorization failed in"));
    }
  }

  private static HangingTransactions transactions(Role role) {
    var flags = Map.of(CommonConfig.BOOTSTRAP_SERVERS, kafka.bootstrapServers());
    var settings =
        Settings.load(CommonConfig.def(), new Settings.Sources(Map.of(), Map.of(), flags))
            .withClients(security.client(role));
    return new HangingTransactions(new KafkaClients(settings), TOPICS, Clock.systemUTC());
  }

  @Test
  void nobody_moves_the_offsets_of_a_service() throws Exception {
    for (var role : List.of(Role.PRODUCER_PRO, Role.READER, Role.OPERATOR, Role.WORKERS)) {
      try (var admin = Admin.create(as(role))) {
        assertThatThrownBy(() ->
                admin
                    .alterConsumerGroupOffsets(
                        "millrace-publisher",
                        Map.of(
                            new TopicPartition(TOPICS.completions().name(), 0),
                            new OffsetAndMetadata(7)))
                    .all()
                    .get(30, SECONDS))
            .as(role.id())
            .hasCauseInstanceOf(GroupAuthorizationException.class);
      }
    }
  }

  @Test
  void nobody_makes_or_deletes_topics_or_changes_who_may_what_but_the_operator_makes_ours()
      throws Exception {
    for (var role : Role.values()) {
      try (var admin = Admin.create(as(role))) {
        var jobs = TOPICS.background().name();
        assertRefused(role, () -> admin.deleteTopics(List.of(jobs)).all().get(30, SECONDS));
        assertRefused(
            role, () -> admin.deleteAcls(List.of(AclBindingFilter.ANY)).all().get(30, SECONDS));
        assertRefused(role, () -> create(admin, "elsewhere." + role.id()));
        if (role == Role.OPERATOR) {
          create(admin, "millrace.one-more");
        } else {
          assertRefused(role, () -> create(admin, "millrace.by-" + role.id()));
        }
      }
    }
  }

  @Test
  void who_has_no_login_or_a_wrong_one_is_not_let_in() {
    var plain = Map.<String, Object>of("bootstrap.servers", kafka.bootstrapServers());
    var wrong = as(Role.OPERATOR);
    wrong.put(
        "sasl.jaas.config",
        String.valueOf(wrong.get("sasl.jaas.config")).replaceAll("password=\".", "password=\"?"));

    assertThat(refusal(plain)).isInstanceOf(TimeoutException.class);
    assertThat(refusal(wrong)).isInstanceOf(SaslAuthenticationException.class);
  }

  @Test
  void a_role_s_file_logs_in_and_only_its_owner_can_read_it() throws Exception {
    try (var files = Files.list(security.file(Role.READER).getParent())) {
      for (var file : files.toList()) {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
            .as(file.toString())
            .isEqualTo("rw-------");
      }
    }
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(folder.resolve("security"))))
        .isEqualTo("rwx------");
    try (var admin = Admin.create(file(Role.READER))) {
      assertThat(admin.listTopics().names().get(30, SECONDS))
          .containsAll(TOPICS.all().stream().map(Topic::name).toList());
    }
  }

  @Test
  void what_is_kept_is_used_again_and_what_is_missing_is_made() throws Exception {
    var again = BrokerSecurity.in(folder.resolve("security"));
    assertThat(again.client(Role.READER)).isEqualTo(security.client(Role.READER));

    var other = folder.resolve("other");
    var first = BrokerSecurity.in(other);
    var passwords = other.resolve("passwords.properties");
    Files.write(
        passwords,
        Files.readAllLines(passwords).stream().filter(line -> !line.startsWith("reader")).toList());
    var second = BrokerSecurity.in(other);

    assertThat(second.client(Role.READER)).isNotEqualTo(first.client(Role.READER));
    assertThat(second.client(Role.OPERATOR)).isEqualTo(first.client(Role.OPERATOR));
  }

  /// Why a client gets no answer.
  private static Throwable refusal(Map<String, Object> config) {
    var impatient = new HashMap<>(config);
    impatient.put("default.api.timeout.ms", 3_000);
    impatient.put("request.timeout.ms", 2_000);
    try (var admin = Admin.create(impatient)) {
      return catchThrowableOfType(
              ExecutionException.class, () -> admin.listTopics().names().get(30, SECONDS))
          .getCause();
    }
  }

  @Test
  void what_a_role_was_once_allowed_and_is_no_more_goes_at_the_next_start() throws Exception {
    var stale =
        new AclBinding(
            new ResourcePattern(ResourceType.TOPIC, "elsewhere", PatternType.LITERAL),
            new AccessControlEntry(
                Role.READER.principal(), "*", AclOperation.WRITE, AclPermissionType.ALLOW));
    var foreign =
        new AclBinding(
            stale.pattern(),
            new AccessControlEntry(
                "User:somebody", "*", AclOperation.WRITE, AclPermissionType.ALLOW));
    try (var admin = Admin.create(security.asBroker(kafka.bootstrapServers()))) {
      admin.createAcls(List.of(stale, foreign)).all().get(30, SECONDS);

      security.admit(kafka.bootstrapServers(), TOPICS);

      assertThat(admin.describeAcls(AclBindingFilter.ANY).values().get(30, SECONDS))
          .contains(foreign)
          .doesNotContain(stale)
          .containsAll(Acls.of(TOPICS));
    }
  }

  private interface Attempt {
    void run() throws Exception;
  }

  private static void assertRefused(Role role, Attempt attempt) {
    assertThatThrownBy(attempt::run)
        .as(role.id())
        .cause()
        .isInstanceOfAny(TopicAuthorizationException.class, ClusterAuthorizationException.class);
  }

  private static void create(Admin admin, String topic) throws Exception {
    admin
        .createTopics(List.of(new NewTopic(topic, Optional.of(1), Optional.empty())))
        .all()
        .get(30, SECONDS);
  }

  private static boolean writes(KafkaProducer<byte[], byte[]> producer, String topic)
      throws Exception {
    try {
      var value = "{}".getBytes(StandardCharsets.UTF_8);
      producer.send(new ProducerRecord<>(TOPICS.prefix() + topic, value, value)).get(30, SECONDS);
      return true;
    } catch (ExecutionException e) {
      assertThat(e.getCause()).isInstanceOf(TopicAuthorizationException.class);
      return false;
    }
  }

  private static boolean reads(KafkaConsumer<byte[], byte[]> consumer, String topic) {
    var partition = new TopicPartition(TOPICS.prefix() + topic, 0);
    consumer.assign(List.of(partition));
    consumer.seekToBeginning(List.of(partition));
    long end = System.nanoTime() + PATIENCE.toNanos();
    try {
      while (consumer.poll(Duration.ofMillis(200)).isEmpty()) {
        if (System.nanoTime() > end) {
          throw new KafkaException("neither refused nor given anything on " + topic);
        }
      }
      return true;
    } catch (TopicAuthorizationException e) {
      return false;
    } finally {
      consumer.unsubscribe();
    }
  }

  /// Not idempotent: a role without any topic to write is refused before it could try one.
  private static KafkaProducer<byte[], byte[]> producer(Role role) {
    var config = as(role);
    config.put("enable.idempotence", false);
    config.put("linger.ms", 0);
    return new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
  }

  private static KafkaConsumer<byte[], byte[]> consumer(Role role) {
    return new KafkaConsumer<>(as(role), new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  private static Map<String, Object> as(Role role) {
    var config = new HashMap<String, Object>(security.client(role));
    config.put("bootstrap.servers", kafka.bootstrapServers());
    return config;
  }

  private static Map<String, Object> file(Role role) throws IOException {
    var properties = new Properties();
    try (var in = Files.newBufferedReader(security.file(role))) {
      properties.load(in);
    }
    var config = new HashMap<String, Object>();
    properties.stringPropertyNames().forEach(key -> config.put(key, properties.getProperty(key)));
    return config;
  }
}
