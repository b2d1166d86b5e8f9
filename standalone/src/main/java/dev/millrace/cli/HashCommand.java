package dev.millrace.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.Tier;
import dev.millrace.runtime.PrivacyConfig;
import dev.millrace.runtime.request.Explanation;
import dev.millrace.runtime.request.Reading;
import dev.millrace.runtime.request.RequestHasher;
import dev.millrace.runtime.request.RequestReader;
import dev.millrace.runtime.request.TypeDefinitions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// What a request's hash is made of. Needs no cluster.
@Command(
    name = "hash",
    description = {
      "Show what identifies a request: its canonical form, its scope key, its hash,",
      "and what does not count and why. Two requests share an answer when their hashes are equal."
    },
    footer = {
      "",
      "Examples:",
      "  ./millrace hash simulation -p campaignId=cmp_81 -p timeframeDays=30",
      "  ./millrace hash -f request.json -o json"
    })
final class HashCommand implements Callable<Integer> {

  private final Context context;

  @Mixin private RequestBuilder builder = new RequestBuilder();
  @Mixin private OutputOptions output = new OutputOptions();

  @Option(names = "--types", paramLabel = "DIR", description = "Further type definitions.")
  private @Nullable Path types;

  @Option(
      names = "--privacy-keys",
      paramLabel = "FILE",
      description = "The keys that private requests are hashed under, as in privacy.keys.")
  private @Nullable Path keys;

  HashCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    var hasher = hasher();
    var reader =
        new RequestReader(TypeDefinitions.load(HashCommand.class.getClassLoader(), types), hasher);
    int exitCode = ExitCode.DONE;
    for (var bytes : requests()) {
      exitCode = Math.max(exitCode, show(reader.read(bytes, Tier.FREE), hasher));
    }
    return exitCode;
  }

  private RequestHasher hasher() {
    try {
      return keys == null ? RequestHasher.KEYLESS : PrivacyConfig.hasher(keys);
    } catch (IllegalArgumentException e) {
      throw CliException.usage("Cannot use the keys: " + e.getMessage());
    }
  }

  /// A lone file is hashed as the bytes it is: a parser of ours in between would repair what intake
  /// rejects.
  private List<byte[]> requests() {
    var file = builder.file;
    if (file == null || builder.type != null || !builder.params.isEmpty()) {
      return builder.requests(context.in()).stream().map(HashCommand::bytes).toList();
    }
    try {
      var bytes =
          file.equals("-") ? context.in().readAllBytes() : Files.readAllBytes(Path.of(file));
      return List.of(
          new String(bytes, StandardCharsets.UTF_8).strip().getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchFileException _) {
      throw CliException.usage("There is no file " + file + ".");
    } catch (IOException e) {
      throw CliException.usage("Cannot read " + file + ": " + e.getMessage());
    }
  }

  private int show(Reading reading, RequestHasher hasher) {
    switch (reading) {
      case Reading.Accepted(var request) -> {
        var explanation = Explanation.of(request);
        boolean keyed = hasher.keyed(request.scope(), request.organizationId());
        if (output.format == Format.table) {
          table(explanation, keyed);
        } else {
          output.one(context, json(explanation, keyed), "requestHash");
        }
        return ExitCode.DONE;
      }
      case Reading.Rejected(var rejection) -> {
        context.say(
            "Would be rejected: %s%s %s"
                .formatted(
                    rejection.code(),
                    rejection.field().isEmpty() ? "" : " " + rejection.field(),
                    rejection.message()));
        return ExitCode.FAILED;
      }
    }
  }

  private void table(Explanation explanation, boolean keyed) {
    var recipe = explanation.recipe();
    var rows = new ArrayList<List<String>>();
    rows.add(List.of("hash", explanation.requestHash().hex()));
    if (keyed) {
      rows.add(List.of("keyed", "with the key of its organization"));
    }
    rows.add(List.of("type", recipe.type() + " (key recipe " + recipe.version() + ")"));
    rows.add(List.of("scope", recipe.scopeKey()));
    rows.add(List.of("params", recipe.canonicalParams()));
    for (var leftOut : explanation.leftOut()) {
      rows.add(List.of("left out", leftOut.field() + ": " + leftOut.why()));
    }
    Table.align(rows).forEach(context::print);
  }

  private static ObjectNode json(Explanation explanation, boolean keyed) {
    var recipe = explanation.recipe();
    var json = Json.MAPPER.createObjectNode();
    json.put("requestHash", explanation.requestHash().hex())
        .put("keyed", keyed)
        .put("type", recipe.type())
        .put("recipeVersion", recipe.version())
        .put("scopeKey", recipe.scopeKey())
        .put("canonicalParams", recipe.canonicalParams());
    json.set("leftOut", Json.MAPPER.valueToTree(explanation.leftOut()));
    return json;
  }

  private static byte[] bytes(ObjectNode request) {
    return request.toString().getBytes(StandardCharsets.UTF_8);
  }
}
