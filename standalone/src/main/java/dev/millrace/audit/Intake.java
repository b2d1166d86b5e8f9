package dev.millrace.audit;

import static dev.millrace.audit.Invariant.I0;
import static dev.millrace.audit.Invariant.I16;
import static dev.millrace.audit.Invariant.I19;
import static dev.millrace.audit.Invariant.I8;

import dev.millrace.audit.Model.Admission;
import dev.millrace.audit.Model.Cancel;
import dev.millrace.audit.Model.Entry;
import dev.millrace.audit.Model.Request;
import dev.millrace.audit.Model.Warm;
import dev.millrace.audit.Model.WarmUp;
import dev.millrace.contracts.Admitted;
import dev.millrace.contracts.CacheMode;
import dev.millrace.contracts.Command;
import dev.millrace.contracts.HeaderNames;
import dev.millrace.contracts.Origin;
import dev.millrace.contracts.Policy;
import dev.millrace.contracts.Receipt;
import dev.millrace.contracts.RequestHash;
import dev.millrace.contracts.Scope;
import dev.millrace.runtime.request.CanonicalJson;
import dev.millrace.runtime.request.KeyRecipe;
import dev.millrace.runtime.request.RequestHasher;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/// What came in: every request record has one fate, every admitted one is hashed as it must be.
final class Intake {

  private final Facts facts;
  private final Map<Long, Offsets> offsets = new HashMap<>();
  private final Map<String, List<Cancel>> cancelsByCommand = new HashMap<>();

  /// By command, then by partition.
  private final Map<String, Map<Integer, WarmUp>> warmUpsByCommand = new HashMap<>();

  private final Map<String, Id> scopes = new HashMap<>();
  private final Set<String> unknownTypes = new HashSet<>();

  /// Each policy once: there are millions of requests, and few policies.
  private final Map<Policy, Policy> policies = new HashMap<>();

  private final Set<String> requestTopics;
  private long requests;

  /// Offsets of one partition of a request topic.
  private static final class Offsets {
    private final Map<Integer, Long> timestamps = new HashMap<>();
    private final BitSet seen = new BitSet();
    private final BitSet rejected = new BitSet();
    private final BitSet admitted = new BitSet();
  }

  Intake(Facts facts) {
    this.facts = facts;
    this.requestTopics = Set.copyOf(Feed.REQUESTS.topics(facts.scene.topics()));
  }

  long requests() {
    return requests;
  }

  void request(ConsumerRecord<byte[], byte[]> record) {
    requests++;
    var place = facts.places.of(record.topic(), record.partition(), 0);
    int offset = Math.toIntExact(record.offset());
    var partition = offsets(place);
    partition.seen.set(offset);
    if (facts.fresh(record.timestamp())) {
      partition.timestamps.put(offset, record.timestamp());
    }
  }

  /// A repeated rejection is one.
  void rejected(ConsumerRecord<byte[], byte[]> record) {
    var topic = HeaderNames.text(record.headers(), HeaderNames.ERROR_TOPIC);
    var partition = HeaderNames.text(record.headers(), HeaderNames.ERROR_PARTITION);
    var offset = HeaderNames.text(record.headers(), HeaderNames.ERROR_OFFSET);
    var origin = facts.places.parse(topic + "-" + partition + "-" + offset);
    if (topic == null || origin == Places.NOWHERE) {
      facts.findings.broken(
          I16,
          facts.places.of(record.topic(), record.partition(), record.offset()),
          "a rejection that does not say where its record stood");
    } else if (requestTopics.contains(topic)) {
      facts.findings.checked(I16);
      offsets(facts.places.of(topic, Integer.parseInt(String.valueOf(partition)), 0))
          .rejected
          .set(Integer.parseInt(String.valueOf(offset)));
    } else {
      facts.putAside.add(origin);
    }
  }

  void command(ConsumerRecord<byte[], byte[]> record, Command command) {
    if (command instanceof Command.Cancel cancel && cancel.commandId() != null) {
      var trace =
          facts.cancels.computeIfAbsent(
              Id.caller(cancel.organizationId(), cancel.requestId()), _ -> new Cancel());
      var traces = cancelsByCommand.computeIfAbsent(cancel.commandId(), _ -> new ArrayList<>());
      if (!traces.contains(trace)) {
        traces.add(trace);
      }
    }
    if (command instanceof Command.WarmUp warmUp) {
      warmUp(record, warmUp);
    }
    var key = record.key() == null ? "" : new String(record.key(), StandardCharsets.UTF_8);
    facts.findings.checked(I19);
    if (!key.equals(Integer.toString(record.partition()))) {
      facts.findings.broken(
          I19, place(record), "a command for partition " + key + " lies in another");
    }
  }

