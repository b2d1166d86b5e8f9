package dev.millrace.workers.simulation;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// The market of a campaign, derived from the campaign's id alone: the same id is the same market
/// on every machine and for every caller.
///
/// @param size how many adopters there can ever be (Bass's m)
/// @param innovation chance a day that somebody adopts unprompted by others (Bass's p)
/// @param imitation what word of mouth adds once everybody has adopted (Bass's q)
/// @param valuePerAdopter revenue of one adoption
public record Market(
    double size,
    double innovation,
    double imitation,
    double valuePerAdopter,
    List<Channel> channels) {

  private static final List<String> CHANNEL_NAMES =
      List.of("search", "social", "video", "display", "email", "outdoor");

  public Market {
    channels = List.copyOf(channels);
  }

  public static Market of(String campaignId) {
    var traits = new Traits(campaignId);
    double size = round(traits.between(20_000, 2_000_000), 0);
    double innovation = round(traits.between(0.0005, 0.0025), 6);
    double imitation = round(traits.between(0.015, 0.075), 5);
    double value = round(traits.between(20, 150), 2);
    double dailyBudget = size * value * traits.between(0.0007, 0.0025);
    int count = 3 + (int) (traits.next() * 3);
    int first = (int) (traits.next() * CHANNEL_NAMES.size());

    var channels = new ArrayList<Channel>();
    for (int i = 0; i < count; i++) {
      double spend = round(dailyBudget / count * traits.between(0.5, 2), 2);
      channels.add(
          new Channel(
              CHANNEL_NAMES.get((first + i) % CHANNEL_NAMES.size()),
              spend,
              traits.next() < 0.3 ? Channel.FORTNIGHT / 2 : Channel.FORTNIGHT,
              round(traits.between(0.2, 0.85), 3),
              round(spend * traits.between(0.5, 2.5), 2),
              round(traits.between(1, 2), 3),
              round(traits.between(1.5, 6) / count, 3)));
    }
    return new Market(size, innovation, imitation, value, channels);
  }

  static double round(double value, int decimals) {
    double scale = StrictMath.pow(10, decimals);
    return Math.rint(value * scale) / scale;
  }

  private static final class Traits {

    private final long key;
    private long drawn;

    Traits(String campaignId) {
      this.key = RandomStreams.hash(campaignId.getBytes(StandardCharsets.UTF_8));
    }

    double next() {
      return RandomStreams.uniform(key, drawn++);
    }

    /// Even on a logarithmic scale, since markets differ by factors.
    double between(double low, double high) {
      return low * StrictMath.pow(high / low, next());
    }
  }
}
