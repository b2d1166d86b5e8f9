package dev.millrace.security;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.contracts.Topic;
import dev.millrace.contracts.Topics;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AclsTest {

  @Test
  void the_table_has_every_topic_and_role_once() throws IOException {
    var topics = new Topics("").all().stream().map(Topic::name).toList();

    var rows = AccessTable.load().cells().stream().collect(groupingBy(AccessTable.Cell::topic));

    assertThat(rows.keySet()).containsExactlyInAnyOrderElementsOf(topics);
    rows.forEach((topic, cells) ->
        assertThat(cells)
            .as(topic)
            .extracting(AccessTable.Cell::role)
            .containsExactly(Role.values()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"millrace.", "test.millrace.", ""})
  void the_lists_say_what_the_table_says(String prefix) throws IOException {
    var topics = new Topics(prefix);

    for (var cell : AccessTable.load().cells()) {
      var acls = Acls.of(cell.role(), topics);
      var topic = prefix + cell.topic();
      assertThat(allows(acls, AclOperation.READ, topic)).as("read %s", cell).isEqualTo(cell.read());
      assertThat(allows(acls, AclOperation.WRITE, topic))
          .as("write %s", cell)
          .isEqualTo(cell.write());
    }
  }

  @Test
  void every_list_is_of_its_own_role_and_allows() {
    for (var role : Role.values()) {
      assertThat(Acls.of(role, new Topics("millrace.")))
          .isNotEmpty()
          .doesNotHaveDuplicates()
          .allMatch(acl -> acl.entry().principal().equals(role.principal()))
          .allMatch(acl -> acl.entry().permissionType() == AclPermissionType.ALLOW);
    }
  }

  @Test
  void nobody_may_change_lists_or_topics_that_are_there_and_only_one_has_transactions() {
    var all = Acls.of(new Topics("millrace."));

    assertThat(all)
        .filteredOn(acl -> acl.pattern().resourceType() == ResourceType.CLUSTER)
        .allMatch(acl -> acl.entry().operation() == AclOperation.DESCRIBE);
    assertThat(all)
        .extracting(acl -> acl.entry().operation())
        .doesNotContain(AclOperation.ALL, AclOperation.ALTER, AclOperation.CLUSTER_ACTION);
    assertThat(all)
        .filteredOn(acl -> acl.pattern().resourceType() == ResourceType.TRANSACTIONAL_ID)
        .filteredOn(acl -> acl.entry().operation() != AclOperation.DESCRIBE)
        .extracting(acl -> acl.entry().principal())
        .containsOnly("User:cache-store");
    assertThat(all)
        .filteredOn(acl -> acl.entry().operation() == AclOperation.DELETE)
        .extracting(acl -> acl.pattern().name())
        .containsOnly("millrace-cache-store-");
  }

  @Test
  void no_two_services_may_join_the_same_group() {
    var members =
        Arrays.stream(Role.values())
            .flatMap(role -> Acls.of(role, new Topics("millrace.")).stream())
            .filter(acl -> acl.pattern().resourceType() == ResourceType.GROUP)
            .filter(acl -> acl.entry().operation() == AclOperation.READ)
            .collect(
                groupingBy(
                    acl -> acl.pattern().name(), mapping(acl -> acl.entry().principal(), toSet())));

    assertThat(members)
        .containsOnlyKeys(
            "millrace-intake",
            "millrace-cache-store",
            "millrace-publisher",
            "millrace-retry",
            "millrace-workers-free",
            "millrace-workers-pro",
            "millrace-workers-enterprise",
            "millrace-workers-background");
    assertThat(members.values()).allMatch(principals -> principals.size() == 1);
  }

  private static boolean allows(List<AclBinding> acls, AclOperation operation, String topic) {
    return acls.stream()
        .filter(acl -> acl.pattern().resourceType() == ResourceType.TOPIC)
        .filter(acl -> acl.entry().operation() == operation)
        .anyMatch(acl -> {
          var name = acl.pattern().name();
          return acl.pattern().patternType() == PatternType.PREFIXED
              ? topic.startsWith(name)
              : topic.equals(name) || name.equals("*");
        });
  }
}
