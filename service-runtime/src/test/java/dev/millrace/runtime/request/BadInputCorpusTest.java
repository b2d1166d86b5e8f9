package dev.millrace.runtime.request;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.contracts.Tier;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// What anybody may send, and what becomes of it: a rejection code, or `A` for accepted.
class BadInputCorpusTest {

  private static final Path FOLDER = Path.of("..", "corpus");
  private static final RequestReader READER = new RequestReader(Types.BUILT_IN);

  @ParameterizedTest(name = "{0}")
  @MethodSource("corpus")
  void each_input_ends_as_expected(String file, byte[] value, String expected) {
    Reading reading = READER.read(value, Tier.FREE);

    String outcome =
        switch (reading) {
          case Reading.Accepted _ -> "A";
          case Reading.Rejected(Rejection rejection) -> rejection.code().name();
        };
    assertThat(outcome).as("%s", reading).isEqualTo(expected);
  }

  @Test
  void algorithmic_bombs_are_refused_fast() {
    var bombs =
        Stream.of(
                params("\"seed\":1e30000000"),
                params("\"seed\":" + "9".repeat(1001)),
                params("\"seed\":1e-30000000"),
                "{\"a\":" + "[".repeat(100_000),
                "{" + colliding() + "}")
            .map(Types::bytes)
            .toList();
    for (int warm = 0; warm < 20; warm++) {
      bombs.forEach(bomb -> READER.read(bomb, Tier.FREE));
    }

    for (byte[] bomb : bombs) {
      long start = System.nanoTime();
      assertThat(READER.read(bomb, Tier.FREE)).isInstanceOf(Reading.Rejected.class);
      assertThat(System.nanoTime() - start).isLessThan(250_000_000L);
    }
  }

  @Test
  void every_rejection_is_one_printable_line() {
    corpus()
        .map(row -> READER.read((byte[]) row.get()[1], Tier.FREE))
        .forEach(reading -> {
          if (reading instanceof Reading.Rejected(Rejection rejection)) {
            String text = rejection.message() + rejection.field();
            assertThat(text).doesNotContainPattern("[\\p{Cntrl}\u202e\u200d]");
            assertThat(text).hasSizeLessThan(1000);
            assertThat(rejection.message()).isNotBlank();
          }
        });
  }

  /// The inputs of the folder `corpus` whose fate the bytes alone decide.
  static Stream<Arguments> corpus() {
    try {
      return Files.readAllLines(FOLDER.resolve("expected.tsv")).stream()
          .skip(1)
          .map(line -> line.split("\t"))
          .filter(row -> row.length < 5 && !row[0].endsWith(".http"))
          .map(row -> Arguments.of(row[0], value(row[0]), expected(row[1], row[2])));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte @Nullable [] value(String file) {
    try (var in = Files.newInputStream(FOLDER.resolve(file))) {
      return file.endsWith(".null")
          ? null
          : file.endsWith(".gz") ? new GZIPInputStream(in).readAllBytes() : in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// What a client or the door refuses before us, the reader refuses too.
  private static String expected(String outcome, String code) {
    return outcome.equals("R") || outcome.equals("X") ? code : "A";
  }

  private static String good() {
    return params("\"paths\":1000");
  }

  private static String params(String field) {
    return "{\"type\":\"simulation\",\"params\":{\"campaignId\":\"cmp_81\"," + field + "}}";
  }

  private static String with(String field) {
    return good().substring(0, good().length() - 1) + "," + field + "}";
  }

  private static String org(String field) {
    return with("\"organizationId\":\"org_42\"," + field);
  }

  /// 4,096 names with one `hashCode`.
  private static String colliding() {
    return IntStream.range(0, 4096)
        .mapToObj(i ->
            IntStream.range(0, 12)
                .mapToObj(bit -> (i >> bit & 1) == 0 ? "Aa" : "BB")
                .collect(Collectors.joining("", "\"", "\":1")))
        .collect(Collectors.joining(","));
  }

  /// Row 124: random bytes, mutated good requests and random trees; whatever it is, it gets an
  /// answer.
  @Test
  void no_bytes_make_the_reader_throw() {
    var random = new Random(124);
    var trees = new JsonTrees(random);
    byte[] good = Types.bytes(org("\"cache\":{\"mode\":\"default\",\"tags\":[\"a\"]}"));
    for (int i = 0; i < 10_000; i++) {
      byte[] noise = new byte[random.nextInt(1024)];
      random.nextBytes(noise);
      answered(noise);
      answered(mutated(good, random));
      answered(Types.bytes(CanonicalJson.of(trees.object(6))));
      answered(Types.bytes(params("\"scenarios\":" + CanonicalJson.of(trees.value(4)))));
      answered(Types.bytes(with("\"cache\":" + CanonicalJson.of(trees.value(3)))));
    }
  }

  private static byte[] mutated(byte[] good, Random random) {
    byte[] bytes = good.clone();
    for (int times = 1 + random.nextInt(3); times > 0; times--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(4)) {
        case 0 -> bytes[at] = (byte) random.nextInt();
        case 1 -> bytes[at] = (byte) "{}[]\",:0e-\\".charAt(random.nextInt(11));
        case 2 -> bytes = Arrays.copyOf(bytes, Math.max(1, at));
        default -> {
          int end = at + random.nextInt(bytes.length - at);
          byte[] piece = Arrays.copyOfRange(bytes, at, end);
          byte[] longer = Arrays.copyOf(bytes, bytes.length + piece.length);
          System.arraycopy(piece, 0, longer, bytes.length, piece.length);
          bytes = longer;
        }
      }
    }
    return bytes;
  }

  private static void answered(byte[] value) {
    Reading reading = READER.read(value, Tier.PRO);
    assertThat(reading).isNotNull();
    if (reading instanceof Reading.Rejected(Rejection rejection)) {
      assertThat(rejection.code().name()).as("%s", rejection).isNotEqualTo("E_INTERNAL");
    }
  }
}
