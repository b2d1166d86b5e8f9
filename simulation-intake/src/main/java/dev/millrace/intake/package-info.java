/// Lets requests and commands in: checks, completes, hashes and admits them, or puts them aside
/// with the reason.
///
/// Open [IntakeTopology] first, then [dev.millrace.intake.admission.Admission].
@NullMarked
package dev.millrace.intake;

import org.jspecify.annotations.NullMarked;
