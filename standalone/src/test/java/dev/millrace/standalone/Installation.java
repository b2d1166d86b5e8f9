package dev.millrace.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.contracts.Topics;
import dev.millrace.runtime.CommonConfig;
import dev.millrace.runtime.KafkaClients;
import dev.millrace.runtime.Resources;
import dev.millrace.runtime.Settings;
import dev.millrace.runtime.Settings.Sources;
import dev.millrace.runtime.TopicAdmin;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/// Where a test's services run: a [Standalone] on any free ports, or a cluster that is there.
final class Installation {

  private static final Map<String, String> FLAGS =
      Map.of("http.port", "0", "workers.command.allow", "sh,false");

  private Installation() {}

  /// A whole one, with programs that jobs may run.
  static Standalone start(Path folder, Map<String, String> flags) throws InterruptedException {
    var all = new HashMap<>(FLAGS);
    all.putAll(flags);
    return Standalone.start(
        new Standalone.Options(folder, 0, new Sources(Map.of(), Map.of(), all)),
        Resources.system());
  }

  /// Makes the topics on a cluster, and says the settings of services on it.
  ///
  /// @param flags must name the cluster
  static Settings cluster(Map<String, String> flags) {
    var settings = Settings.load(Part.allSettings(), new Sources(Map.of(), Map.of(), flags));
    var topics = new Topics(settings.text(CommonConfig.TOPIC_PREFIX));
    try (var admin =
        new TopicAdmin(new KafkaClients(settings), topics, settings, Resources.system().clock())) {
      assertThat(admin.create()).isNotEmpty();
    }
    return settings;
  }
}
