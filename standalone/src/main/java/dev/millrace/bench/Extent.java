package dev.millrace.bench;

/// How much is asked.
///
/// @param share of the full load
public record Extent(double share) {

  /// What figures are taken with.
  public static final Extent FULL = new Extent(1);

  /// Enough to see that everything works; its figures mean nothing.
  public static final Extent GLANCE = new Extent(0.02);

  int of(int full) {
    return Math.max(1, (int) Math.round(full * share));
  }
}
