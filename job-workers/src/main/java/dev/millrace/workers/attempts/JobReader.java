package dev.millrace.workers.attempts;

import dev.millrace.contracts.HeaderNames;
import dev.millrace.contracts.Job;
import dev.millrace.contracts.Topic;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;

/// Reads jobs from lanes and retry topics, and believes nothing.
public final class JobReader {

  private final Topic<Job> topic;
  private final int partitions;

  /// For the records of one topic.
  ///
  /// @param partitions of the hash-keyed topics: a job names the one its outcomes go to
  public JobReader(Topic<Job> topic, int partitions) {
    this.topic = topic;
    this.partitions = partitions;
  }

  /// The job in a record.
  ///
  /// @throws SerializationException when the record holds no job that could be run
  public Job read(ConsumerRecord<byte[], byte[]> record) {
    byte[] value = record.value();
    if (value == null || value.length == 0) {
      throw new SerializationException("the record is empty");
    }
    var job = topic.serde().read(value);
    checkComplete(job);
    if (job.partition() != job.requestHash().partition(partitions)) {
      throw new SerializationException(
          "the job names partition %d, its hash belongs to %d of %d"
              .formatted(job.partition(), job.requestHash().partition(partitions), partitions));
    }
    var traceparent = HeaderNames.text(record.headers(), HeaderNames.TRACEPARENT);
    return job.traceparent() == null && traceparent != null ? traced(job, traceparent) : job;
  }

  private static void checkComplete(Job job) {
    var fields = new LinkedHashMap<String, @Nullable Object>();
    fields.put("jobId", job.jobId());
    fields.put("type", job.type());
    fields.put("tier", job.tier());
    fields.put("requestHash", job.requestHash());
    fields.put("params", job.params());
    for (Map.Entry<String, @Nullable Object> field : fields.entrySet()) {
      if (field.getValue() == null) {
        throw new SerializationException("the job has no " + field.getKey());
      }
    }
  }

  private static Job traced(Job job, String traceparent) {
    return new Job(
        job.status(),
        job.jobId(),
        job.type(),
        job.tier(),
        job.epoch(),
        job.attempt(),
        job.maxAttempts(),
        job.requestHash(),
        job.partition(),
        job.runLimitMs(),
        job.effect(),
        job.background(),
        job.at(),
        job.notBefore(),
        traceparent,
        job.params());
  }
}
