package dev.millrace.runtime.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.contracts.Command;
import dev.millrace.contracts.Command.WarmUp.Item;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.RejectionCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WarmUpsTest {

  @Test
  void few_requests_are_one_warm_up() {
    assertThat(WarmUps.split(items(500, 1, 1))).hasSize(1);
    assertThat(WarmUps.split(List.of())).isEmpty();
  }

  @Test
  void many_requests_are_split_by_count_and_stay_in_order() throws Exception {
    var items = items(1_201, 1, 1);

    var parts = WarmUps.split(items);

    assertThat(parts).extracting(List::size).containsExactly(500, 500, 201);
    assertThat(parts).flatExtracting(part -> part).containsExactlyElementsOf(items);
    assertFit(parts);
  }

  @Test
  void long_requests_are_split_by_bytes() throws Exception {
    var parts = WarmUps.split(items(20, 60_000, 1));

    assertThat(parts).extracting(List::size).containsExactly(4, 4, 4, 4, 4);
    assertFit(parts);
  }

  @Test
  void requests_of_many_values_are_split_by_tokens() throws Exception {
    var parts = WarmUps.split(items(100, 1, 1_000));

    assertThat(parts).hasSize(6);
    assertFit(parts);
  }

  @Test
  void one_that_is_too_large_stands_alone() {
    assertThat(WarmUps.split(List.of(item(0, 1, 1), item(1, 300_000, 1), item(2, 1, 1))))
        .extracting(List::size)
        .containsExactly(1, 1, 1);
  }

  @Test
  void an_effect_is_not_caused_by_whoever_does_not_ask_for_it() {
    var mail =
        TypeDefinition.parse(
            Types.bytes(
                """
                {"type":"mail","version":1,"description":"Sends a mail.","purity":"effect",
                 "params":{"type":"object","properties":{"to":{"type":"string"}}}}
                """));
    var reader = new RequestReader(TypeDefinitions.of(mail));
    var request = "{'type':'mail','organizationId':'o','params':{'to':'ana'}}";

    assertThat(read("{'request':" + request + ",'result':'sent'}", reader)).hasSize(1);
    assertThatThrownBy(() -> read("{'request':" + request + "}", reader))
        .isInstanceOfSatisfying(
            RejectedException.class,
            e -> {
              assertThat(e.rejection().code()).isEqualTo(RejectionCode.E_COMMAND);
              assertThat(e.rejection().field()).isEqualTo("requests[0].request.type");
            });
  }

  private static List<WarmUps.Wanted> read(String item, RequestReader reader) {
    var body = StrictJson.parse(Types.bytes(("{'requests':[" + item + "]}").replace('\'', '"')));
    return WarmUps.read(new Fields(body, "", Set.of(WarmUps.FIELD)), reader);
  }

  /// Intake reads each of them.
  private static void assertFit(List<List<Item>> parts) throws Exception {
    for (var part : parts) {
      var command = new Command.WarmUp("c".repeat(128), null, part, null);
      ObjectNode parsed = StrictJson.parse(Json.MAPPER.writeValueAsBytes(command));
      assertThat(parsed.path(WarmUps.FIELD)).hasSize(part.size());
    }
  }

  private static List<Item> items(int count, int length, int values) {
    return new ArrayList<>(
        IntStream.range(0, count).mapToObj(i -> item(i, length, values)).toList());
  }

  private static Item item(int number, int length, int values) {
    ObjectNode request = Json.MAPPER.createObjectNode().put("number", number);
    request.put("text", "x".repeat(length));
    var array = request.putArray("values");
    IntStream.range(0, values).forEach(array::add);
    return new Item(request, null);
  }
}
