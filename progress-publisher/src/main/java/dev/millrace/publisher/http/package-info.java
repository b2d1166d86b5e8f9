/// The HTTP door: submit, ask, listen, operate. It only produces records and reads what others
/// wrote.
///
/// Open [HttpDoor] first: its route table is the whole surface, and `openapi.yaml` describes it.
@NullMarked
package dev.millrace.publisher.http;

import org.jspecify.annotations.NullMarked;
