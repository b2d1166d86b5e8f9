package dev.millrace.runtime.request;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.random.RandomGenerator;

/// Random JSON that loves the corners: surrogate pairs, controls, doubles of every magnitude.
final class JsonTrees {

  private static final String[] PIECES = {
    "a",
    "B",
    "name",
    "é",
    "e\u0301",
    "€",
    "\uD83D\uDE00",
    "\uFFFF",
    "\uE000",
    "\u2028",
    "\u007f",
    "\"",
    "\\",
    "/",
    "\b",
    "\f",
    "\n",
    "\r",
    "\t",
    "\u0001",
    "\u001f",
    "ﬁ",
    " ",
    "0",
    "_"
  };

  private final RandomGenerator random;

  JsonTrees(RandomGenerator random) {
    this.random = random;
  }

  ObjectNode object(int depth) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    int size = random.nextInt(6);
    for (int i = 0; i < size; i++) {
      object.set(text(), value(depth - 1));
    }
    return object;
  }

  JsonNode value(int depth) {
    return switch (random.nextInt(depth > 0 ? 7 : 5)) {
      case 0 -> NullNode.instance;
      case 1 -> BooleanNode.valueOf(random.nextBoolean());
      case 2, 3 -> StrictJson.node(number());
      case 4 -> TextNode.valueOf(text());
      case 5 -> array(depth);
      default -> object(depth);
    };
  }

  double number() {
    return switch (random.nextInt(5)) {
      case 0 -> random.nextInt(-100, 100);
      case 1 -> random.nextInt(-1000, 1000) / 100.0;
      case 2 -> random.nextLong(-(1L << 53), 1L << 53);
      case 3 -> Math.scalb((double) random.nextInt(1, 10), random.nextInt(-1074, 1000));
      default -> {
        double any = Double.longBitsToDouble(random.nextLong());
        yield Double.isFinite(any) ? any : 0.5;
      }
    };
  }

  private ArrayNode array(int depth) {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    int size = random.nextInt(5);
    for (int i = 0; i < size; i++) {
      array.add(value(depth - 1));
    }
    return array;
  }

  private String text() {
    var text = new StringBuilder();
    int pieces = random.nextInt(5);
    for (int i = 0; i < pieces; i++) {
      text.append(PIECES[random.nextInt(PIECES.length)]);
    }
    return text.toString();
  }
}
