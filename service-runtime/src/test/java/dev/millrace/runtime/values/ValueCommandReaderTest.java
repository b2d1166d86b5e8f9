package dev.millrace.runtime.values;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.millrace.contracts.RejectionCode;
import dev.millrace.contracts.ValueCommand;
import dev.millrace.runtime.request.RejectedException;
import dev.millrace.runtime.request.Rejection;
import dev.millrace.runtime.request.StrictJson;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ValueCommandReaderTest {

  @Test
  void each_op_is_read_with_what_belongs_to_it() {
    assertThat(read("{'op':'get','namespace':'n','key':'k','commandId':'c-1'}"))
        .isEqualTo(new ValueCommand.Get("c-1", null, "n", "k"));
    assertThat(read("{'op':'exists','namespace':'n','key':'k'}"))
        .isEqualTo(new ValueCommand.Exists(null, null, "n", "k"));
    assertThat(read("{'op':'delete','namespace':'workspace:ws_3','key':'user:7'}"))
        .isEqualTo(new ValueCommand.Delete(null, null, "workspace:ws_3", "user:7"));
    assertThat(read("{'op':'increment','namespace':'n','key':'k','by':-2,'windowMs':60000}"))
        .isEqualTo(new ValueCommand.Increment(null, null, "n", "k", -2L, 60_000L));
    assertThat(read("{'op':'mget','namespace':'n','keys':['b','a']}"))
        .isEqualTo(new ValueCommand.GetMany(null, null, "n", List.of("b", "a"), null));
    assertThat(read("{'op':'delete-prefix','namespace':'n','prefix':''}"))
        .isEqualTo(new ValueCommand.DeletePrefix(null, null, "n", "", null));
  }

  @Test
  void a_time_to_live_is_given_in_milliseconds_or_by_name_or_not_at_all() {
    assertThat(read("{'op':'set','namespace':'n','key':'k','value':1.0,'ttlMs':5}"))
        .isEqualTo(new ValueCommand.Set(null, null, "n", "k", IntNode.valueOf(1), null, 5L, null));
    assertThat(read("{'op':'set','namespace':'n','key':'k','value':'v','ttl':'none'}"))
        .isEqualTo(
            new ValueCommand.Set(null, null, "n", "k", TextNode.valueOf("v"), null, null, "none"));
    assertThat(read("{'op':'mset','namespace':'n','values':{'k':'v'},'ttl':'day'}"))
        .isEqualTo(
            new ValueCommand.SetMany(
                null,
                null,
                "n",
                Map.<String, JsonNode>of("k", TextNode.valueOf("v")),
                null,
                "day",
                null));
    assertThat(read("{'op':'set','namespace':'n','key':'k','value':[],'ifAbsent':true}"))
        .matches(command -> command instanceof ValueCommand.Set set && set.ifAbsent());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {} | E_COMMAND | op | missing: expected one of get, exists, set, delete, increment, mget, mset, delete-prefix
          {'op':'gett'} | E_COMMAND | op | unknown op 'gett': expected one of get, exists, set, delete, increment, mget, mset, delete-prefix (did you mean 'get'?)
          {'op':'get','key':'k'} | E_COMMAND | namespace | missing: expected 1 to 128 of A-Z, a-z, 0-9 and . _ : -
          {'op':'get','namespace':'n'} | E_COMMAND | key | missing: expected 1 to 128 of A-Z, a-z, 0-9 and . _ : -
          {'op':'get','namespace':'a/b','key':'k'} | E_ID | namespace | expected 1 to 128 of A-Z, a-z, 0-9 and . _ : -, got 'a/b'
          {'op':'get','namespace':'n','key':7} | E_SCHEMA | key | expected 1 to 128 of A-Z, a-z, 0-9 and . _ : -, got 7
          {'op':'get','namespace':'n','key':'k','origin':'x-0-0'} | E_UNKNOWN_FIELD | origin | unknown field 'origin': expected one of op, commandId, namespace, key
          {'op':'get','namespace':'n','key':'k','value':1} | E_UNKNOWN_FIELD | value | unknown field 'value': expected one of op, commandId, namespace, key
          {'op':'set','namespace':'n','key':'k'} | E_COMMAND | value | missing: a set needs a value
          {'op':'set','namespace':'n','key':'k','value':null} | E_SCHEMA | value | expected a value other than null: to have none, delete it
          {'op':'set','namespace':'n','key':'k','value':1,'ifAbsent':1} | E_SCHEMA | ifAbsent | expected true or false, got 1
          {'op':'set','namespace':'n','key':'k','value':1,'ttlMs':0} | E_SCHEMA | ttlMs | expected a whole number from 1 to 31536000000, got 0
          {'op':'set','namespace':'n','key':'k','value':1,'ttl':'shrt'} | E_SCHEMA | ttl | expected one of short, medium, long, day, week, none (did you mean 'short'?), got 'shrt'
          {'op':'set','namespace':'n','key':'k','value':1,'ttl':'day','ttlMs':1} | E_SCHEMA | ttl | expected no ttl beside ttlMs, got 'day'
          {'op':'increment','namespace':'n','key':'k','by':1.5} | E_SCHEMA | by | expected a whole number from -9007199254740991 to 9007199254740991, got 1.5
          {'op':'increment','namespace':'n','key':'k','windowMs':0} | E_SCHEMA | windowMs | expected a whole number from 1 to 31536000000, got 0
          {'op':'mget','namespace':'n','keys':'k'} | E_SCHEMA | keys | expected an array of keys, got 'k'
          {'op':'mget','namespace':'n','keys':[]} | E_SCHEMA | keys | expected 1 to 100 keys, got 0
          {'op':'mget','namespace':'n','keys':['k','']} | E_ID | keys[1] | expected 1 to 128 of A-Z, a-z, 0-9 and . _ : -, got ''
          {'op':'mget','namespace':'n','keys':[5]} | E_ID | keys[0] | expected 1 to 128 of A-Z, a-z, 0-9 and . _ : -, got '5'
          {'op':'mget','namespace':'n','keys':['k','k']} | E_SCHEMA | keys[1] | the key stands twice
          {'op':'mset','namespace':'n'} | E_SCHEMA | values | expected an object with a value for each key, got nothing
          {'op':'mset','namespace':'n','values':{'a b':1}} | E_ID | values | expected 1 to 128 of A-Z, a-z, 0-9 and . _ : -, got 'a b'
          {'op':'mset','namespace':'n','values':{'k':null}} | E_SCHEMA | values.k | expected a value other than null: to have none, delete it
          {'op':'delete-prefix','namespace':'n'} | E_COMMAND | prefix | missing: a delete-prefix names the prefix, or "" for all
          {'op':'delete-prefix','namespace':'n','prefix':'*'} | E_ID | prefix | expected nothing, or 1 to 128 of A-Z, a-z, 0-9 and . _ : -, got '*'
          {'op':'delete-prefix','prefix':'a'} | E_COMMAND | namespace | missing: expected 1 to 128 of A-Z, a-z, 0-9 and . _ : -
          """)
  void what_is_not_understood_whole_is_refused(
      String json, RejectionCode code, String field, String message) {
    assertThat(refused(json)).isEqualTo(new Rejection(code, message, field));
  }

  @Test
  void a_value_has_at_most_64_kib_and_a_command_at_most_100_keys() {
    var half = "x".repeat(ValueCommandReader.MAX_VALUE_BYTES / 2 - 4);
    var set = "{'op':'set','namespace':'n','key':'k','value':['" + half + "','" + half;

    assertThat(read(set + "']}")).isInstanceOf(ValueCommand.Set.class);
    assertThat(refused(set + "12']}").message())
        .isEqualTo("the value has 65537 bytes: at most 65536");
    assertThat(refused("{'op':'mget','namespace':'n','keys':" + keys(101) + "}").message())
        .isEqualTo("expected 1 to 100 keys, got 101");
    assertThat(read("{'op':'mget','namespace':'n','keys':" + keys(100) + "}"))
        .isInstanceOf(ValueCommand.GetMany.class);
  }

  private static String keys(int number) {
    return IntStream.range(0, number)
        .mapToObj(i -> "'k" + i + "'")
        .collect(Collectors.joining(",", "[", "]"));
  }

  private static Rejection refused(String json) {
    return catchThrowableOfType(RejectedException.class, () -> read(json)).rejection();
  }

  private static ValueCommand read(String json) {
    return ValueCommandReader.read(StrictJson.parse(json.replace('\'', '"').getBytes(UTF_8)));
  }
}
