package dev.millrace.publisher.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.contracts.Status;
import dev.millrace.contracts.Tier;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ListQueryTest {

  @Test
  void every_filter_is_read() {
    var query =
        ListQuery.parse(
            Map.of(
                "status", "failed",
                "tier", "pro",
                "type", "simulation",
                "organizationId", "org_1",
                "tag", "campaign:cmp_81",
                "q", "timed out",
                "from", "2026-11-20",
                "to", "2026-11-20T12:00:00+01:00"));

    assertThat(query.filter().status()).isEqualTo(Status.FAILED);
    assertThat(query.filter().tier()).isEqualTo(Tier.PRO);
    assertThat(query.filter().from()).isEqualTo(Instant.parse("2026-11-20T00:00:00Z"));
    assertThat(query.filter().to()).isEqualTo(Instant.parse("2026-11-20T11:00:00Z"));
    assertThat(query.limit()).isEqualTo(50);
  }

  @ParameterizedTest
  @CsvSource({"-1,10", "0,10", "10,10", "77,77", "1000000000,100", "9223372036854775807,100"})
  void the_limit_is_clamped(String asked, int given) {
    assertThat(ListQuery.parse(Map.of("limit", asked)).limit()).isEqualTo(given);
  }

  @ParameterizedTest
  @CsvSource({
    "limit,NaN,E_SCHEMA",
    "status,done,E_SCHEMA",
    "tier,gold,E_SCHEMA",
    "from,yesterday,E_SCHEMA",
    "from,+1000000-01-01T00:00:00Z,E_SCHEMA",
    "sort,status;drop table,E_SORT",
  })
  void what_is_not_understood_is_refused(String name, String value, String code) {
    assertThatThrownBy(() -> ListQuery.parse(Map.of(name, value)))
        .isInstanceOfSatisfying(
            Problem.class,
            problem -> {
              assertThat(problem.status()).isEqualTo(400);
              assertThat(problem.code()).isEqualTo(code);
              assertThat(problem.json().get("field").asText()).isEqualTo(name);
            });
  }
}
