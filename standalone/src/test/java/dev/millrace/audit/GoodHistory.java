package dev.millrace.audit;

import static dev.millrace.audit.History.BEGIN;
import static dev.millrace.audit.History.PARTITIONS;
import static dev.millrace.audit.History.TYPES;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.contracts.Admitted;
import dev.millrace.contracts.Command;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.Origin;
import dev.millrace.contracts.Sha256;
import dev.millrace.contracts.Tier;
import dev.millrace.runtime.request.Reading;
import dev.millrace.runtime.request.RequestHasher;
import dev.millrace.runtime.request.RequestReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A history in which everything that is judged happens once, as it should: computed, joined,
/// promoted, cached, repeated, invalidated, retried, failed, cancelled in private, rejected,
/// refreshed and warmed up.
final class GoodHistory {

  private static final String FAR = "2026-01-02T00:00:00.000Z";

  private final History history = new History();
  private final RequestReader reader;
  private final int[] epochs = new int[PARTITIONS];
  private final int[] generations = new int[PARTITIONS];
  private int second;

  /// A request as it was admitted, and where.
  record Ask(Admitted admitted, String place) {

    int home() {
      return admitted.requestHash().partition(PARTITIONS);
    }
  }

  /// A dispatch of a job.
  record Dispatch(Ask ask, String jobId, int epoch, int attempt, String tier) {}

  private GoodHistory(RequestReader reader) {
    this.reader = reader;
  }

  static History make() {
    return make(RequestHasher.KEYLESS);
  }

  /// @param hasher of whoever made it
  static History make(RequestHasher hasher) {
    return new GoodHistory(new RequestReader(TYPES, hasher)).history();
  }

  private History history() {
    var broken = history.add("requests.free", 0, null, "broken");
    history.putAside(broken);

    var first = ask("r1", "org_a", Tier.FREE, "cmp_1", "{}");
    var queued = dispatched(first);
    var second = ask("r2", "org_a", Tier.PRO, "cmp_1", "{}");
    var _ = decide("JOINED", second, second.place(), queued);
    var promoted = redispatched("PROMOTED", queued, second.place(), 1, "pro");
    started(promoted, "run1");
    progress(promoted, "run1", 0, 1);
    progress(promoted, "run1", 50, 2);
    succeeded(promoted, "run1");
    completed(first, queued.jobId(), "computed");
    completed(second, queued.jobId(), "joined");

    var third = ask("r3", "org_a", Tier.FREE, "cmp_1", "{}");
    var _ = decide("HIT", third, third.place(), promoted).put("expiresAt", FAR);
    completed(third, queued.jobId(), "cached");

    var repeat = history.find("completions", Map.of("requestId", "r3")).value;
    var again = ask("r3", "org_a", Tier.FREE, "cmp_1", "{}");
    var _ = decide("REPEATED", again, again.place(), null);
    var _ = add("completions", 0, "r3", ((ObjectNode) repeat.deepCopy()).put("repeat", true));

    invalidated("tag:campaign:cmp_1");
    var fourth = ask("r4", "org_a", Tier.FREE, "cmp_1", "{}");
    var anew = dispatched(fourth);
    started(anew, "run2");
    succeeded(anew, "run2");
    completed(fourth, anew.jobId(), "computed");

    failing();
    cancelled();
    refreshed();
    warmed();
    return history;
  }

  /// An answer that is past its time is given once more, while the next one is computed.
  private void refreshed() {
    var first = ask("r10", "org_a", Tier.FREE, "cmp_10", "{}");
    refreshing();
    var old = dispatched(first);
    started(old, "run10");
    succeeded(old, "run10");
    history
        .find("decisions", Map.of("decision", "STORED", "jobId", old.jobId()))
        .object()
        .put("expiresAt", at(60));
    completed(first, old.jobId(), "computed");

    second += 60;
    var late = ask("r11", "org_a", Tier.FREE, "cmp_10", "{}");
    refreshing();
    var _ = decide("HIT", late, late.place(), old).put("reason", "stale");
    completed(late, old.jobId(), "stale");
    int epoch = ++epochs[late.home()];
    var jobId = "simulation:" + late.admitted().requestHash().prefix() + ":" + epoch;
    var refresh = new Dispatch(late, jobId, epoch, 1, "free");
    var _ =
        decide("DISPATCHED", late, late.place(), refresh)
            .put("reason", "refresh: stale")
            .remove("requestId");
    lane("jobs.background", refresh);
    started(refresh, "run11");
    succeeded(refresh, "run11");
    history
        .find("decisions", Map.of("decision", "STORED", "jobId", jobId))
        .object()
        .put("expiresAt", at(120));
  }