  private void warmUp(ConsumerRecord<byte[], byte[]> record, Command.WarmUp command) {
    var wanted = command.wanted().stream().map(warm -> warm(record, warm)).toList();
    var warmUp = new WarmUp(wanted, record.timestamp());
    var first =
        warmUpsByCommand
            .computeIfAbsent(String.valueOf(command.commandId()), _ -> new HashMap<>())
            .putIfAbsent(record.partition(), warmUp);
    warmUp.repeated = first != null;
    facts.warmUps.put(place(record), warmUp);
  }

  private Warm warm(ConsumerRecord<byte[], byte[]> record, Command.WarmUp.Warm warm) {
    long place = place(record);
    var request = warm.request();
    checkHome(record, request.requestHash(), place);
    var entry = entry(request, place);
    return new Warm(
        entry,
        entry.share(request.tags()),
        request.policy(),
        maxAttempts(request),
        Outcomes.digest(warm.result(), null));
  }

  void receipt(Receipt receipt) {
    for (var cancel : cancelsByCommand.getOrDefault(receipt.commandId(), List.of())) {
      if (receipt.ok()) {
        cancel.partitions = receipt.partitions();
        cancel.receipts.add(receipt.partition());
      }
    }
    var warmUp =
        warmUpsByCommand.getOrDefault(receipt.commandId(), Map.of()).get(receipt.partition());
    if (warmUp != null) {
      warmUp.ok = receipt.ok();
    }
  }

  void admitted(ConsumerRecord<byte[], byte[]> record, Admitted admitted) {
    long place = place(record);
    admitted(admitted.origin(), place);
    checkPlace(record, admitted, place);
    var entry = entry(admitted, place);

    var key = Id.request(admitted.organizationId(), admitted.requestId(), admitted.requestHash());
    var request = facts.requests.computeIfAbsent(key, _ -> new Request(place, record.timestamp()));
    request.cancel = facts.cancels.get(Id.caller(admitted.organizationId(), admitted.requestId()));
    facts.admissions.put(
        place,
        new Admission(
            request,
            entry,
            admitted.tier(),
            admitted.mode(),
            policies.computeIfAbsent(admitted.policy(), policy -> policy),
            orNone(admitted.ttlMs() != null ? admitted.ttlMs() : admitted.policy().oldestMs()),
            maxStaleMs(admitted),
            maxAttempts(admitted),
            entry.share(admitted.tags())));
  }

  /// How much too old an answer may be: as the request says, or its type where the request does not
  /// say how old.
  private static long maxStaleMs(Admitted admitted) {
    var mode = admitted.mode();
    boolean own = mode == CacheMode.STALE_OK;
    boolean asItsType = admitted.ttlMs() == null && (own || mode == CacheMode.DEFAULT);
    return Math.max(
        own ? orNone(admitted.maxStaleMs()) : 0,
        asItsType ? orNone(admitted.policy().staleMs()) : 0);
  }

  private static int maxAttempts(Admitted admitted) {
    return admitted.maxAttempts() != null
        ? admitted.maxAttempts()
        : admitted.policy().maxAttempts();
  }

  private static long orNone(@Nullable Long value) {
    return value == null ? -1 : value;
  }

  /// The same origin again is a replay.
  private void admitted(Origin origin, long place) {
    var topic = facts.scene.topicIds().get(origin.topicId());
    if (topic == null || !requestTopics.contains(topic)) {
      return;
    }
    var partition = offsets(facts.places.of(topic, origin.partition(), 0));
    int offset = Math.toIntExact(origin.offset());
    partition.admitted.set(offset);
    if (partition.rejected.get(offset)) {
      facts.findings.broken(I0, place, "both rejected and admitted: " + origin);
    }
  }

  private void checkPlace(ConsumerRecord<byte[], byte[]> record, Admitted admitted, long place) {
    var hash = admitted.requestHash();
    checkHome(record, hash, place);
    if (record.key() == null
        || !hash.hex().equals(new String(record.key(), StandardCharsets.UTF_8))) {
      facts.findings.broken(I19, place, "its key is not its request hash");
    }
  }

  private void checkHome(ConsumerRecord<byte[], byte[]> record, RequestHash hash, long place) {
    facts.findings.checked(I19);
    int home = hash.partition(facts.scene.partitions());
    if (home != record.partition()) {
      facts.findings.broken(I19, place, "its hash belongs to partition " + home);
    }
  }

