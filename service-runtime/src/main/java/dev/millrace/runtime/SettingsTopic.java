package dev.millrace.runtime;

import dev.millrace.contracts.Setting;
import dev.millrace.contracts.Tier;
import dev.millrace.contracts.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The newest value of every setting: read to the end before it answers, then followed.
public final class SettingsTopic implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(SettingsTopic.class);
  private static final Duration OPENING = Duration.ofSeconds(30);

  private final Consumer<byte[], byte[]> consumer;
  private final Topics topics;
  private final Map<String, Setting> settings = new ConcurrentHashMap<>();
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private final Thread follower;
  private volatile boolean closed;

  private SettingsTopic(Consumer<byte[], byte[]> consumer, Topics topics) {
    this.consumer = consumer;
    this.topics = topics;
    this.follower = Threads.platform("settings").newThread(this::follow);
  }

  /// Reads the topic to its end.
  ///
  /// @throws KafkaException when the topic cannot be read within 30 s
  public static SettingsTopic open(KafkaClients clients, Topics topics) {
    var consumer = clients.consumer(null, "millrace-settings", Map.of());
    try {
      var partition = new TopicPartition(topics.settings().name(), 0);
      consumer.assign(List.of(partition));
      var end = consumer.endOffsets(List.of(partition), OPENING).getOrDefault(partition, 0L);
      consumer.seekToBeginning(List.of(partition));
      var view = new SettingsTopic(consumer, topics);
      while (consumer.position(partition, OPENING) < end) {
        view.poll();
      }
      view.follower.start();
      return view;
    } catch (RuntimeException e) {
      consumer.close();
      throw e;
    }
  }

  public Optional<Setting> get(String key) {
    return Optional.ofNullable(settings.get(key));
  }

  /// Whether no job of the lane may start.
  public boolean paused(Tier lane) {
    return get(Setting.lane(lane)).map(Setting::paused).orElse(false);
  }

  /// Calls `listener` on the follower's thread after a setting changed.
  public void onChange(Runnable listener) {
    listeners.add(listener);
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    consumer.wakeup();
    try {
      follower.join(Duration.ofSeconds(2));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void follow() {
    try (consumer) {
      while (!closed) {
        try {
          if (poll()) {
            listeners.forEach(Runnable::run);
          }
        } catch (WakeupException e) {
          LOG.debug("settings follower woken");
        } catch (KafkaException e) {
          LOG.warn("settings cannot be read, trying again: {}", e.getMessage());
        }
      }
    }
  }

  private boolean poll() {
    var records = consumer.poll(Duration.ofMillis(500));
    for (var record : records) {
      var key = record.key() == null ? "" : new String(record.key(), StandardCharsets.UTF_8);
      try {
        var setting = topics.settings().serde().readNullable(record.value());
        if (setting == null) {
          settings.remove(key);
        } else {
          settings.put(key, setting);
        }
      } catch (SerializationException e) {
        LOG.warn("setting not understood key={} offset={}", key, record.offset());
      }
    }
    return !records.isEmpty();
  }
}
