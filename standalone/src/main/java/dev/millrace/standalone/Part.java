package dev.millrace.standalone;

import dev.millrace.cache.CacheConfig;
import dev.millrace.cache.CacheService;
import dev.millrace.intake.IntakeConfig;
import dev.millrace.intake.IntakeService;
import dev.millrace.publisher.PublisherConfig;
import dev.millrace.publisher.PublisherService;
import dev.millrace.runtime.Resources;
import dev.millrace.runtime.Service;
import dev.millrace.runtime.Settings;
import dev.millrace.workers.WorkersConfig;
import dev.millrace.workers.WorkersService;
import java.util.Optional;
import org.apache.kafka.common.config.ConfigDef;

/// The four services: what each can be told, and how it starts. The only place that knows them all.
public enum Part {
  INTAKE("simulation-intake") {
    @Override
    public ConfigDef settings() {
      return IntakeConfig.def();
    }

    @Override
    public Service start(Settings settings, Resources resources) {
      return IntakeService.start(IntakeConfig.of(settings), settings, resources);
    }
  },
  CACHE_STORE("cache-store") {
    @Override
    public ConfigDef settings() {
      return CacheConfig.def();
    }

    @Override
    public Service start(Settings settings, Resources resources) {
      return CacheService.start(CacheConfig.of(settings), settings, resources);
    }
  },
  WORKERS("job-workers") {
    @Override
    public ConfigDef settings() {
      return WorkersConfig.def();
    }

    @Override
    public Service start(Settings settings, Resources resources) {
      return WorkersService.start(WorkersConfig.of(settings), settings, resources);
    }
  },
  PUBLISHER("progress-publisher") {
    @Override
    public ConfigDef settings() {
      return PublisherConfig.def();
    }

    @Override
    public Service start(Settings settings, Resources resources) {
      return PublisherService.start(
          PublisherConfig.from(settings), settings, resources, Optional.empty());
    }
  };

  private final String module;

  Part(String module) {
    this.module = module;
  }

  /// The module it lives in.
  public String module() {
    return module;
  }

  /// Every key it reads, the shared ones included.
  public abstract ConfigDef settings();

  /// Starts it and returns when it runs; [Service#ready] tells when it does its work.
  public abstract Service start(Settings settings, Resources resources);

  /// Every key of any service.
  public static ConfigDef allSettings() {
    var all = new ConfigDef();
    for (var part : values()) {
      for (var key : part.settings().configKeys().values()) {
        if (!all.names().contains(key.name)) {
          all.define(key);
        }
      }
    }
    return all;
  }
}
