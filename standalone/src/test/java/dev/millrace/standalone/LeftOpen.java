package dev.millrace.standalone;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.lang.reflect.Field;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.FeatureUpdate;
import org.apache.kafka.clients.admin.UpdateFeaturesOptions;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.internals.TransactionManager;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.utils.ProducerIdAndEpoch;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/// Leaves a transaction open on a partition of which its coordinator never hears: by a producer
/// that takes the partition for announced, at a broker that believes it.
public final class LeftOpen {

  /// What the broker has to be told.
  public static final Map<String, String> BROKER =
      Map.of("transaction.partition.verification.enable", "false");

  private static final String FEATURE = "transaction.version";
  private static final short ANNOUNCED_BY_CLIENTS = 1;
  private static final short NEWEST = 2;

  private LeftOpen() {}

  /// By a producer of this transactional id.
  public static void on(TopicPartition partition, String servers, String transactionalId) {
    on(partition, plain(servers), transactionalId, null);
  }

  /// The same by clients that have to log in.
  public static void on(
      TopicPartition partition, Map<String, Object> clients, String transactionalId) {
    on(partition, clients, transactionalId, null);
  }

  /// By a producer that no coordinator knows.
  public static void byNobody(TopicPartition partition, String servers, long producerId) {
    on(partition, plain(servers), "nobody", new ProducerIdAndEpoch(producerId, (short) 0));
  }

  private static void on(
      TopicPartition partition,
      Map<String, Object> clients,
      String transactionalId,
      @Nullable ProducerIdAndEpoch as) {
    transactionVersion(clients, ANNOUNCED_BY_CLIENTS);
    var config = new HashMap<>(clients);
    config.put("linger.ms", 0);
    config.put("transactional.id", transactionalId);
    var text = new StringSerializer();
    var producer = new KafkaProducer<>(config, text, text);
    try {
      producer.initTransactions();
      producer.beginTransaction();
      announced(producer).add(partition);
      if (as != null) {
        field(TransactionManager.class, "producerIdAndEpoch").set(manager(producer), as);
      }
      producer
          .send(new ProducerRecord<>(partition.topic(), partition.partition(), "left", "open"))
          .get(30, SECONDS);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    } finally {
      producer.close(Duration.ZERO);
      transactionVersion(clients, NEWEST);
    }
  }

  private static Map<String, Object> plain(String servers) {
    return Map.of("bootstrap.servers", servers);
  }

  @SuppressWarnings("unchecked")
  private static Set<TopicPartition> announced(KafkaProducer<?, ?> producer)
      throws ReflectiveOperationException {
    return (Set<TopicPartition>)
        field(TransactionManager.class, "partitionsInTransaction").get(manager(producer));
  }

  private static Object manager(KafkaProducer<?, ?> producer) throws ReflectiveOperationException {
    return field(KafkaProducer.class, "transactionManager").get(producer);
  }

  private static Field field(Class<?> type, String name) throws NoSuchFieldException {
    var field = type.getDeclaredField(name);
    field.setAccessible(true);
    return field;
  }

  private static void transactionVersion(Map<String, Object> clients, short version) {
    try (var admin = Admin.create(clients)) {
      var type =
          version == NEWEST
              ? FeatureUpdate.UpgradeType.UPGRADE
              : FeatureUpdate.UpgradeType.SAFE_DOWNGRADE;
      admin
          .updateFeatures(
              Map.of(FEATURE, new FeatureUpdate(version, type)), new UpdateFeaturesOptions())
          .all()
          .get(30, SECONDS);
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .until(() ->
              admin
                      .describeFeatures()
                      .featureMetadata()
                      .get(10, SECONDS)
                      .finalizedFeatures()
                      .get(FEATURE)
                      .maxVersionLevel()
                  == version);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
