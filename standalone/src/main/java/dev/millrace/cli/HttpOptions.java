package dev.millrace.cli;

import java.net.URI;
import picocli.CommandLine.Option;

/// Where the HTTP door is.
final class HttpOptions {

  @Option(
      names = "--url",
      paramLabel = "URL",
      defaultValue = "http://127.0.0.1:8080",
      description = "The HTTP API (default: ${DEFAULT-VALUE}).")
  URI url = URI.create("http://127.0.0.1:8080");

  HttpApi api() {
    return new HttpApi(url);
  }
}
