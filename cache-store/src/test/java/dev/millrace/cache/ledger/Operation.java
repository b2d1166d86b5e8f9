package dev.millrace.cache.ledger;

import dev.millrace.contracts.CacheMode;
import dev.millrace.contracts.DeclineReason;
import dev.millrace.contracts.Tier;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// One thing that happens to a simulated ledger. What it happens to is said by how far `back` it
/// was in what has happened so far, 0 being the latest, so that a list of operations still means
/// something when some are taken out.
sealed interface Operation {

  /// A caller asks.
  ///
  /// @param name of the request; used again and again
  /// @param answered how far back the job is whose answer the door gave; -1: it gave none
  record Submit(
      int question,
      int name,
      Tier tier,
      CacheMode mode,
      @Nullable Long ttlMs,
      @Nullable Long maxStaleMs,
      List<String> tags,
      @Nullable Long timeoutMs,
      @Nullable Integer maxAttempts,
      int answered)
      implements Operation {}

  /// The type of a question says something else about keeping answers from now on.
  ///
  /// @param caching which of the ways the simulation knows
  record Define(int question, int caching) implements Operation {}

  /// So many callers at once want the same.
  record Crowd(int question, int size) implements Operation {}

  /// A caller produces the same request once more.
  record Repeat(int back) implements Operation {}

  /// An input record is read once more.
  record Redeliver(int back) implements Operation {}

  record Start(int back) implements Operation {}

  record Heartbeat(int back, boolean waiting) implements Operation {}

  /// A run has an answer.
  ///
  /// @param padding bytes by which the result is larger than it need be
  /// @param says tells apart what answers say: their digest
  record Succeed(int back, int padding, int says) implements Operation {}

  record Fail(int back, boolean retryable, @Nullable Long retryAfterMs) implements Operation {}

  record Stop(int back) implements Operation {}

  /// A worker gives a job back.
  ///
  /// @param started whether a run gives the job back, or a worker that started none
  record Decline(int back, boolean started, DeclineReason reason) implements Operation {}

  record Return(int back) implements Operation {}

  record Cancel(int name) implements Operation {}

  record Invalidate(int subject) implements Operation {}

  /// An operator wants answers known before anybody asks.
  record WarmUp(List<Wanted> wanted) implements Operation {}

  /// One of them.
  ///
  /// @param given bytes by which the answer as given is larger than it need be; -1: it is to be
  ///   computed
  record Wanted(
      int question,
      Tier tier,
      CacheMode mode,
      @Nullable Long ttlMs,
      List<String> tags,
      @Nullable Integer maxAttempts,
      int given) {}

  /// Time passes.
  ///
  /// @param seen whether the ledger's punctuations run
  record Pass(long ms, boolean seen) implements Operation {}

  /// The wall clock is set.
  record Jump(long ms) implements Operation {}

  record ReadChecks(int most) implements Operation {}

  record TakeOver() implements Operation {}

  int QUESTIONS = 3;

  /// The question whose answer is an effect, which no warm-up may cause.
  int EFFECT = 1;

  int CACHINGS = 5;

  /// Bytes of a result so large that its completions go out few at a time.
  int LARGE = 500_000;

  int TOO_LARGE = 600_000;
  List<Tier> TIERS = List.of(Tier.values());
  List<CacheMode> MODES = List.of(CacheMode.values());
  List<DeclineReason> REASONS = List.of(DeclineReason.values());
  List<String> TAGS = List.of("campaign:1", "campaign:2", "model:3");

  /// A list of operations that follows from `random` alone.
  static List<Operation> some(int count, Random random) {
    var operations = new ArrayList<Operation>();
    for (int question = 0; question < QUESTIONS; question++) {
      operations.add(new Define(question, random.nextInt(CACHINGS)));
    }
    while (operations.size() < count) {
      operations.add(one(random));
      if (operations.getLast() instanceof Crowd) {
        operations.addAll(List.of(new Start(0), new Succeed(0, LARGE, 0)));
      } else if (operations.getLast() instanceof Define define) {
        operations.addAll(ageing(define.question(), random));
      }
    }
    return operations;
  }

  /// An answer is computed, and asked for about when its time is over. What that starts may fail.
  private static List<Operation> ageing(int question, Random random) {
    var operations = new ArrayList<Operation>();
    operations.add(plain(question, random));
    operations.add(new Start(0));
    operations.add(new Succeed(0, 0, says(random)));
    operations.add(
        new Pass(Duration.ofMinutes(8 + random.nextInt(30)).toMillis(), random.nextBoolean()));
    operations.add(plain(question, random));
    if (random.nextInt(3) == 0) {
      operations.addAll(List.of(new Start(0), new Fail(0, false, null), plain(question, random)));
    }
    return operations;
  }

