package dev.millrace.client;

import java.util.Map;

/// Keys of the things that are most often kept, each of the kind whose policy says how long.
/// Anything else is a [Key#of] away.
///
/// Ids are ids: a name or an address of a person does not belong into a key.
public final class Keys {

  private Keys() {}

  public static Key user(String userId) {
    return Key.of("user", userId);
  }

  public static Key workspace(String workspaceId) {
    return Key.of("workspace", workspaceId);
  }

  /// What a policy decided about somebody.
  public static Key policyDecision(String policyId, String subjectId) {
    return Key.of("policyDecision", policyId, subjectId);
  }

  public static Key document(String documentId) {
    return Key.of("document", documentId);
  }

  public static Key template(String templateId) {
    return Key.of("template", templateId);
  }

  /// What a model answered.
  ///
  /// @param inputDigest names the input without showing it, such as its SHA-256
  public static Key modelCache(String modelId, String inputDigest) {
    return Key.of("modelCache", modelId, inputDigest);
  }

  public static Key session(String sessionId) {
    return Key.of("session", sessionId);
  }

  /// A counter of what somebody did.
  public static Key rateLimit(String subjectId, String what) {
    return Key.of("rateLimit", subjectId, what);
  }

  /// The platform's metrics of a time.
  ///
  /// @param start such as a [java.time.LocalDate]
  public static Key platformMetrics(Object start, Object end) {
    return Key.of("platformMetrics").with("start", start).with("end", end);
  }

  public static Key systemHealth() {
    return Key.of("systemHealth");
  }

  public static Key featureFlags() {
    return Key.of("featureFlags");
  }

  public static Key userActivity(Map<String, ?> options) {
    return with("userActivity", options);
  }

  public static Key contentModeration(Map<String, ?> options) {
    return with("contentModeration", options);
  }

  public static Key supportTickets(Map<String, ?> options) {
    return with("supportTickets", options);
  }

  public static Key billingMetrics() {
    return Key.of("billingMetrics");
  }

  public static Key userBilling(String userId) {
    return Key.of("userBilling", userId);
  }

  /// A report about a time.
  ///
  /// @param start such as a [java.time.LocalDate]
  public static Key engagementReport(Object start, Object end) {
    return Key.of("engagementReport").with("start", start).with("end", end);
  }

  public static Key apiUsage() {
    return Key.of("apiUsage");
  }

  public static Key auditLogs(Map<String, ?> options) {
    return with("auditLogs", options);
  }

  private static Key with(String kind, Map<String, ?> options) {
    var key = Key.of(kind);
    for (var option : options.entrySet()) {
      key = key.with(option.getKey(), option.getValue());
    }
    return key;
  }
}
