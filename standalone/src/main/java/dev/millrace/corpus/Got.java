package dev.millrace.corpus;

import dev.millrace.corpus.Watch.Asked;
import org.jspecify.annotations.Nullable;

/// What became of one input.
///
/// @param word as `expected.tsv` would spell it, or a sentence
/// @param fits whether that was expected
/// @param request what was accepted, and is owed one completion; null: nothing was
record Got(String word, boolean fits, @Nullable Asked request) {

  static Got of(Expected expected, Expected.Outcome outcome, @Nullable String code) {
    return new Got(
        code == null ? outcome.name() : outcome + " " + code,
        expected.outcome() == outcome && (outcome == Expected.Outcome.A || expected.fits(code)),
        null);
  }

  static Got unexpected(String sentence) {
    return new Got(sentence, false, null);
  }

  Got owing(Asked accepted) {
    return new Got(word, fits, accepted);
  }
}
