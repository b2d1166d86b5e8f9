package dev.millrace.runtime.request;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// The type definitions that tests read with: those the workers bring, from their sources, since
/// that module stands above this one.
final class Types {

  static final Path FOLDER = Path.of("..", "job-workers", "src", "main", "resources", "types");

  static final TypeDefinitions BUILT_IN = TypeDefinitions.load(new ClassLoader(null) {}, FOLDER);

  private Types() {}

  static byte[] bytes(String json) {
    return json.getBytes(StandardCharsets.UTF_8);
  }
}
