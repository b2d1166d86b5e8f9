package dev.millrace.contracts;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class Sha256Test {

  /// The example of FIPS 180-2.
  private static final String ABC =
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

  @Test
  void a_text_is_hashed_as_its_utf_8() {
    assertThat(Sha256.hex("abc")).isEqualTo(ABC);
    assertThat(Sha256.hex("abc".getBytes(StandardCharsets.UTF_8))).isEqualTo(ABC);
    assertThat(Sha256.hex("ä")).isEqualTo(Sha256.hex(new byte[] {(byte) 0xc3, (byte) 0xa4}));
  }

  @Test
  void a_digest_has_32_bytes() {
    assertThat(Sha256.of(new byte[0])).hasSize(32);
  }
}
