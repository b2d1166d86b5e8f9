package dev.millrace.contracts;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Something an operator or caller wants done. Anyone produces it; intake gives it an id and an
/// origin and sends one copy to every ledger partition.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "command")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Command.Cancel.class, name = "cancel"),
  @JsonSubTypes.Type(value = Command.Invalidate.class, name = "invalidate"),
  @JsonSubTypes.Type(value = Command.Pause.class, name = "pause"),
  @JsonSubTypes.Type(value = Command.Resume.class, name = "resume"),
  @JsonSubTypes.Type(value = Command.WarmUp.class, name = "warm-up"),
})
@JsonInclude(JsonInclude.Include.NON_NULL)
public sealed interface Command {

  /// Identifies the command in receipts; its origin unless the sender gave one.
  @Nullable String commandId();

  /// Where the command stood; null before intake.
  @Nullable Origin origin();

  /// This command with its id and origin.
  Command admitted(String commandId, Origin origin);

  /// Remove one waiter: the request `requestId` of `organizationId`.
  record Cancel(
      @Nullable String commandId,
      @Nullable Origin origin,
      @Nullable String organizationId,
      String requestId)
      implements Command {
    @Override
    public Cancel admitted(String commandId, Origin origin) {
      return new Cancel(commandId, origin, organizationId, requestId);
    }
  }

  /// Say that answers are untrue: those with a tag, with any tag that begins so, of a type, or of
  /// one hash. Exactly one is given.
  ///
  /// @param dryRun true: only count what it would make untrue, and what computing that again costs
  record Invalidate(
      @Nullable String commandId,
      @Nullable Origin origin,
      @Nullable String tag,
      @Nullable String type,
      @Nullable RequestHash hash,
      @Nullable String tagPrefix,
      @Nullable Boolean dryRun)
      implements Command {
    @Override
    public Invalidate admitted(String commandId, Origin origin) {
      return new Invalidate(commandId, origin, tag, type, hash, tagPrefix, dryRun);
    }

    /// Whether it changes nothing.
    public boolean dry() {
      return Boolean.TRUE.equals(dryRun);
    }
  }

  /// Let no job of the lane start.
  record Pause(@Nullable String commandId, @Nullable Origin origin, Tier lane) implements Command {
    @Override
    public Pause admitted(String commandId, Origin origin) {
      return new Pause(commandId, origin, lane);
    }
  }

  /// Let the jobs of the lane start again.
  record Resume(@Nullable String commandId, @Nullable Origin origin, Tier lane) implements Command {
    @Override
    public Resume admitted(String commandId, Origin origin) {
      return new Resume(commandId, origin, lane);
    }
  }

  /// Have answers computed, or put in as they are given, before anybody asks.
  ///
  /// @param requests as sent; null behind intake
  /// @param admitted behind intake: those of the partition this copy is for
  record WarmUp(
      @Nullable String commandId,
      @Nullable Origin origin,
      @Nullable List<Item> requests,
      @Nullable List<Warm> admitted)
      implements Command {

    public WarmUp {
      requests = requests == null ? null : List.copyOf(requests);
      admitted = admitted == null ? null : List.copyOf(admitted);
    }

    /// One answer to have.
    ///
    /// @param request a request as it would stand on a request topic
    /// @param result the answer, when an operator knows it
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Item(ObjectNode request, @Nullable JsonNode result) {}

    /// One answer to have, behind intake.
    ///
    /// @param request checked and hashed as any; nobody waits for it, and it gets no completion
    /// @param result the answer, when an operator knows it; null: it is computed in the background
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Warm(Admitted request, @Nullable JsonNode result) {}

    @Override
    public WarmUp admitted(String commandId, Origin origin) {
      return new WarmUp(commandId, origin, requests, admitted);
    }

    /// What is admitted; nothing before intake.
    public List<Warm> wanted() {
      return admitted == null ? List.of() : admitted;
    }

    /// The copy for one partition of the ledger: what belongs to others is left out.
    public WarmUp copyFor(int partition, int partitions) {
      var own =
          wanted().stream()
              .filter(warm -> warm.request().requestHash().partition(partitions) == partition)
              .toList();
      return new WarmUp(commandId, origin, requests, own);
    }
  }
}