  private static Submit plain(int question, Random random) {
    return new Submit(
        question,
        random.nextInt(30),
        Tier.FREE,
        CacheMode.DEFAULT,
        null,
        null,
        List.of(),
        null,
        null,
        -1);
  }

  private static Operation one(Random random) {
    int dice = random.nextInt(1_000);
    if (dice < 180) {
      return submit(random);
    } else if (dice < 200) {
      return warmUp(random);
    } else if (dice < 201) {
      return new Crowd(random.nextInt(QUESTIONS), 9 + random.nextInt(6));
    } else if (dice < 225) {
      return new Repeat(random.nextInt(20));
    } else if (dice < 285) {
      return new Redeliver(random.nextInt(40));
    } else if (dice < 430) {
      return new Start(back(random));
    } else if (dice < 445) {
      return new Define(random.nextInt(QUESTIONS), random.nextInt(CACHINGS));
    } else if (dice < 505) {
      return new Heartbeat(back(random), random.nextBoolean());
    } else if (dice < 575) {
      return new Succeed(back(random), padding(random), says(random));
    } else if (dice < 650) {
      Long after = random.nextInt(4) > 0 ? null : Long.valueOf(random.nextInt(25_000));
      return new Fail(back(random), random.nextInt(5) > 0, after);
    } else if (dice < 662) {
      return new Stop(back(random));
    } else if (dice < 695) {
      return new Decline(
          back(random), random.nextBoolean(), REASONS.get(random.nextInt(REASONS.size())));
    } else if (dice < 735) {
      return new Return(back(random));
    } else if (dice < 775) {
      return new Cancel(random.nextInt(30));
    } else if (dice < 825) {
      return new Invalidate(random.nextInt(8));
    } else if (dice < 915) {
      return new Pass(time(random), random.nextInt(4) > 0);
    } else if (dice < 930) {
      return new Jump((random.nextBoolean() ? 1 : -1) * time(random));
    } else if (dice < 980) {
      return new ReadChecks(1 + random.nextInt(3));
    }
    return new TakeOver();
  }

  private static Operation submit(Random random) {
    var mode = random.nextInt(3) > 0 ? CacheMode.DEFAULT : MODES.get(random.nextInt(MODES.size()));
    var tags = tags(random);
    return new Submit(
        random.nextInt(QUESTIONS),
        random.nextInt(30),
        TIERS.get(random.nextInt(TIERS.size())),
        mode,
        random.nextInt(4) > 0 ? null : Long.valueOf(time(random)),
        mode == CacheMode.STALE_OK ? Long.valueOf(time(random)) : null,
        tags,
        random.nextInt(5) > 0 ? null : Long.valueOf(time(random)),
        random.nextInt(4) > 0 ? null : Integer.valueOf(1 + random.nextInt(5)),
        random.nextInt(20) > 0 ? -1 : random.nextInt(5));
  }

  private static WarmUp warmUp(Random random) {
    var wanted = new ArrayList<Wanted>();
    do {
      wanted.add(wanted(random));
    } while (random.nextInt(4) == 0);
    return new WarmUp(List.copyOf(wanted));
  }

  private static Wanted wanted(Random random) {
    int question = random.nextInt(QUESTIONS);
    boolean given = question == EFFECT || random.nextInt(4) == 0;
    return new Wanted(
        question,
        TIERS.get(random.nextInt(TIERS.size())),
        random.nextInt(4) > 0 ? CacheMode.DEFAULT : CacheMode.REFRESH,
        random.nextInt(4) > 0 ? null : Long.valueOf(time(random)),
        tags(random),
        random.nextInt(4) > 0 ? null : Integer.valueOf(1 + random.nextInt(5)),
        given ? givenPadding(random) : -1);
  }

  private static int givenPadding(Random random) {
    return switch (random.nextInt(10)) {
      case 0 -> TOO_LARGE;
      case 1 -> LARGE;
      default -> 0;
    };
  }

  private static List<String> tags(Random random) {
    var tags = new ArrayList<String>();
    TAGS.stream().filter(_ -> random.nextInt(4) == 0).forEach(tags::add);
    return tags;
  }

  private static int back(Random random) {
    return random.nextInt(3) > 0 ? random.nextInt(2) : random.nextInt(40);
  }

  private static int padding(Random random) {
    return random.nextInt(200) > 0 ? 0 : TOO_LARGE;
  }

  private static int says(Random random) {
    return random.nextInt(3) / 2;
  }

  private static long time(Random random) {
    return switch (random.nextInt(8)) {
      case 0 -> random.nextInt(100);
      case 1, 2, 3 -> 2_000L + 250L * random.nextInt(12);
      case 4 -> 10_000L + random.nextInt(1_000);
      case 5 -> 60_000L + random.nextInt(1_000);
      case 6 -> Duration.ofMinutes(10).toMillis();
      default -> Duration.ofHours(1).toMillis();
    };
  }
}
