package dev.millrace.publisher.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.contracts.Json;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;

/// Whether it lives and what it lacks.
final class HealthRoutes {

  private final Probe kafka;
  private final Probe postgres;
  private final BooleanSupplier reading;
  private final Optional<PrometheusMeterRegistry> meters;

  HealthRoutes(Probe kafka, Probe postgres, BooleanSupplier reading, MeterRegistry meters) {
    this.kafka = kafka;
    this.postgres = postgres;
    this.reading = reading;
    this.meters = prometheus(meters);
  }

  void live(Exchange exchange) {
    exchange
        .with(HttpHeader.CACHE_CONTROL, "no-store")
        .answer(HttpStatus.OK_200, Json.MAPPER.createObjectNode().put("status", "up"));
  }

  /// Without Kafka nothing works: 503. Without PostgreSQL submissions and streams go on: 200,
  /// `degraded`.
  void ready(Exchange exchange) {
    ObjectNode json = Json.MAPPER.createObjectNode();
    ObjectNode dependencies = Json.MAPPER.createObjectNode();
    boolean kafkaUp = ask("kafka", kafka, dependencies) && reading.getAsBoolean();
    boolean postgresUp = ask("postgres", postgres, dependencies);
    json.put("status", kafkaUp ? postgresUp ? "ready" : "degraded" : "unavailable");
    json.set("dependencies", dependencies);
    exchange
        .with(HttpHeader.CACHE_CONTROL, "no-store")
        .answer(kafkaUp ? HttpStatus.OK_200 : HttpStatus.SERVICE_UNAVAILABLE_503, json);
  }

  void metrics(Exchange exchange) {
    var text =
        meters
            .map(PrometheusMeterRegistry::scrape)
            .orElseThrow(() ->
                Problem.notFound(
                    "metrics are not kept in a Prometheus registry here",
                    "Start the service with one."));
    exchange
        .with(HttpHeader.CACHE_CONTROL, "no-store")
        .answer(HttpStatus.OK_200, "text/plain; version=0.0.4; charset=utf-8", Exchange.utf8(text));
  }

  private static boolean ask(String name, Probe probe, ObjectNode into) {
    var json = into.putObject(name);
    try {
      long took = probe.ask();
      json.put("status", "up").put("latencyMs", took);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      json.put("status", "unknown");
      return false;
    } catch (Exception e) {
      json.put("status", "down").put("error", String.valueOf(e.getMessage()));
      return false;
    }
  }

  private static Optional<PrometheusMeterRegistry> prometheus(MeterRegistry meters) {
    return switch (meters) {
      case PrometheusMeterRegistry registry -> Optional.of(registry);
      case CompositeMeterRegistry composite ->
          composite.getRegistries().stream()
              .flatMap(registry -> prometheus(registry).stream())
              .findFirst();
      default -> Optional.empty();
    };
  }
}
