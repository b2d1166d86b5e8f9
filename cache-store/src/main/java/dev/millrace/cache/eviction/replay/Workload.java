package dev.millrace.cache.eviction.replay;

import dev.millrace.contracts.RequestHash;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/// Requests made up by a rule. The same numbers and seed make the same requests.
///
/// Popularity is Zipf's with exponent 1: the n-th most wanted answer is asked for 1/n as often as
/// the first. Sizes and run times are log-normal and have nothing to do with it or with each other:
/// half of the answers are below 4 KiB and 200 ms, one in fifty above 48 KiB or 4 s.
public enum Workload {
  /// The same answers are popular all the time.
  ZIPF,

  /// As `ZIPF`, but in each ten thousand requests two thousand in a row ask for what nobody has
  /// asked before or will again.
  SCAN,

  /// As `ZIPF`, but what is popular moves on: ten times over the whole, by a tenth of the keys.
  SHIFT,

  /// Every key in turn, and again.
  LOOP;

  private static final double MEDIAN_BYTES = 4 * 1024;
  private static final double MEDIAN_COST_MS = 200;
  private static final double BYTES_SPREAD = 1.2;
  private static final double COST_SPREAD = 1.5;
  private static final long LEAST_BYTES = 64;
  private static final long MOST_BYTES = 512 * 1024;
  private static final long MOST_COST_MS = 600_000;

  /// Makes `requests` requests for answers out of `keys`.
  public void generate(long requests, int keys, long seed, Consumer<Access> to) {
    var random = new SplittableRandom(seed);
    var popularity = new Popularity(keys);
    for (long request = 0; request < requests; request++) {
      long tenthsDone = 10 * request / requests;
      to.accept(answer(key(request, tenthsDone, popularity, random), seed));
    }
  }

  private long key(long request, long tenthsDone, Popularity popularity, RandomGenerator random) {
    long keys = popularity.keys();
    return switch (this) {
      case ZIPF -> popularity.draw(random);
      case SCAN -> request % 10_000 >= 8_000 ? keys + request : popularity.draw(random);
      case SHIFT -> (popularity.draw(random) + tenthsDone * (keys / 10)) % keys;
      case LOOP -> request % keys;
    };
  }

  /// Everything about an answer follows from its key.
  private static Access answer(long key, long seed) {
    var random = new SplittableRandom(seed ^ (key + 1) * 0x9E3779B97F4A7C15L);
    var hex = new StringBuilder();
    for (int i = 0; i < 4; i++) {
      hex.append(HexFormat.of().toHexDigits(random.nextLong()));
    }
    double bytes = MEDIAN_BYTES * Math.exp(BYTES_SPREAD * random.nextGaussian());
    double costMs = MEDIAN_COST_MS * Math.exp(COST_SPREAD * random.nextGaussian());
    return new Access(
        RequestHash.of(hex.toString()),
        Math.clamp((long) bytes, LEAST_BYTES, MOST_BYTES),
        Math.clamp((long) costMs, 1, MOST_COST_MS));
  }

  /// Draws ranks by Zipf's law.
  private static final class Popularity {

    private final double[] cumulated;

    private Popularity(int keys) {
      cumulated = new double[keys];
      double sum = 0;
      for (int rank = 0; rank < keys; rank++) {
        sum += 1.0 / (rank + 1);
        cumulated[rank] = sum;
      }
    }

    private int keys() {
      return cumulated.length;
    }

    private int draw(RandomGenerator random) {
      int found = Arrays.binarySearch(cumulated, random.nextDouble(cumulated[keys() - 1]));
      return found >= 0 ? found : -found - 1;
    }
  }
}
