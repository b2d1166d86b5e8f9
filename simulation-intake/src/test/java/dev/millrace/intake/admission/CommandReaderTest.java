package dev.millrace.intake.admission;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.contracts.Command;
import dev.millrace.contracts.RejectionCode;
import dev.millrace.contracts.RequestHash;
import dev.millrace.contracts.Tier;
import dev.millrace.runtime.request.RequestReader;
import dev.millrace.runtime.request.TypeDefinitions;
import java.nio.file.Path;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommandReaderTest {

  private static final Place PLACE = new Place("millrace.commands", "Xy-7_Q", 0, 9);
  private static final CommandReader READER =
      new CommandReader(
          new RequestReader(
              TypeDefinitions.load(
                  new ClassLoader(null) {},
                  Path.of("..", "job-workers", "src", "main", "resources", "types"))));
  private static final String HASH = "ab".repeat(32);

  @Test
  void a_cancel_names_a_request_and_who_asked() {
    assertThat(accepted("{'command':'cancel','organizationId':'org_42','requestId':'r-1'}"))
        .isEqualTo(new Command.Cancel("Xy-7_Q-0-9", PLACE.origin(), "org_42", "r-1"));
    assertThat(accepted("{'command':'cancel','requestId':'r-1','commandId':'c:1'}"))
        .isEqualTo(new Command.Cancel("c:1", PLACE.origin(), null, "r-1"));
  }

  @Test
  void an_invalidation_names_a_tag_a_beginning_a_type_or_a_hash() {
    assertThat(accepted("{'command':'invalidate','tag':'campaign:cmp_81','dryRun':false}"))
        .isEqualTo(
            new Command.Invalidate(
                "Xy-7_Q-0-9", PLACE.origin(), "campaign:cmp_81", null, null, null, null));
    assertThat(accepted("{'command':'invalidate','type':'simulation'}"))
        .isEqualTo(
            new Command.Invalidate(
                "Xy-7_Q-0-9", PLACE.origin(), null, "simulation", null, null, null));
    assertThat(accepted("{'command':'invalidate','hash':'" + HASH + "'}"))
        .isEqualTo(
            new Command.Invalidate(
                "Xy-7_Q-0-9", PLACE.origin(), null, null, new RequestHash(HASH), null, null));
    assertThat(accepted("{'command':'invalidate','tagPrefix':'campaign:','dryRun':true}"))
        .isEqualTo(
            new Command.Invalidate(
                "Xy-7_Q-0-9", PLACE.origin(), null, null, null, "campaign:", true));
  }

  @Test
  void a_lane_is_paused_and_resumed() {
    assertThat(accepted("{'command':'pause','lane':'free'}"))
        .isEqualTo(new Command.Pause("Xy-7_Q-0-9", PLACE.origin(), Tier.FREE));
    assertThat(accepted("{'command':'resume','lane':'enterprise'}"))
        .isEqualTo(new Command.Resume("Xy-7_Q-0-9", PLACE.origin(), Tier.ENTERPRISE));
  }

  @Test
  void a_warm_up_has_requests_some_with_their_answers() {
    var command =
        (Command.WarmUp)
            accepted(
                "{'command':'warm-up','requests':["
                    + "{'request':{'type':'simulation','params':{'campaignId':'a'},'tier':'pro'}},"
                    + "{'request':{'type':'simulation','params':{'campaignId':'b'}},'result':7}]}");

    assertThat(command.requests()).isNull();
    assertThat(command.wanted())
        .extracting(warm -> warm.request().params().path("campaignId").asText())
        .containsExactly("a", "b");
    assertThat(command.wanted())
        .extracting(warm -> warm.request().tier())
        .containsExactly(Tier.PRO, Tier.FREE);
    assertThat(command.wanted())
        .extracting(warm -> warm.result() == null ? 0 : warm.result().asInt())
        .containsExactly(0, 7);
    assertThat(command.wanted())
        .allSatisfy(warm -> {
          assertThat(warm.request().params().path("timeframeDays").asInt()).isEqualTo(30);
          assertThat(warm.request().origin()).isEqualTo(PLACE.origin());
        });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{} | E_COMMAND | command | missing: expected one of cancel, invalidate, pause, resume,"
            + " warm-up",
        "{'command':'cancle'} | E_COMMAND | command | unknown command 'cancle': expected one of"
            + " cancel, invalidate, pause, resume, warm-up (did you mean 'cancel'?)",
        "{'command':7} | E_COMMAND | command | unknown command '7': expected one of cancel,"
            + " invalidate, pause, resume, warm-up",
        "{'command':'cancel'} | E_COMMAND | requestId | missing: a cancel names the request",
        "{'command':'cancel','requestId':'a b'} | E_ID | requestId | expected 1 to 128 of A-Z, a-z,"
            + " 0-9 and . _ : -, got 'a b'",
        "{'command':'cancel','requestId':'r','organizationId':'-'} | E_COMMAND | organizationId |"
            + " leave it out for a request without an organization",
        "{'command':'cancel','requestId':'r','reqestId':'r'} | E_UNKNOWN_FIELD | reqestId | unknown"
            + " field 'reqestId' (did you mean 'requestId'?)",
        "{'command':'cancel','requestId':'r','origin':'x-0-0'} | E_UNKNOWN_FIELD | origin | unknown"
            + " field 'origin': expected one of command, commandId, organizationId, requestId",
        "{'command':'cancel','requestId':'r','commandId':'é'} | E_ID | commandId | expected 1 to"
            + " 128 of A-Z, a-z, 0-9 and . _ : -, got 'é'",
        "{'command':'invalidate'} | E_COMMAND | `` | an invalidate names exactly one of tag,"
            + " tagPrefix, type and hash, got 0",
        "{'command':'invalidate','tag':'a','type':'b'} | E_COMMAND | `` | an invalidate names"
            + " exactly one of tag, tagPrefix, type and hash, got 2",
        "{'command':'invalidate','tag':'*'} | E_ID | tag | expected 1 to 128 of A-Z, a-z, 0-9 and ."
            + " _ : -, got '*'",
        "{'command':'invalidate','type':'../x'} | E_TYPE | type | expected 1 to 64 of a-z, 0-9 and"
            + " -, got '../x'",
        "{'command':'invalidate','hash':'AB'} | E_ID | hash | expected 64 lower-case hex digits,"
            + " got 'AB'",
        "{'command':'invalidate','tag':'a','tagPrefix':'a'} | E_COMMAND | `` | an invalidate names"
            + " exactly one of tag, tagPrefix, type and hash, got 2",
        "{'command':'invalidate','tagPrefix':'a*'} | E_ID | tagPrefix | expected 1 to 128 of A-Z,"
            + " a-z, 0-9 and . _ : -, got 'a*'",
        "{'command':'invalidate','tagPrefix':''} | E_ID | tagPrefix | expected 1 to 128 of A-Z,"
            + " a-z, 0-9 and . _ : -, got ''",
        "{'command':'invalidate','tag':'a','dryRun':'no'} | E_SCHEMA | dryRun | expected true or"
            + " false, got 'no'",
        "{'command':'pause'} | E_COMMAND | lane | missing: expected one of free, pro, enterprise",
        "{'command':'pause','lane':'fre'} | E_SCHEMA | lane | expected one of free, pro, enterprise"
            + " (did you mean 'free'?), got 'fre'",
        "{'command':'warm-up'} | E_SCHEMA | requests | expected an array of requests, got nothing",
        "{'command':'warm-up','requests':[]} | E_COMMAND | requests | a warm-up has 1 to 500"
            + " requests, got 0",
        "{'command':'warm-up','requests':[7]} | E_SCHEMA | requests[0] | expected an object such as"
            + " {\"request\":{…}}",
        "{'command':'warm-up','requests':[{'type':'simulation'}]} | E_UNKNOWN_FIELD |"
            + " requests[0].type | unknown field 'type': expected one of request, result",
        "{'command':'warm-up','requests':[{'result':1}]} | E_SCHEMA | requests[0].request |"
            + " expected a request, got nothing",
        "{'command':'warm-up','requests':[{'request':{},'result':null}]} | E_SCHEMA |"
            + " requests[0].result | expected an answer, or none to have it computed, got null",
        "{'command':'warm-up','requests':[{'request':{'type':'command','params':{'program':'p'}}},"
            + "{'request':{'type':'command','params':{'program':7}}}]} | E_SCHEMA |"
            + " requests[1].request.params.program | expected string, got 7",
        "{'command':'warm-up','requests':[{'request':{'type':'command','params':{'program':'p'},"
            + "'cache':{'mode':'bypass'}}}]} | E_COMMAND | requests[0].request.cache.mode | mode"
            + " bypass stores nothing: expected default or refresh",
        "[] | E_NOT_OBJECT | `` | expected a JSON object, got array",
        "{'command':'pause','command':'resume','lane':'free'} | E_DUPKEY | command | the field"
            + " stands twice in one object"
      })
  void a_command_that_is_none_is_refused_with_a_sentence(
      String command, RejectionCode code, String field, String message) {
    var rejection = refused(command, new RecordHeaders()).rejection();

    assertThat(rejection.message()).isEqualTo(message);
    assertThat(rejection.code()).isEqualTo(code);
    assertThat(rejection.field()).isEqualTo(field);
  }

  @Test
  void a_refusal_answers_under_the_id_the_sender_waits_for() {
    assertThat(refused("{'command':'x','commandId':'c-1'}", new RecordHeaders()).commandId())
        .isEqualTo("c-1");
    assertThat(refused("{'command':'x','commandId':'ä'}", new RecordHeaders()).commandId())
        .isEqualTo("Xy-7_Q-0-9");
    assertThat(refused("{", new RecordHeaders()).commandId()).isEqualTo("Xy-7_Q-0-9");
  }

  @Test
  void the_header_rules_hold_for_commands_too() {
    var headers = new RecordHeaders().add("epoch", new byte[] {'1'});

    assertThat(refused("{'command':'pause','lane':'free'}", headers).rejection().code())
        .isEqualTo(RejectionCode.E_HEADER);
  }

  private static Command accepted(String command) {
    var reading = read(command, new RecordHeaders());
    assertThat(reading).isInstanceOf(CommandReading.Accepted.class);
    return ((CommandReading.Accepted) reading).command();
  }

  private static CommandReading.Refused refused(String command, Headers headers) {
    var reading = read(command, headers);
    assertThat(reading).isInstanceOf(CommandReading.Refused.class);
    return (CommandReading.Refused) reading;
  }

  private static CommandReading read(String command, Headers headers) {
    return READER.read(command.replace('\'', '"').getBytes(UTF_8), headers, PLACE);
  }
}