  /// Has the type of the request that came last adapt and refresh its answers.
  private void refreshing() {
    ((ObjectNode) history.lastAdded().value.path("policy"))
        .putObject("caching")
        .put("staleWhileRevalidateMs", 60_000)
        .put("minTtlMs", 30_000)
        .put("maxTtlMs", 180_000);
  }

  /// One answer is given, and asked for; another is computed in the background until somebody
  /// waits.
  private void warmed() {
    var asked = admitted("w", "org_a", Tier.FREE, "cmp_7", "{}", "commands");
    int home = asked.requestHash().partition(PARTITIONS);
    int epoch = ++epochs[home];
    var jobId = "simulation:" + asked.requestHash().prefix() + ":" + epoch;
    var given = warmUp("warm-1", asked, result(jobId));
    var stored = new Dispatch(given, jobId, epoch, 1, "free");
    var _ =
        ofNobody(decide("STORED", given, given.place(), stored), "warmed").put("expiresAt", FAR);
    var known = warmUp("warm-2", asked, null);
    var _ = ofNobody(decide("HIT", known, known.place(), stored), "warm");
    var hit = ask("r7", "org_a", Tier.FREE, "cmp_7", "{}");
    var _ = decide("HIT", hit, hit.place(), stored).put("expiresAt", FAR);
    completed(hit, jobId, "cached");

    var wanted = admitted("w", "org_a", Tier.FREE, "cmp_8", "{}", "commands");
    var first = warmUp("warm-3", wanted, null);
    var background = dispatch(first);
    var _ = ofNobody(decide("DISPATCHED", first, first.place(), background), "warm-up");
    lane("jobs.background", background);
    var again = warmUp("warm-4", wanted, null);
    var _ = ofNobody(decide("JOINED", again, again.place(), background), "warm-up");
    var joiner = ask("r8", "org_a", Tier.FREE, "cmp_8", "{}");
    var _ = decide("JOINED", joiner, joiner.place(), background);
    var promoted = redispatched("PROMOTED", background, joiner.place(), 1, "free");
    started(promoted, "run6");
    succeeded(promoted, "run6");
    completed(joiner, background.jobId(), "joined");
  }

  private static ObjectNode ofNobody(ObjectNode decision, String reason) {
    decision.remove(List.of("requestId", "organizationId"));
    return decision.put("reason", reason);
  }

  /// One command, and its copy in the partition of the request.
  private Ask warmUp(String id, Admitted request, @Nullable JsonNode result) {
    int home = request.requestHash().partition(PARTITIONS);
    var warm = new Command.WarmUp.Warm(request, result);
    var command = new Command.WarmUp(id, request.origin(), null, List.of(warm));
    return new Ask(request, add("commands.admitted", home, Integer.toString(home), command));
  }

  private void failing() {
    var ask = ask("r5", "org_b", Tier.ENTERPRISE, "cmp_5", "{\"maxAttempts\":2}");
    var one = dispatched(ask);
    started(one, "run3");
    var failed = outcome("failed", one, "run3", true);
    var _ =
        decide("RETRIED", ask, failed, one)
            .put("runId", "run3")
            .put("notBefore", at(3))
            .remove("requestId");
    second += 3;
    var due = outcome("due", one, null, true);
    var two = redispatched("REDISPATCHED", one, due, 2, "enterprise");
    started(two, "run4");
    var last = outcome("failed", two, "run4", true);
    var _ = decide("FAILED", ask, last, two).put("runId", "run4").remove("requestId");
    var _ = decide("DEAD_LETTERED", ask, last, two).put("runId", "run4").remove("requestId");
    lane("jobs.dead-letters", two);
    terminal(two, "run4", "failed");
    completion(ask, one.jobId(), "failed", null, null);
  }

  private void cancelled() {
    var own = "{\"userId\":\"ana\",\"cache\":{\"scope\":\"private\"}}";
    var ask = ask("r6", "org_a", Tier.FREE, "cmp_6", own);
    var job = dispatched(ask);
    started(job, "run5");
    var places =
        command(
            "cancel-1", Map.of("command", "cancel", "organizationId", "org_a", "requestId", "r6"));
    var _ = decide("CANCELLED", ask, places[ask.home()], job);
    var _ = decide("CANCELLED", ask, places[ask.home()], job).remove("requestId");
    completion(ask, job.jobId(), "cancelled", null, null);
    terminal(job, "run5", "cancelled");
    var stopped = outcome("cancelled", job, "run5", false);
    var _ = decide("STALE_OUTCOME", ask, stopped, job).put("runId", "run5").remove("requestId");
  }

