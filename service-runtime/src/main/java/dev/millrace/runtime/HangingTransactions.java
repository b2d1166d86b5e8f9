package dev.millrace.runtime;

import dev.millrace.contracts.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.TransactionalIdNotFoundException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/// Transactions that a partition has open and that nobody will end, because their coordinator is
/// done with them or never knew that they had reached that partition. Behind one, whoever reads
/// committed records stands still for ever: consumers, share groups, and the restoring of a
/// changelog.
///
/// A transaction that goes on is never taken for one. The partition is asked first, its coordinator
/// then, and the partition once more. Nothing is appended before the coordinator knows of the
/// partition, and it forgets the partition only when the marker is there: what was open before and
/// is open behind an answer that does not account for it is open for ever.
public final class HangingTransactions implements AutoCloseable {

  /// How long Kafka lets a transaction be open at most, unless the brokers'
  /// `transaction.max.timeout.ms` says otherwise.
  static final Duration LONGEST = Duration.ofMinutes(15);

  private static final byte[] MARK = "ends-a-transaction".getBytes(StandardCharsets.UTF_8);
  private static final int ENDING_MS = 10_000;
  private static final DescribeTopicsOptions WITH_RIGHTS =
      new DescribeTopicsOptions().includeAuthorizedOperations(true);

  private final KafkaClients clients;
  private final Admin admin;
  private final Topics topics;
  private final InstantSource clock;

  public HangingTransactions(KafkaClients clients, Topics topics, InstantSource clock) {
    this.clients = clients;
    this.admin = clients.admin();
    this.topics = topics;
    this.clock = clock;
  }

  /// What a partition says of a transaction it has open.
  ///
  /// @param last when its last record there was appended
  record Open(
      TopicPartition partition,
      long producerId,
      int producerEpoch,
      long startOffset,
      Instant last) {

    private boolean is(Hanging hanging) {
      return partition.equals(hanging.partition())
          && producerId == hanging.producerId()
          && startOffset == hanging.startOffset();
    }
  }

  /// A transaction that nobody will end.
  ///
  /// @param startOffset no committed reader of the partition gets past it
  /// @param transactionalId whose it is; empty when no coordinator knows its producer any more
  public record Hanging(
      TopicPartition partition,
      long producerId,
      long startOffset,
      Optional<String> transactionalId) {

    /// What an administrator can type to end it.
    public String command() {
      return "kafka-transactions.sh --bootstrap-server … abort --topic %s --partition %d --start-offset %d"
          .formatted(partition.topic(), partition.partition(), startOffset);
    }
  }

  /// Those on all topics under our prefix and the changelogs of our applications, as far as this
  /// login may read them.
  ///
  /// @throws KafkaException when the cluster does not answer
  public List<Hanging> find() {
    var open = open(partitions());
    var transactions =
        transactions(open.stream().map(Open::producerId).collect(Collectors.toSet()));
    var longAgo = clock.instant().minus(LONGEST);
    var hanging = new HashMap<Open, Hanging>();
    for (var one : open) {
      var its = transactions.get(one.producerId());
      if (its == null ? one.last().isBefore(longAgo) : over(one, its.description())) {
        var id = Optional.ofNullable(its).map(Transaction::id);
        hanging.put(one, new Hanging(one.partition(), one.producerId(), one.startOffset(), id));
      }
    }
    hanging
        .keySet()
        .retainAll(
            open(hanging.keySet().stream().map(Open::partition).collect(Collectors.toSet())));
    return List.copyOf(hanging.values());
  }

  /// Has Kafka end what a transactional id left open as it ends every other transaction: takes the
  /// id over, writes a record to each of the partitions and aborts. The markers that were missing
  /// are then written by the coordinator, so that nothing is ever ended in part, and no right is
  /// needed but to write there in this name.
  ///
  /// A producer that still lives under this id is fenced, also when the partitions take no record
  /// and nothing is ended. It is left alone when none of them is open any more.
  ///
  /// @param hanging those of this id
  /// @throws KafkaException when the cluster does not answer, a partition takes no record, or
  ///   somebody else ends them now
  public void end(String transactionalId, Collection<Hanging> hanging) {
    var partitions = stillOpen(hanging);
    if (partitions.isEmpty()) {
      return;
    }
    var config =
        Map.<String, Object>of(
            ProducerConfig.TRANSACTIONAL_ID_CONFIG,
            transactionalId,
            ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
            ENDING_MS,
            ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
            ENDING_MS,
            ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
            ENDING_MS,
            ProducerConfig.LINGER_MS_CONFIG,
            0, // what is given for our other producers would not fit into the delivery timeout
            ProducerConfig.MAX_BLOCK_MS_CONFIG,
            ENDING_MS);
    var producer = clients.producer("millrace-hanging-transactions", config);
    try {
      producer.initTransactions();
      producer.beginTransaction();
      var sent = new HashMap<TopicPartition, Future<?>>();
      for (var partition : partitions) {
        var mark =
            new ProducerRecord<byte[], byte[]>(
                partition.topic(), partition.partition(), MARK, null);
        sent.put(partition, producer.send(mark));
      }
      producer.flush();
      producer.abortTransaction();
      sent.forEach((partition, mark) -> {
        if (mark.state() == Future.State.FAILED) {
          throw new KafkaException("cannot write to " + partition, mark.exceptionNow());
        }
      });
    } finally {
      producer.close(Duration.ofMillis(ENDING_MS));
    }
  }

