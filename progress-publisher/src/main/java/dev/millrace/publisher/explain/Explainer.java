package dev.millrace.publisher.explain;

import dev.millrace.contracts.Decision;
import dev.millrace.contracts.RequestHash;
import dev.millrace.contracts.Scope;
import dev.millrace.publisher.explain.Explained.Identity;
import dev.millrace.publisher.explain.Explained.Step;
import dev.millrace.publisher.explain.Explained.Terms;
import dev.millrace.publisher.history.PostgresQuestions;
import dev.millrace.publisher.history.QuestionRow;
import dev.millrace.runtime.reads.KnownEntry;
import dev.millrace.runtime.reads.LedgerReader;
import dev.millrace.runtime.reads.LedgerUnavailableException;
import dev.millrace.runtime.request.Explanation;
import dev.millrace.runtime.request.KeyRecipe;
import dev.millrace.runtime.request.RequestReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Collects what explains a request: from the history, the type definitions and the ledger.
public final class Explainer {

  /// How many earlier requests of the type are compared.
  private static final int COMPARED = 200;

  private final PostgresQuestions questions;
  private final RequestReader reader;
  private final LedgerReader ledgers;

  public Explainer(PostgresQuestions questions, RequestReader reader, LedgerReader ledgers) {
    this.questions = questions;
    this.reader = reader;
    this.ledgers = ledgers;
  }

  public Explained explain(Subject subject) {
    var notes = new ArrayList<String>();
    var question =
        questions
            .find(subject.organizationId(), subject.requestId(), subject.requestHash())
            .orElse(null);
    if (question == null) {
      notes.add(
          "The history does not have what it asked: it has not read it yet, or is older than"
              + " explanations.");
    }
    var decisions =
        questions.decisions(
            subject.organizationId(), subject.requestId(), subject.requestHash(), subject.jobId());
    return new Explained(
        subject.requestId(),
        subject.organizationId().isEmpty() ? null : subject.organizationId(),
        subject.status(),
        subject.source(),
        subject.type(),
        subject.tier(),
        subject.requestHash(),
        subject.jobId(),
        question == null ? null : identity(question, notes),
        question == null ? null : terms(question, notes),
        before(subject, decisions),
        decisions.stream().map(decision -> Step.of(decision, isAbout(subject, decision))).toList(),
        subject.job(),
        question == null ? null : nearest(question),
        notes);
  }

  private @Nullable NearestRequest nearest(QuestionRow question) {
    return question.params() == null
        ? null
        : NearestRequest.among(questions.earlier(question, COMPARED), question).orElse(null);
  }

  private Identity identity(QuestionRow question, List<String> notes) {
    var scopeKey =
        KeyRecipe.scopeKey(
            question.scope(), question.organizationId(), question.workspaceId(), question.userId());
    var params = question.params();
    Optional<KeyRecipe> recipe =
        params == null
            ? Optional.empty()
            : reader.recipe(
                question.hash(),
                question.type(),
                question.scope(),
                scopeKey,
                question.organizationId(),
                params);
    if (params == null) {
      notes.add(
          "Its params have "
              + question.paramsBytes()
              + " bytes: over 64 KiB they are not kept, and not compared.");
    } else if (recipe.isEmpty()) {
      notes.add(
          "This publisher would hash it otherwise: by another version of the type, or without the"
              + " organization's key.");
    }
    return new Identity(
        recipe.map(KeyRecipe::version).orElse(null),
        scopeKey,
        params,
        question.paramsBytes(),
        hashed(question.scope()),
        Explanation.leftOut(question.asked().given(), question.scope()));
  }

  private static List<String> hashed(Scope scope) {
    return switch (scope) {
      case GLOBAL -> List.of("type", "params");
      case ORGANIZATION -> List.of("type", "params", "organizationId");
      case WORKSPACE -> List.of("type", "params", "organizationId", "workspaceId");
      case PRIVATE -> List.of("type", "params", "organizationId", "userId");
    };
  }

  private Terms terms(QuestionRow question, List<String> notes) {
    var asked = question.asked();
    return new Terms(
        asked.mode(),
        asked.ttlMs(),
        asked.typeTtlMs(),
        asked.maxStaleMs(),
        asked.answered() != null,
        answer(question.hash(), notes));
  }

  private KnownEntry.@Nullable Answer answer(RequestHash hash, List<String> notes) {
    try {
      return ledgers.entry(hash).map(KnownEntry::answer).orElse(null);
    } catch (LedgerUnavailableException e) {
      notes.add("What the cache holds now is not known: " + e.getMessage() + ".");
      return null;
    }
  }

  private @Nullable Step before(Subject subject, List<Decision> decisions) {
    return decisions.stream()
        .filter(decision -> isAbout(subject, decision))
        .findFirst()
        .flatMap(questions::before)
        .map(decision -> Step.of(decision, isAbout(subject, decision)))
        .orElse(null);
  }

  private static boolean isAbout(Subject subject, Decision decision) {
    var organization = decision.organizationId() == null ? "" : decision.organizationId();
    return subject.requestId().equals(decision.requestId())
        && subject.organizationId().equals(organization);
  }
}
