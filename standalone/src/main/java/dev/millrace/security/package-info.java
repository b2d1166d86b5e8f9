/// Who may do what on the cluster: the roles that log in, and what Kafka's authorizer is told of
/// each.
///
/// Open [Role] first, then [Acls].
@NullMarked
package dev.millrace.security;

import org.jspecify.annotations.NullMarked;