  private Set<TopicPartition> stillOpen(Collection<Hanging> hanging) {
    var open = open(hanging.stream().map(Hanging::partition).collect(Collectors.toSet()));
    return open.stream()
        .filter(one -> hanging.stream().anyMatch(one::is))
        .map(Open::partition)
        .collect(Collectors.toSet());
  }

  @Override
  public void close() {
    admin.close(Duration.ZERO);
  }

  /// Whether a coordinator that says this will never end the transaction. One that has something
  /// under way is in the same epoch, or in a later one and names the partition until it is told.
  static boolean over(Open open, TransactionDescription its) {
    return switch (its.state()) {
      case ONGOING, PREPARE_COMMIT, PREPARE_ABORT, PREPARE_EPOCH_FENCE ->
          its.producerEpoch() > open.producerEpoch()
              && !its.topicPartitions().contains(open.partition());
      case EMPTY, COMPLETE_COMMIT, COMPLETE_ABORT -> its.producerEpoch() >= open.producerEpoch();
      case UNKNOWN -> false;
    };
  }

  private Set<TopicPartition> partitions() {
    var names =
        TopicAdmin.await(admin.listTopics().names()).stream()
            .filter(name ->
                name.startsWith(topics.prefix()) || name.startsWith(TopicAdmin.group(topics, "")))
            .toList();
    var partitions = new HashSet<TopicPartition>();
    TopicAdmin.await(admin.describeTopics(names, WITH_RIGHTS).allTopicNames())
        .forEach((name, topic) ->
            topic.partitions().stream()
                .filter(partition -> partition.leader() != null && readable(topic))
                .forEach(
                    partition -> partitions.add(new TopicPartition(name, partition.partition()))));
    return partitions;
  }

  private static boolean readable(TopicDescription topic) {
    return topic.authorizedOperations().contains(AclOperation.READ);
  }

  private List<Open> open(Collection<TopicPartition> partitions) {
    var open = new ArrayList<Open>();
    var described = admin.describeProducers(partitions);
    for (var partition : partitions) {
      try {
        TopicAdmin.await(described.partitionResult(partition)).activeProducers().stream()
            .filter(producer -> producer.currentTransactionStartOffset().isPresent())
            .forEach(producer -> open.add(open(partition, producer)));
      } catch (UnknownTopicOrPartitionException _) {
        // deleted between the two questions
      }
    }
    return open;
  }

  private static Open open(TopicPartition partition, ProducerState producer) {
    return new Open(
        partition,
        producer.producerId(),
        producer.producerEpoch(),
        producer.currentTransactionStartOffset().orElseThrow(),
        Instant.ofEpochMilli(producer.lastTimestamp()));
  }

  private record Transaction(String id, TransactionDescription description) {}

  /// What the coordinators know of these producers.
  private Map<Long, Transaction> transactions(Set<Long> producers) {
    var known = new HashMap<Long, Transaction>();
    if (producers.isEmpty()) {
      return known;
    }
    var options = new ListTransactionsOptions().filterProducerIds(producers);
    var ids =
        TopicAdmin.await(admin.listTransactions(options).all()).stream()
            .map(TransactionListing::transactionalId)
            .collect(Collectors.toSet());
    var described = admin.describeTransactions(ids);
    for (var id : ids) {
      try {
        var description = TopicAdmin.await(described.description(id));
        known.put(description.producerId(), new Transaction(id, description));
      } catch (TransactionalIdNotFoundException _) {
        // forgotten between the two questions
      }
    }
    return known;
  }
}
