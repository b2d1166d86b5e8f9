package dev.millrace.contracts;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/// The name of one computation: `<type>:<first 16 hex of the hash>:<n>`, n being the epoch of its
/// first dispatch. It stays the same through promotion, retries and lost leases.
public record JobId(@JsonValue String value) {

  public static JobId of(String type, RequestHash hash, long firstEpoch) {
    return new JobId(type + ":" + hash.prefix() + ":" + firstEpoch);
  }

  @JsonCreator
  public static JobId of(String value) {
    return new JobId(value);
  }

  @Override
  public String toString() {
    return value;
  }
}
