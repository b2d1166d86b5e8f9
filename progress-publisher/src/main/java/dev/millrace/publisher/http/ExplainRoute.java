package dev.millrace.publisher.http;

import dev.millrace.publisher.explain.Explainer;
import dev.millrace.publisher.explain.Subject;

/// `GET /v1/requests/{id}/explain`.
final class ExplainRoute {

  private final RequestViews views;
  private final Explainer explainer;

  ExplainRoute(RequestViews views, Explainer explainer) {
    this.views = views;
    this.explainer = explainer;
  }

  void handle(Exchange exchange) {
    var organization = exchange.query("organizationId").get("organizationId");
    var view = views.one(RequestRoutes.requestId(exchange), organization);
    var hash = view.requestHash();
    if (hash == null) {
      var rejection = view.rejection();
      throw Problem.notFound(
          "request '%s' was rejected%s: nothing was decided about it"
              .formatted(
                  view.key().requestId(), rejection == null ? "" : " (" + rejection.code() + ")"),
          "GET /v1/requests/" + view.key().requestId() + " says why.");
    }
    var completion = view.completion();
    exchange.answerTagged(
        explainer.explain(
            new Subject(
                view.key().organizationId(),
                view.key().requestId(),
                hash,
                view.status(),
                completion == null ? null : completion.source(),
                view.type(),
                view.tier(),
                view.jobId(),
                view.job())));
  }
}