  /// The entry of the hash; its first request says which scope and params the hash stands for.
  private Entry entry(Admitted admitted, long place) {
    var hash = Id.of(admitted.requestHash());
    var canonical = CanonicalJson.of(admitted.params());
    var scopeKey = scopeKey(admitted);
    var scope = scopes.computeIfAbsent(scopeKey == null ? "?" : scopeKey, Id::of);
    var params = Id.of(canonical);
    var entry =
        facts.entries.computeIfAbsent(
            hash,
            _ ->
                new Entry(
                    hash,
                    admitted.type(),
                    admitted.policy().effect(),
                    scope,
                    params,
                    admitted.tags()));
    facts.findings.checked(I8);
    if (scopeKey == null) {
      facts.findings.broken(I8, place, "its scope names somebody who is not given");
    } else if (!entry.scope.equals(scope)) {
      facts.findings.broken(
          I8, place, "it has a hash of another scope than " + scopeKey + " in common");
    } else if (!entry.params.equals(params) || !entry.type.equals(admitted.type())) {
      facts.findings.broken(I8, place, "other params or another type have the same hash");
    } else {
      recompute(admitted, scopeKey, canonical, place);
    }
    return entry;
  }

  private static @Nullable String scopeKey(Admitted admitted) {
    try {
      return KeyRecipe.scopeKey(
          admitted.scope(), admitted.organizationId(), admitted.workspaceId(), admitted.userId());
    } catch (NullPointerException _) {
      return null;
    }
  }

  private void recompute(Admitted admitted, String scopeKey, String canonical, long place) {
    var type = facts.scene.types().find(admitted.type());
    if (type.isEmpty()) {
      if (unknownTypes.add(admitted.type())) {
        facts.findings.open(I8, "type without a definition here: " + admitted.type());
      }
      return;
    }
    int version = type.get().version();
    if (hashedBy(facts.scene.hasher(), admitted, version, scopeKey, canonical)) {
      return;
    }
    if (admitted.scope() != Scope.PRIVATE) {
      facts.findings.broken(I8, place, "its hash is not that of its type, scope and params");
    } else if (hashedBy(RequestHasher.KEYLESS, admitted, version, scopeKey, canonical)) {
      facts.findings.open(
          I8,
          "private requests hashed without their organization's key: older than it, or by a service"
              + " that lacks privacy.keys");
    } else if (facts.scene.hasher() == RequestHasher.KEYLESS) {
      facts.findings.open(
          I8, "private requests hashed under a key that is not known here: give privacy.keys");
    } else {
      facts.findings.broken(
          I8, place, "its private hash is that of no key given here, nor one without a key");
    }
  }

  /// Whether this hasher makes the hash by any version of the type so far.
  private static boolean hashedBy(
      RequestHasher hasher, Admitted admitted, int newest, String scopeKey, String canonical) {
    return IntStream.rangeClosed(1, newest)
        .mapToObj(version -> new KeyRecipe(admitted.type(), version, scopeKey, canonical))
        .map(recipe -> hasher.hash(recipe, admitted.scope(), admitted.organizationId()))
        .anyMatch(admitted.requestHash()::equals);
  }

  void judge() {
    offsets.forEach((partition, each) -> {
      var unfit = new HashSet<Integer>();
      for (int offset = each.seen.nextSetBit(0);
          offset >= 0;
          offset = each.seen.nextSetBit(offset + 1)) {
        facts.findings.checked(I0);
        if (!each.rejected.get(offset) && !each.admitted.get(offset)) {
          unfit.add(offset);
        }
      }
      int last = Math.max(each.rejected.length(), each.admitted.length());
      for (int offset : unfit) {
        fateless(partition, offset, offset >= last, each.timestamps.getOrDefault(offset, 0L));
      }
    });
    facts.warmUps.forEach(this::judge);
  }

  /// The ledger takes a warm-up whole: it decides about each of its requests, or says that it could
  /// not.
  private void judge(long place, WarmUp warmUp) {
    boolean excused =
        warmUp.repeated || Boolean.FALSE.equals(warmUp.ok) || facts.putAside.contains(place);
    if (excused) {
      return;
    }
    facts.findings.checked(I0);
    if (warmUp.left.isEmpty()) {
      return;
    }
    if (warmUp.ok != null || facts.passed(place) || facts.overdue(warmUp.timestamp)) {
      facts.lacks(
          I0,
          warmUp.timestamp,
          place,
          "a warm-up of which %d requests were dropped".formatted(warmUp.left.size()));
    } else {
      facts.findings.open(I0, "warm-ups that the ledger has not read yet");
    }
  }

  /// @param behind whether intake has not come so far in this partition
  private void fateless(long partition, int offset, boolean behind, long timestamp) {
    if (behind && facts.scene.drainedWithin() == null) {
      facts.findings.open(I0, "request records that intake has not read yet");
    } else {
      facts.lacks(I0, timestamp, partition | offset, "neither rejected nor admitted");
    }
  }

  private Offsets offsets(long partition) {
    return offsets.computeIfAbsent(partition, _ -> new Offsets());
  }

  private long place(ConsumerRecord<byte[], byte[]> record) {
    return facts.places.of(record.topic(), record.partition(), record.offset());
  }
}
