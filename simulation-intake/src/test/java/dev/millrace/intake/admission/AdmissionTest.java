package dev.millrace.intake.admission;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.contracts.Admitted;
import dev.millrace.contracts.JobId;
import dev.millrace.contracts.RejectionCode;
import dev.millrace.contracts.Tier;
import dev.millrace.runtime.request.Rejection;
import dev.millrace.runtime.request.RequestReader;
import dev.millrace.runtime.request.TypeDefinitions;
import java.nio.file.Path;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdmissionTest {

  private static final Place PLACE = new Place("millrace.requests.pro", "Xy-7_Q", 3, 41);
  private static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  private static final String REQUEST =
      "{\"type\":\"simulation\",\"params\":{\"campaignId\":\"cmp_81\"}}";

  private final Admission admission =
      new Admission(
          new RequestReader(
              TypeDefinitions.load(
                  new ClassLoader(null) {},
                  Path.of("..", "job-workers", "src", "main", "resources", "types"))));

  @Test
  void an_admitted_request_says_where_it_stood_and_what_its_type_wants() {
    var admitted = admitted(REQUEST, new RecordHeaders());

    assertThat(admitted.requestId()).isEqualTo("millrace.requests.pro-3-41");
    assertThat(admitted.origin()).hasToString("Xy-7_Q-3-41");
    assertThat(admitted.tier()).isEqualTo(Tier.PRO);
    assertThat(admitted.policy().maxAttempts()).isEqualTo(4);
    assertThat(admitted.params().get("timeframeDays").intValue()).isEqualTo(30);
    assertThat(admitted.traceparent()).isNull();
    assertThat(admitted.answered()).isNull();
  }

  @Test
  void the_topic_decides_the_tier_and_a_differing_wish_is_noticed() {
    var verdict = decide(REQUEST.replaceFirst("\\{", "{\"tier\":\"free\","), new RecordHeaders());

    assertThat(((Verdict.Admit) verdict).tierMismatch()).isTrue();
    assertThat(((Verdict.Admit) verdict).admitted().tier()).isEqualTo(Tier.PRO);
  }

  @Test
  void a_trace_is_carried_from_the_header_before_the_field() {
    var other = TRACE.replace("0af", "1af");
    var withField = REQUEST.replaceFirst("\\{", "{\"traceparent\":\"" + other + "\",");

    assertThat(admitted(REQUEST, headers("traceparent", TRACE)).traceparent()).isEqualTo(TRACE);
    assertThat(admitted(withField, headers("traceparent", TRACE)).traceparent()).isEqualTo(TRACE);
    assertThat(admitted(withField, new RecordHeaders()).traceparent()).isEqualTo(other);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\n"
      })
  void a_malformed_trace_header_starts_no_trace_and_stops_no_request(String trace) {
    assertThat(admitted(REQUEST, headers("traceparent", trace)).traceparent()).isNull();
  }

  @Test
  void an_answer_given_at_the_door_is_passed_on_when_it_names_a_job() {
    var job = "simulation:9f2c41d0a1b2c3d4:131";

    assertThat(admitted(REQUEST, headers("answered", job)).answered()).isEqualTo(JobId.of(job));
    assertThat(admitted(REQUEST, headers("answered", "yes")).answered()).isNull();
    assertThat(admitted(REQUEST, headers("answered", job + "\n")).answered()).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"attempt", "not-before", "epoch", "token", "job-id", "request-hash"})
  void what_only_millrace_says_is_refused_from_outside(String name) {
    assertThat(refused(REQUEST, headers(name, "99999")))
        .isEqualTo(
            new Rejection(
                RejectionCode.E_HEADER,
                "the header " + name + " is set by Millrace alone: leave it out",
                ""));
  }

  @Test
  void a_rejected_record_that_was_repaired_can_be_sent_again_as_it_is() {
    assertThat(decide(REQUEST, headers("error-code", "E_JSON"))).isInstanceOf(Verdict.Admit.class);
  }

  @Test
  void headers_stand_once_and_have_at_most_16_kib() {
    var many = new RecordHeaders();
    for (int i = 0; i < 10_000; i++) {
      many.add("x", new byte[0]);
    }
    var full = new RecordHeaders().add("x", new byte[16 * 1024 - 1]);

    assertThat(refused(REQUEST, many).message())
        .isEqualTo("the header 'x' stands twice: expected each once");
    assertThat(decide(REQUEST, full)).isInstanceOf(Verdict.Admit.class);
    assertThat(refused(REQUEST, full.add("y", null)).message())
        .isEqualTo("the headers have more than 16384 bytes");
  }

  @Test
  void a_value_that_is_no_request_is_refused_with_its_field() {
    var rejection = refused(REQUEST.replace("campaignId", "compaignId"), new RecordHeaders());

    assertThat(rejection.code()).isEqualTo(RejectionCode.E_UNKNOWN_FIELD);
    assertThat(rejection.field()).isEqualTo("params.compaignId");
    assertThat(rejection.message()).contains("did you mean 'campaignId'?");
  }

  private Verdict decide(String request, Headers headers) {
    return admission.decide(request.getBytes(UTF_8), headers, Tier.PRO, PLACE);
  }

  private Admitted admitted(String request, Headers headers) {
    var verdict = decide(request, headers);
    assertThat(verdict).isInstanceOf(Verdict.Admit.class);
    return ((Verdict.Admit) verdict).admitted();
  }

  private Rejection refused(String request, Headers headers) {
    var verdict = decide(request, headers);
    assertThat(verdict).isInstanceOf(Verdict.Refuse.class);
    return ((Verdict.Refuse) verdict).rejection();
  }

  private static RecordHeaders headers(String name, String value) {
    var headers = new RecordHeaders();
    headers.add(name, value.getBytes(UTF_8));
    return headers;
  }
}