  private Ask ask(String id, String organization, Tier tier, String campaign, String more) {
    var admitted = admitted(id, organization, tier, campaign, more, "requests." + tier.id());
    var hash = admitted.requestHash();
    return new Ask(
        admitted,
        add("requests.admitted." + tier.id(), hash.partition(PARTITIONS), hash.hex(), admitted));
  }

  /// A request on its topic, as intake lets it in.
  private Admitted admitted(
      String id, String organization, Tier tier, String campaign, String more, String topic) {
    var request = read(more);
    request.put("type", "simulation").put("requestId", id).put("organizationId", organization);
    request.putObject("params").put("campaignId", campaign);
    var place = add(topic, 0, null, request);
    var offset = place.substring(place.lastIndexOf('-') + 1);
    var origin = new Origin(History.id("millrace." + topic), 0, Long.parseLong(offset));
    var bytes = request.toString().getBytes(StandardCharsets.UTF_8);
    if (!(reader.read(bytes, tier) instanceof Reading.Accepted(var checked))) {
      throw new AssertionError("rejected: " + request);
    }
    return checked.admitted(place, origin, null, null);
  }

  private Dispatch dispatch(Ask ask) {
    int epoch = ++epochs[ask.home()];
    var hash = ask.admitted().requestHash();
    var tier = ask.admitted().tier().id();
    return new Dispatch(ask, "simulation:" + hash.prefix() + ":" + epoch, epoch, 1, tier);
  }

  private Dispatch dispatched(Ask ask) {
    var dispatch = dispatch(ask);
    var _ = decide("DISPATCHED", ask, ask.place(), dispatch);
    lane("jobs." + dispatch.tier(), dispatch);
    return dispatch;
  }

  private Dispatch redispatched(
      String kind, Dispatch before, String cause, int attempt, String tier) {
    int epoch = ++epochs[before.ask().home()];
    var dispatch = new Dispatch(before.ask(), before.jobId(), epoch, attempt, tier);
    var _ = decide(kind, before.ask(), cause, dispatch).remove("requestId");
    lane("jobs." + tier, dispatch);
    return dispatch;
  }

  private void started(Dispatch dispatch, String run) {
    var cause = outcome("started", dispatch, run, false);
    var _ =
        decide("STARTED", dispatch.ask(), cause, dispatch).put("runId", run).remove("requestId");
  }

  private void succeeded(Dispatch dispatch, String run) {
    var cause = outcome("succeeded", dispatch, run, false);
    var _ =
        decide("SUCCEEDED", dispatch.ask(), cause, dispatch).put("runId", run).remove("requestId");
    var _ =
        decide("STORED", dispatch.ask(), cause, dispatch)
            .put("runId", run)
            .put("expiresAt", FAR)
            .remove("requestId");
    terminal(dispatch, run, "completed");
  }

  private void invalidated(String subject) {
    var places = command("invalidate-1", Map.of("command", "invalidate", "tag", subject));
    for (int ledger = 0; ledger < PARTITIONS; ledger++) {
      second++;
      var decision =
          Json.MAPPER
              .createObjectNode()
              .put("decision", "INVALIDATED")
              .put("reason", subject)
              .put("generation", ++generations[ledger])
              .put("partition", ledger)
              .put("sequence", 0)
              .put("cause", places[ledger])
              .put("at", at(0));
      var _ = add("decisions", ledger, null, decision);
    }
  }

  private String[] command(String id, Map<String, Object> fields) {
    var places = new String[PARTITIONS];
    for (int ledger = 0; ledger < PARTITIONS; ledger++) {
      ObjectNode command = Json.MAPPER.valueToTree(fields);
      command.put("commandId", id);
      places[ledger] = add("commands.admitted", ledger, Integer.toString(ledger), command);
      history.receipt(id, ledger, true);
    }
    return places;
  }

  /// A decision in the middle of the topic's partitions; to be completed by the caller.
  private ObjectNode decide(String kind, Ask ask, String cause, @Nullable Dispatch dispatch) {
    second++;
    var admitted = ask.admitted();
    var decision =
        Json.MAPPER
            .createObjectNode()
            .put("decision", kind)
            .put("requestId", admitted.requestId())
            .put("organizationId", admitted.organizationId())
            .put("requestHash", admitted.requestHash().hex())
            .put("generation", generations[ask.home()])
            .put("partition", ask.home())
            .put("sequence", 0)
            .put("cause", cause)
            .put("at", at(0));
    if (dispatch != null) {
      decision
          .put("jobId", dispatch.jobId())
          .put("epoch", dispatch.epoch())
          .put("attempt", dispatch.attempt())
          .put("tier", dispatch.tier());
    }
    var _ = add("decisions", second % PARTITIONS, admitted.requestId(), decision);
    return history.lastAdded().object();
  }

