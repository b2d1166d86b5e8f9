package dev.millrace.cache.codec;

import com.github.luben.zstd.ZstdDictTrainer;
import com.github.luben.zstd.ZstdException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;

/// Makes a dictionary from results of one type, and says what it is worth by those it has not seen.
public final class DictionaryTrainer {

  /// Fewer results teach nothing.
  public static final int LEAST = 20;

  private static final int DICTIONARY_BYTES = 16 * 1024;

  /// One of so many is kept back to measure with.
  private static final int MEASURED = 5;

  private final byte[] dictionary;
  private final List<byte[]> unseen = new ArrayList<>();

  /// Learns from results.
  ///
  /// @param results each as JSON, at least [#LEAST]
  /// @throws IllegalArgumentException when there is nothing to learn from them, says why
  public DictionaryTrainer(List<byte[]> results) {
    if (results.size() < LEAST) {
      throw new IllegalArgumentException(
          "at least " + LEAST + " different results are needed, got " + results.size());
    }
    var seen = new ArrayList<byte[]>();
    for (int i = 0; i < results.size(); i++) {
      (i % MEASURED == 0 ? unseen : seen).add(results.get(i));
    }
    dictionary = learn(seen);
  }

  /// What the results that were kept back take on average.
  ///
  /// @param json as JSON
  /// @param compressed without the dictionary
  /// @param withDictionary compressed with it
  public record Worth(double json, double compressed, double withDictionary) {}

  /// The dictionary, as its file has it.
  public byte[] dictionary() {
    return dictionary.clone();
  }

  /// What the dictionary is worth.
  public Worth worth() {
    var with = Dictionary.of(dictionary);
    return new Worth(
        average(json -> json.length),
        average(json -> Compression.compress(json, null).length),
        average(json -> Compression.compress(json, with).length));
  }

  private double average(ToIntFunction<byte[]> bytes) {
    return unseen.stream().mapToInt(bytes).average().orElseThrow();
  }

  private static byte[] learn(List<byte[]> results) {
    int all = results.stream().mapToInt(json -> json.length).sum();
    var trainer = new ZstdDictTrainer(all, DICTIONARY_BYTES, Compression.LEVEL);
    results.forEach(trainer::addSample);
    try {
      return trainer.trainSamples();
    } catch (ZstdException e) {
      throw new IllegalArgumentException(
          "the results are too few or too short to learn from: " + e.getMessage(), e);
    }
  }
}
