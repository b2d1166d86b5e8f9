package dev.millrace.security;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/// The table in `docs/security.md`, written by hand: who may read and write which topic.
///
/// @param cells one for each topic and role, in the order of the page
public record AccessTable(List<Cell> cells) {

  /// What a role may do with a topic.
  ///
  /// @param topic without its prefix
  public record Cell(String topic, Role role, boolean read, boolean write) {}

  public static AccessTable load() throws IOException {
    var lines = Files.readAllLines(Path.of("../docs/security.md"));
    var head =
        lines.stream().filter(line -> line.startsWith("| topic |")).findFirst().orElseThrow();
    var roles = split(head).skip(1).map(AccessTable::role).toList();
    var cells = new ArrayList<Cell>();
    lines.stream()
        .skip(lines.indexOf(head) + 2L)
        .takeWhile(line -> line.startsWith("|"))
        .forEach(line -> {
          var row = split(line).toList();
          for (int i = 0; i < roles.size(); i++) {
            var may = row.get(i + 1);
            cells.add(
                new Cell(
                    row.getFirst().replace("`", ""),
                    roles.get(i),
                    may.contains("r"),
                    may.contains("w")));
          }
        });
    return new AccessTable(List.copyOf(cells));
  }

  private static Stream<String> split(String line) {
    return Arrays.stream(line.substring(1).split("\\|")).map(String::strip);
  }

  private static Role role(String id) {
    return Arrays.stream(Role.values())
        .filter(role -> role.id().equals(id))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no role " + id));
  }
}
