package dev.millrace.security;

import static org.apache.kafka.common.acl.AclOperation.ALTER_CONFIGS;
import static org.apache.kafka.common.acl.AclOperation.CREATE;
import static org.apache.kafka.common.acl.AclOperation.DELETE;
import static org.apache.kafka.common.acl.AclOperation.DESCRIBE;
import static org.apache.kafka.common.acl.AclOperation.DESCRIBE_CONFIGS;
import static org.apache.kafka.common.acl.AclOperation.READ;
import static org.apache.kafka.common.acl.AclOperation.WRITE;

import dev.millrace.contracts.RetryDelay;
import dev.millrace.contracts.Tier;
import dev.millrace.contracts.Topic;
import dev.millrace.contracts.Topics;
import dev.millrace.runtime.TopicAdmin;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.Resource;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/// What Kafka's authorizer is told: the table in `docs/security.md`, as access control lists. All
/// of them allow; what no list allows is denied.
public final class Acls {

  private static final String ANY_HOST = "*";

  private final Role role;
  private final Topics topics;
  private final List<AclBinding> bindings = new ArrayList<>();

  private Acls(Role role, Topics topics) {
    this.role = role;
    this.topics = topics;
  }

  /// Those of all roles.
  public static List<AclBinding> of(Topics topics) {
    return Arrays.stream(Role.values()).flatMap(role -> of(role, topics).stream()).toList();
  }

  /// Those of one role.
  public static List<AclBinding> of(Role role, Topics topics) {
    var acls = new Acls(role, topics);
    switch (role) {
      case INTAKE -> acls.intake();
      case CACHE_STORE -> acls.cacheStore();
      case WORKERS -> acls.workers();
      case PUBLISHER -> acls.publisher();
      case PRODUCER_FREE -> acls.write(topics.requests(Tier.FREE));
      case PRODUCER_PRO -> acls.write(topics.requests(Tier.PRO));
      case PRODUCER_ENTERPRISE -> acls.write(topics.requests(Tier.ENTERPRISE));
      case READER -> acls.lookAtEverything();
      case OPERATOR -> acls.operator();
    }
    return List.copyOf(acls.bindings);
  }

  private void intake() {
    service();
    read(tiers(topics::requests));
    read(topics.commands(), topics.valueCommands());
    write(tiers(topics::admitted));
    write(topics.admittedCommands(), topics.admittedValueCommands());
    write(topics.receipts(), topics.valueReplies());
    join(TopicAdmin.group(topics, "intake"));
  }

  /// It alone writes jobs, decisions and completions.
  private void cacheStore() {
    service();
    read(tiers(topics::admitted));
    read(topics.admittedCommands(), topics.admittedValueCommands());
    // It looks for transactions left open wherever it writes, and only who reads may look.
    readAndWrite(tiers(topics::lane));
    readAndWrite(topics.background());
    readAndWrite(Arrays.stream(RetryDelay.values()).map(topics::retry).toArray(Topic<?>[]::new));
    readAndWrite(topics.outcomes(), topics.control(), topics.progress(), topics.deadLetters());
    readAndWrite(topics.decisions(), topics.completions(), topics.receipts());
    readAndWrite(topics.values(), topics.valueReplies());
    write(topics.settings());
    read(topics.rejected(), topics.alerts(), topics.metrics());
    var application = TopicAdmin.group(topics, "cache-store");
    join(application);
    // Streams names transactions and changelogs after the application.
    allow(ResourceType.TRANSACTIONAL_ID, application + "-", PatternType.PREFIXED, WRITE);
    allow(
        ResourceType.TOPIC,
        application + "-",
        PatternType.PREFIXED,
        CREATE,
        READ,
        WRITE,
        DELETE,
        DESCRIBE_CONFIGS);
  }

  private void workers() {
    service();
    read(tiers(topics::lane));
    read(topics.background(), topics.control());
    read(Arrays.stream(RetryDelay.values()).map(topics::retry).toArray(Topic<?>[]::new));
    write(topics.outcomes(), topics.progress());
    join(TopicAdmin.group(topics, "retry"));
    for (var tier : Tier.values()) {
      share(TopicAdmin.laneGroup(topics, tier));
    }
    share(TopicAdmin.backgroundGroup(topics));
  }

  private void publisher() {
    service();
    read(tiers(topics::admitted));
    read(topics.rejected(), topics.decisions(), topics.progress(), topics.completions());
    read(topics.receipts(), topics.valueReplies(), topics.alerts(), topics.metrics());
    write(tiers(topics::requests));
    write(topics.commands(), topics.valueCommands());
    join(TopicAdmin.group(topics, "publisher"));
  }

  private void operator() {
    lookAtEverything();
    write(topics.commands(), topics.valueCommands(), topics.settings());
    allowPrefix(ResourceType.TOPIC, topics.prefix(), CREATE);
    // For the doctor, who looks whether a transaction was left open.
    var ledgers = TopicAdmin.group(topics, "cache-store") + "-";
    allow(ResourceType.TOPIC, ledgers, PatternType.PREFIXED, READ);
    allow(ResourceType.TRANSACTIONAL_ID, ledgers, PatternType.PREFIXED, DESCRIBE);
  }

  private void lookAtEverything() {
    allowPrefix(ResourceType.TOPIC, topics.prefix(), READ, DESCRIBE_CONFIGS);
    allowPrefix(ResourceType.GROUP, TopicAdmin.group(topics, ""), DESCRIBE);
    allow(ResourceType.CLUSTER, Resource.CLUSTER_NAME, PatternType.LITERAL, DESCRIBE);
  }

  /// What each of the four does: it looks whether all topics are there and what is set, keeps what
  /// it cannot decode, and tells of itself.
  private void service() {
    allowPrefix(ResourceType.TOPIC, topics.prefix(), DESCRIBE);
    read(topics.settings());
    write(topics.rejected(), topics.alerts(), topics.metrics());
  }

  private void read(Topic<?>... read) {
    for (var topic : read) {
      allow(ResourceType.TOPIC, topic.name(), PatternType.LITERAL, READ);
    }
  }

  private void write(Topic<?>... written) {
    for (var topic : written) {
      allow(ResourceType.TOPIC, topic.name(), PatternType.LITERAL, WRITE);
    }
  }

  private void readAndWrite(Topic<?>... both) {
    read(both);
    write(both);
  }

  private void join(String group) {
    allow(ResourceType.GROUP, group, PatternType.LITERAL, READ);
  }

  /// What a share group may do is kept at the broker, and set by whoever joins it.
  private void share(String group) {
    allow(ResourceType.GROUP, group, PatternType.LITERAL, READ, ALTER_CONFIGS);
  }

  /// Under an empty prefix everything on the cluster is ours.
  private void allowPrefix(ResourceType type, String prefix, AclOperation... operations) {
    if (prefix.isEmpty()) {
      allow(type, ResourcePattern.WILDCARD_RESOURCE, PatternType.LITERAL, operations);
    } else {
      allow(type, prefix, PatternType.PREFIXED, operations);
    }
  }

  private void allow(
      ResourceType type, String name, PatternType pattern, AclOperation... operations) {
    for (var operation : operations) {
      bindings.add(
          new AclBinding(
              new ResourcePattern(type, name, pattern),
              new AccessControlEntry(
                  role.principal(), ANY_HOST, operation, AclPermissionType.ALLOW)));
    }
  }

  private static Topic<?>[] tiers(Function<Tier, ? extends Topic<?>> topic) {
    return Arrays.stream(Tier.values()).map(topic).toArray(Topic<?>[]::new);
  }
}
