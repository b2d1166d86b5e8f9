package dev.millrace.publisher.history;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.contracts.Admitted;
import dev.millrace.contracts.CacheMode;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.Origin;
import dev.millrace.contracts.Policy;
import dev.millrace.contracts.RequestHash;
import dev.millrace.contracts.Scope;
import dev.millrace.contracts.Tier;
import dev.millrace.publisher.history.HistoryEvent.RequestAdmitted;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An admitted request being put together.
final class Asking {

  private final String requestId;
  private final RequestHash hash;
  private String type = "simulation";
  private String organization = "org_1";
  private String user = "ana";
  private @Nullable String workspace;
  private Scope scope = Scope.ORGANIZATION;
  private List<String> tags = List.of();
  private ObjectNode params = Json.MAPPER.createObjectNode();
  private Instant at;

  /// @param at when it is admitted, unless another time is named
  Asking(String requestId, RequestHash hash, Instant at) {
    this.requestId = requestId;
    this.hash = hash;
    this.at = at;
  }

  Asking type(String value) {
    type = value;
    return this;
  }

  Asking organization(String value) {
    organization = value;
    return this;
  }

  Asking user(String value) {
    user = value;
    return this;
  }

  Asking workspace(String value) {
    workspace = value;
    return this;
  }

  Asking scope(Scope value) {
    scope = value;
    return this;
  }

  Asking tags(String... value) {
    tags = List.of(value);
    return this;
  }

  Asking params(ObjectNode value) {
    params = value;
    return this;
  }

  Asking at(Instant value) {
    at = value;
    return this;
  }

  RequestAdmitted get() {
    return new RequestAdmitted(
        new Admitted(
            type,
            hash,
            Tier.PRO,
            requestId,
            organization,
            user,
            workspace,
            scope,
            CacheMode.DEFAULT,
            null,
            null,
            tags,
            null,
            null,
            null,
            null,
            new Origin("topic", 0, 1),
            new Policy(1_000L, 0, 4, List.of(), 60_000, false, 50, null),
            null,
            null,
            null,
            params),
        at);
  }
}
