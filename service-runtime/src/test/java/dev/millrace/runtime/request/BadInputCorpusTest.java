package dev.millrace.runtime.request;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.contracts.Tier;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// What anybody may send, and what becomes of it: a rejection code, or `A` for accepted. The
/// numbers are those of the bad-input corpus.
class BadInputCorpusTest {

  private static final RequestReader READER = new RequestReader(Types.BUILT_IN);

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("corpus")
  void each_input_ends_as_expected(int number, String what, byte[] value, String expected) {
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
        .map(row -> READER.read((byte[]) row.get()[2], Tier.FREE))
        .forEach(reading -> {
          if (reading instanceof Reading.Rejected(Rejection rejection)) {
            String text = rejection.message() + rejection.field();
            assertThat(text).doesNotContainPattern("[\\p{Cntrl}\u202e\u200d]");
            assertThat(text).hasSizeLessThan(1000);
            assertThat(rejection.message()).isNotBlank();
          }
        });
  }

  static Stream<Arguments> corpus() {
    return Stream.of(
        row(1, "zero bytes", new byte[0], "E_EMPTY"),
        row(2, "no value", null, "E_EMPTY"),
        row(4, "spaces only", "   ", "E_NOT_OBJECT"),
        row(5, "null", "null", "E_NOT_OBJECT"),
        row(6, "a number", "7", "E_NOT_OBJECT"),
        row(7, "a string", "\"x\"", "E_NOT_OBJECT"),
        row(8, "an array", "[" + good() + "]", "E_NOT_OBJECT"),
        row(9, "truncated", good().substring(0, good().length() - 2), "E_JSON"),
        row(9, "truncated in an array", "{\"a\":[1", "E_JSON"),
        row(9, "truncated in a string", "{\"a\":\"x", "E_JSON"),
        row(10, "trailing comma", "{\"a\":1,}", "E_JSON"),
        row(11, "single quotes", "{'a':1}", "E_JSON"),
        row(12, "comment", "{/* c */\"a\":1}", "E_JSON"),
        row(13, "raw newline in a string", "{\"a\":\"x\ny\"}", "E_JSON"),
        row(14, "two documents", "{}{}", "E_TRAILING"),
        row(15, "trailing letters", "{}xyz", "E_TRAILING"),
        row(16, "duplicate key", params("\"seed\":1,\"seed\":1"), "E_DUPKEY"),
        row(16, "duplicate key, escaped", "{\"type\":\"a\",\"t\\u0079pe\":\"b\"}", "E_DUPKEY"),
        row(18, "depth 33", "{\"a\":" + "[".repeat(32) + "]".repeat(32) + "}", "E_DEPTH"),
        row(19, "depth 100,000 unclosed", "[".repeat(100_000), "E_DEPTH"),
        row(19, "the same in objects", "{\"a\":".repeat(40_000), "E_DEPTH"),
        row(20, "262,145 bytes", good() + " ".repeat(262_145 - good().length()), "E_SIZE"),
        row(20, "262,144 bytes", good() + " ".repeat(262_144 - good().length()), "A"),
        row(21, "one 25 MB string", "{\"a\":\"" + "x".repeat(25_000_000) + "\"}", "E_SIZE"),
        row(22, "20,001 tokens", "{\"a\":[" + "1,".repeat(19_995) + "1]}", "E_TOKENS"),
        row(24, "UTF-16LE", good().getBytes(StandardCharsets.UTF_16LE), "E_ENCODING"),
        row(25, "UTF-16BE with BOM", good().getBytes(StandardCharsets.UTF_16), "E_ENCODING"),
        row(26, "UTF-32", good().getBytes(Charset.forName("UTF-32")), "E_ENCODING"),
        row(27, "UTF-8 BOM", "\uFEFF" + good(), "E_ENCODING"),
        row(28, "Latin-1", latin1(command("\"é\"")), "E_ENCODING"),
        row(29, "overlong", latin1(command("\"\u00C0\u00AF\"")), "E_ENCODING"),
        row(29, "surrogate in UTF-8", latin1(command("\"\u00ED\u00A0\u0080\"")), "E_ENCODING"),
        row(31, "cut multibyte", latin1(command("\"\u00E2\u0082\"")), "E_ENCODING"),
        row(32, "lone surrogate", command("\"\\ud800\""), "E_STRING"),
        row(32, "lone low surrogate in a name", "{\"\\udc00\":1}", "E_STRING"),
        row(33, "surrogate pair", command("\"\\ud83d\\ude00\""), "A"),
        row(33, "surrogate pair in a name", "{\"\\ud83d\\ude00\":1}", "E_UNKNOWN_FIELD"),
        row(34, "U+0000", command("\"x\\u0000y\""), "E_STRING"),
        row(35, "composed", command("\"é\""), "A"),
        row(36, "decomposed", command("\"e\u0301\""), "A"),
        row(37, "in an identifier", with("\"userId\":\"é\""), "E_ID"),
        row(37, "in a tag", with("\"cache\":{\"tags\":[\"é\"]}"), "E_ID"),
        row(37, "in the type", good().replace("simulation", "simulatioé"), "E_ID"),
        row(38, "right-to-left override, joiner", command("\"\u202e\u200d\""), "A"),
        row(39, "NaN", params("\"seed\":NaN"), "E_JSON"),
        row(40, "-Infinity", params("\"seed\":-Infinity"), "E_JSON"),
        row(41, "+1", params("\"seed\":+1"), "E_JSON"),
        row(42, "01", params("\"seed\":01"), "E_JSON"),
        row(43, "0x10", params("\"seed\":0x10"), "E_JSON"),
        row(44, "1e400", params("\"seed\":1e400"), "E_NUMBER"),
        row(45, "1e-400", params("\"seed\":1e-400"), "E_NUMBER"),
        row(46, "1e30000000", params("\"seed\":1e30000000"), "E_NUMBER"),
        row(47, "1,001 digits", params("\"seed\":" + "9".repeat(1001)), "E_NUMBER"),
        row(48, "2^53+1", params("\"seed\":9007199254740993"), "E_NUMBER"),
        row(48, "-2^53", params("\"seed\":-9007199254740992"), "E_NUMBER"),
        row(49, "2^53+1 as a fraction", params("\"seed\":9007199254740993.0"), "E_NUMBER"),
        row(50, "1", params("\"seed\":1"), "A"),
        row(51, "1.0", params("\"seed\":1.0"), "A"),
        row(52, "1e0", params("\"seed\":1e0"), "A"),
        row(53, "-0", params("\"seed\":-0"), "A"),
        row(
            54,
            "more digits than a double",
            multiplier("0.1000000000000000055511151231257827"),
            "A"),
        row(55, "missing field", good(), "A"),
        row(56, "null field", params("\"seed\":null"), "E_SCHEMA"),
        row(56, "null in the envelope", with("\"userId\":null"), "E_SCHEMA"),
        row(57, "default given", params("\"seed\":0"), "A"),
        row(60, "unknown top-level field", with("\"colour\":1"), "E_UNKNOWN_FIELD"),
        row(60, "unknown param", params("\"colour\":1"), "E_UNKNOWN_FIELD"),
        row(60, "unknown cache field", with("\"cache\":{\"ttl\":1}"), "E_UNKNOWN_FIELD"),
        row(62, "@class gadget", with("\"@class\":\"java.net.URL\""), "E_UNKNOWN_FIELD"),
        row(63, "wrong type", params("\"seed\":\"1\""), "E_SCHEMA"),
        row(63, "params no object", "{\"type\":\"simulation\",\"params\":[]}", "E_SCHEMA"),
        row(63, "params missing", "{\"type\":\"simulation\"}", "E_SCHEMA"),
        row(63, "type missing", "{\"params\":{}}", "E_SCHEMA"),
        row(63, "cache no object", with("\"cache\":\"only\""), "E_SCHEMA"),
        row(63, "unknown cache mode", with("\"cache\":{\"mode\":\"always\"}"), "E_SCHEMA"),
        row(64, "out of range", params("\"timeframeDays\":366"), "E_SCHEMA"),
        row(65, "negative TTL", with("\"cache\":{\"ttlMs\":-1}"), "E_SCHEMA"),
        row(66, "TTL 10^18", with("\"cache\":{\"ttlMs\":1000000000000000000}"), "E_SCHEMA"),
        row(67, "timeout 0", with("\"timeoutMs\":0"), "E_SCHEMA"),
        row(67, "attempts 11", with("\"maxAttempts\":11"), "E_SCHEMA"),
        row(68, "deadline in the past", with("\"deadline\":\"1970-01-01T00:00:00Z\""), "A"),
        row(68, "deadline tomorrow", with("\"deadline\":\"tomorrow\""), "E_SCHEMA"),
        row(69, "unknown job type", good().replace("simulation", "divination"), "E_TYPE"),
        row(70, "type ../x", good().replace("simulation", "../x"), "E_TYPE"),
        row(71, "type with 10 KB", good().replace("simulation", "x".repeat(10_240)), "E_TYPE"),
        row(72, "a better tier than the topic's", with("\"tier\":\"enterprise\""), "A"),
        row(72, "no tier", with("\"tier\":\"gold\""), "E_SCHEMA"),
        row(73, "no organization", with("\"cache\":{\"scope\":\"organization\"}"), "E_TENANT"),
        row(73, "no user", org("\"cache\":{\"scope\":\"private\"}"), "E_TENANT"),
        row(73, "no workspace", org("\"cache\":{\"scope\":\"workspace\"}"), "E_TENANT"),
        row(73, "global needs none", with("\"cache\":{\"scope\":\"global\"}"), "A"),
        row(78, "long requestId", with("\"requestId\":\"" + "x".repeat(129) + "\""), "E_ID"),
        row(78, "empty requestId", with("\"requestId\":\"\""), "E_ID"),
        row(78, "requestId with CRLF", with("\"requestId\":\"a\\r\\nb\""), "E_ID"),
        row(78, "the name of no organization", with("\"organizationId\":\"-\""), "E_ID"),
        row(79, "32 tags", with("\"cache\":{\"tags\":[" + tags(32) + "]}"), "A"),
        row(79, "1,000 tags", with("\"cache\":{\"tags\":[" + tags(1000) + "]}"), "E_TAGS"),
        row(82, "mail with CRLF", email("a@b.c\\r\\nBcc: x@y"), "E_EMAIL"),
        row(83, "two addresses", email("a@b.c,d@e.f"), "E_EMAIL"),
        row(83, "two addresses in an array", with("\"notify\":{\"email\":[\"a@b.c\"]}"), "E_EMAIL"),
        row(83, "display name", email("Ana <a@b.c>"), "E_EMAIL"),
        row(83, "one address", email("ana+jobs@example.com"), "A"),
        row(101, "; rm", command("\"; rm -rf /\""), "A"),
        row(101, "$(…)", command("\"$(id)\""), "A"),
        row(101, "--config=evil", command("\"--config=evil\""), "A"),
        row(107, "log line", command("\"x\\r\\nERROR ${jndi:ldap://x} \\u001b[31m %n%s\""), "A"),
        row(121, "gzip", gzip(good()), "E_ENCODING"),
        row(137, "version 99", with("\"version\":99,\"news\":1"), "E_VERSION"),
        row(137, "schema version 99", with("\"schemaVersion\":99"), "E_VERSION"),
        row(138, "version 1", with("\"version\":1"), "A"),
        row(138, "no version", good(), "A"));
  }

  private static Arguments row(int number, String what, @Nullable Object value, String expected) {
    return Arguments.of(
        number, what, value instanceof String text ? Types.bytes(text) : value, expected);
  }

  private static String good() {
    return params("\"paths\":1000");
  }

  private static String params(String field) {
    return "{\"type\":\"simulation\",\"params\":{\"campaignId\":\"cmp_81\"," + field + "}}";
  }

  private static String multiplier(String number) {
    return params("\"scenarios\":[{\"name\":\"base\",\"budgetMultiplier\":" + number + "}]");
  }

  private static String with(String field) {
    return good().substring(0, good().length() - 1) + "," + field + "}";
  }

  private static String org(String field) {
    return with("\"organizationId\":\"org_42\"," + field);
  }

  private static String email(String address) {
    return with("\"notify\":{\"email\":\"" + address + "\"}");
  }

  private static String command(String argument) {
    return "{\"type\":\"command\",\"params\":{\"program\":\"echo\",\"args\":[" + argument + "]}}";
  }

  private static String tags(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> "\"t" + i + "\"")
        .collect(Collectors.joining(","));
  }

  private static byte[] latin1(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
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

  private static byte[] gzip(String text) {
    var out = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(out)) {
      gzip.write(Types.bytes(text));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
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