  private String outcome(String what, Dispatch dispatch, @Nullable String run, boolean retryable) {
    var hash = dispatch.ask().admitted().requestHash();
    var outcome =
        Json.MAPPER
            .createObjectNode()
            .put("outcome", what)
            .put("jobId", dispatch.jobId())
            .put("requestHash", hash.hex())
            .put("epoch", dispatch.epoch())
            .put("workerId", "w")
            .put("at", at(0));
    if (run != null) {
      outcome.put("runId", run);
    }
    if (what.equals("succeeded")) {
      outcome.set("result", result(dispatch.jobId()));
    } else if (what.equals("failed")) {
      outcome.set(
          "error",
          Json.MAPPER
              .createObjectNode()
              .put("code", "HANDLER_FAILED")
              .put("message", "no")
              .put("retryable", retryable)
              .put("attempt", dispatch.attempt()));
    }
    return add("jobs.outcomes", hash.partition(PARTITIONS), hash.hex(), outcome);
  }

  private void lane(String topic, Dispatch dispatch) {
    var admitted = dispatch.ask().admitted();
    var job =
        Json.MAPPER
            .createObjectNode()
            .put("status", "queued")
            .put("jobId", dispatch.jobId())
            .put("type", "simulation")
            .put("tier", dispatch.tier())
            .put("epoch", dispatch.epoch())
            .put("attempt", dispatch.attempt())
            .put("requestHash", admitted.requestHash().hex())
            .put("partition", dispatch.ask().home())
            .put("at", at(0));
    job.set("params", admitted.params());
    var _ = add(topic, dispatch.ask().home(), admitted.requestHash().hex(), job);
  }

  private void progress(Dispatch dispatch, String run, int percent, long sequence) {
    var _ = progress(dispatch, run, "processing", sequence).put("progress", percent);
  }

  private void terminal(Dispatch dispatch, String run, String status) {
    var _ = progress(dispatch, run, status, (1L << 53) - 1);
  }

  private ObjectNode progress(Dispatch dispatch, String run, String status, long sequence) {
    var admitted = dispatch.ask().admitted();
    second++;
    var progress =
        Json.MAPPER
            .createObjectNode()
            .put("status", status)
            .put("jobId", dispatch.jobId())
            .put("type", "simulation")
            .put("tier", dispatch.tier())
            .put("attempt", dispatch.attempt())
            .put("runId", run)
            .put("sequence", sequence)
            .put("requestHash", admitted.requestHash().hex())
            .put("at", at(0));
    var _ = add("jobs.progress", 0, dispatch.jobId(), progress);
    return history.lastAdded().object();
  }

  private void completed(Ask ask, String jobId, String source) {
    completion(ask, jobId, "completed", source, result(jobId));
  }

  private void completion(
      Ask ask, String jobId, String status, @Nullable String source, @Nullable JsonNode result) {
    var admitted = ask.admitted();
    var completion =
        Json.MAPPER
            .createObjectNode()
            .put("status", status)
            .put("source", source)
            .put("requestId", admitted.requestId())
            .put("organizationId", admitted.organizationId())
            .put("jobId", jobId)
            .put("requestHash", admitted.requestHash().hex())
            .put("type", "simulation")
            .put("tier", admitted.tier().id())
            .put("attempts", 1)
            .put("repeat", false)
            .put("completedAt", at(0));
    if (result != null) {
      completion.set("result", result);
      completion.put("resultSha256", Sha256.hex(result.toString()));
    }
    var _ = add("completions", 0, admitted.requestId(), completion);
  }

  private static JsonNode result(String jobId) {
    return Json.MAPPER.createObjectNode().put("answer", "of " + jobId).put("value", 1.25);
  }

  private String at(int secondsLater) {
    return Json.time(BEGIN.plusSeconds(second + secondsLater));
  }

  private String add(String topic, int partition, @Nullable String key, Object value) {
    return history.add(topic, partition, key, value);
  }

  private static ObjectNode read(String json) {
    try {
      return (ObjectNode) Json.MAPPER.readTree(json);
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }
}
