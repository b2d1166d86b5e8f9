package dev.millrace.contracts;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.introspect.BeanPropertyDefinition;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// The samples in `messages/` are what others have learned to read: adding a field is fine,
/// breaking a sample is not.
class MessagesTest {

  private static final Path SAMPLES = Path.of("src/test/resources/messages");
  private static final Path SCHEMAS = Path.of("src/main/resources/schemas");
  private static final SchemaRegistry REGISTRY =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

  /// Every message and the class that holds it. A request has none: intake reads it as a tree.
  enum Message {
    REQUEST(JsonNode.class),
    ADMITTED(Admitted.class),
    COMMAND(Command.class),
    DECISION(Decision.class),
    JOB(Job.class),
    OUTCOME(Outcome.class),
    CONTROL(Control.class),
    PROGRESS(Progress.class),
    COMPLETION(Completion.class),
    RECEIPT(Receipt.class),
    SETTING(Setting.class),
    ALERT(Alert.class),
    VALUECOMMAND(ValueCommand.class),
    VALUEREPLY(ValueReply.class),
    CURRENTVALUE(CurrentValue.class);

    /// Which messages are closed: what comes from outside.
    private static final Set<Message> CLOSED = Set.of(REQUEST, COMMAND, VALUECOMMAND);

    private final Class<?> type;

    Message(Class<?> type) {
      this.type = type;
    }

    String id() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Message of(Path sample) {
      var name = sample.getFileName().toString().replaceFirst("[-.].*", "");
      return Message.valueOf(name.toUpperCase(Locale.ROOT));
    }

    JsonNode schemaJson() throws IOException {
      return Json.MAPPER.readTree(SCHEMAS.resolve(id() + "-1.json").toFile());
    }

    Schema schema() throws IOException {
      return REGISTRY.getSchema(schemaJson());
    }
  }

  @ParameterizedTest
  @MethodSource("samples")
  void a_sample_is_written_as_it_was_read(Path sample) throws IOException {
    var json = Json.MAPPER.readTree(sample.toFile());
    var serde = new JsonSerde<>(Message.of(sample).type);

    assertThat(write(serde, json)).isEqualTo(json.toString());
  }

  @ParameterizedTest
  @MethodSource("samples")
  void a_sample_fits_its_schema(Path sample) throws IOException {
    var json = Json.MAPPER.readTree(sample.toFile());

    assertThat(Message.of(sample).schema().validate(json)).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("samples")
  void a_sample_without_its_first_field_does_not(Path sample) throws IOException {
    var json = (ObjectNode) Json.MAPPER.readTree(sample.toFile());
    json.remove(json.fieldNames().next());

    assertThat(Message.of(sample).schema().validate(json)).isNotEmpty();
  }

  @ParameterizedTest
  @MethodSource("samples")
  void a_field_from_the_future_is_ignored_by_readers_and_refused_by_intake(Path sample)
      throws IOException {
    var message = Message.of(sample);
    var json = (ObjectNode) Json.MAPPER.readTree(sample.toFile());
    json.put("fromTheFuture", 1);

    if (Message.CLOSED.contains(message)) {
      assertThat(message.schema().validate(json)).isNotEmpty();
    } else {
      assertThat(message.schema().validate(json)).isEmpty();
      assertThat(write(new JsonSerde<>(message.type), json)).doesNotContain("fromTheFuture");
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_schema_describes_every_field_of_its_message(Message message) throws IOException {
    var schema = message.schemaJson();
    var variants = message.type.getAnnotation(JsonSubTypes.class);
    if (variants != null) {
      var kind = message.type.getAnnotation(JsonTypeInfo.class).property();
      for (var variant : variants.value()) {
        var described = names(schema.at("/$defs/" + variant.name() + "/properties"));
        assertThat(described).contains(kind);
        described.remove(kind);
        assertThat(described).as(variant.name()).isEqualTo(fields(variant.value()));
      }
      assertThat(schema.get("oneOf")).hasSize(variants.value().length);
    } else if (message.type.isRecord()) {
      assertThat(names(schema.get("properties"))).isEqualTo(fields(message.type));
    }
  }

  @Test
  void every_message_and_variant_has_a_sample() {
    var sampled = new HashSet<Class<?>>();
    samples()
        .forEach(sample -> {
          try {
            sampled.add(Json.MAPPER.readValue(sample.toFile(), Message.of(sample).type).getClass());
          } catch (IOException e) {
            throw new AssertionError(sample.toString(), e);
          }
        });
    for (var message : Message.values()) {
      var variants = message.type.getPermittedSubclasses();
      var expected = variants == null ? List.of(message.type) : Arrays.asList(variants);
      for (Object type : expected) {
        assertThat(sampled)
            .as("a sample of %s", type)
            .anyMatch(((Class<?>) type)::isAssignableFrom);
      }
    }
  }

  @Test
  void the_schemas_know_every_spelling() throws IOException {
    assertThat(spellings(Message.DECISION, "/properties/decision"))
        .containsExactly(names(DecisionKind.values()));
    assertThat(spellings(Message.ADMITTED, "/$defs/scope"))
        .containsExactly(spelled(Scope.values()));
    assertThat(spellings(Message.ADMITTED, "/$defs/mode"))
        .containsExactly(spelled(CacheMode.values()));
    assertThat(spellings(Message.ADMITTED, "/$defs/tier")).containsExactly(spelled(Tier.values()));
    assertThat(spellings(Message.JOB, "/$defs/status")).containsExactly(spelled(Status.values()));
    assertThat(spellings(Message.COMPLETION, "/$defs/source"))
        .containsExactly(spelled(Source.values()));
    assertThat(spellings(Message.OUTCOME, "/$defs/declined/properties/reason"))
        .containsExactly(spelled(DeclineReason.values()));
  }

  static Stream<Path> samples() {
    try (var files = Files.list(SAMPLES)) {
      return files.sorted().toList().stream();
    } catch (IOException e) {
      throw new AssertionError("no samples", e);
    }
  }

  private static <V> String write(JsonSerde<V> serde, JsonNode json) {
    var value = serde.read(json.toString().getBytes(UTF_8));
    return new String(serde.write(value), UTF_8);
  }

  private static List<String> spellings(Message message, String pointer) throws IOException {
    return message
        .schemaJson()
        .at(pointer)
        .get("enum")
        .valueStream()
        .map(JsonNode::asText)
        .toList();
  }

  private static String[] spelled(Object[] values) {
    return Json.MAPPER.convertValue(values, String[].class);
  }

  private static String[] names(Enum<?>[] values) {
    return Arrays.stream(values).map(Enum::name).toArray(String[]::new);
  }

  private static Set<String> names(JsonNode object) {
    var names = new LinkedHashSet<String>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private static Set<String> fields(Class<?> type) {
    var config = Json.MAPPER.getSerializationConfig();
    var fields = new LinkedHashSet<String>();
    config.introspect(config.constructType(type)).findProperties().stream()
        .filter(BeanPropertyDefinition::couldSerialize)
        .map(BeanPropertyDefinition::getName)
        .forEach(fields::add);
    return fields;
  }
}
