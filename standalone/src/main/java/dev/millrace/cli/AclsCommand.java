package dev.millrace.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.Topics;
import dev.millrace.runtime.CommonConfig;
import dev.millrace.runtime.Settings;
import dev.millrace.security.Acls;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.utils.SecurityUtils;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// What each role may do, for any cluster's authorizer.
@Command(
    name = "acls",
    description = "Print the access control lists of all roles; no cluster is asked.",
    footer = {
      "",
      "Examples:  ./millrace acls",
      "           ./millrace acls --script | BOOTSTRAP=kafka-1:9093 CONFIG=admin.properties sh"
    })
final class AclsCommand implements Callable<Integer> {

  private final Context context;

  @Mixin private KafkaOptions kafka = new KafkaOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  @Option(
      names = "--script",
      description = "As calls of Kafka's kafka-acls.sh, which reads $BOOTSTRAP and $CONFIG.")
  private boolean script;

  AclsCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    var settings = Settings.load(CommonConfig.def(), kafka.sources(context.environment()));
    var acls = Acls.of(new Topics(settings.text(CommonConfig.TOPIC_PREFIX)));
    if (script) {
      script(acls).forEach(context::print);
    } else {
      output.list(
          context,
          acls.stream().map(AclsCommand::row).toList(),
          "principal",
          List.of("principal", "operation", "resource", "pattern", "name"));
    }
    return ExitCode.DONE;
  }

  private static ObjectNode row(AclBinding acl) {
    var resource = acl.pattern();
    return Json.MAPPER
        .createObjectNode()
        .put("principal", acl.entry().principal())
        .put("operation", lower(acl.entry().operation()))
        .put("resource", lower(resource.resourceType()))
        .put("pattern", lower(resource.patternType()))
        .put("name", resource.name());
  }

  /// A line for what one principal may do with one thing.
  private static List<String> script(List<AclBinding> acls) {
    record Subject(String principal, ResourcePattern resource) {}
    return acls.stream()
        .collect(
            Collectors.groupingBy(
                acl -> new Subject(acl.entry().principal(), acl.pattern()),
                LinkedHashMap::new,
                Collectors.mapping(acl -> acl.entry().operation(), Collectors.toList())))
        .entrySet()
        .stream()
        .map(line ->
            "kafka-acls.sh --bootstrap-server \"$BOOTSTRAP\" --command-config \"$CONFIG\" --add"
                + " --allow-principal "
                + line.getKey().principal()
                + operations(line.getValue())
                + resource(line.getKey().resource()))
        .toList();
  }

  private static String operations(List<AclOperation> operations) {
    return operations.stream()
        .map(operation -> " --operation " + SecurityUtils.operationName(operation))
        .collect(Collectors.joining());
  }

  private static String resource(ResourcePattern resource) {
    var option = lower(resource.resourceType()).replace('_', '-');
    return resource.resourceType() == ResourceType.CLUSTER
        ? " --cluster"
        : " --%s '%s' --resource-pattern-type %s"
            .formatted(option, resource.name(), lower(resource.patternType()));
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
