package dev.millrace.contracts;

/// Why a record was rejected, as in the header `error-code` and in problem+json.
public enum RejectionCode {
  /// Zero bytes, or no value at all.
  E_EMPTY,
  /// JSON, but not an object.
  E_NOT_OBJECT,
  /// Not JSON.
  E_JSON,
  /// Something follows the JSON object.
  E_TRAILING,
  /// A key stands twice in one object.
  E_DUPKEY,
  /// Nested deeper than allowed.
  E_DEPTH,
  /// Longer than allowed: the value, a string, a name or the canonical form.
  E_SIZE,
  /// More JSON tokens than allowed.
  E_TOKENS,
  /// Not strict UTF-8 without a byte order mark.
  E_ENCODING,
  /// A string holds U+0000 or an unpaired surrogate.
  E_STRING,
  /// A number that would lose its value.
  E_NUMBER,
  /// An identifier outside `[A-Za-z0-9._:-]{1,128}`.
  E_ID,
  /// A field nobody knows.
  E_UNKNOWN_FIELD,
  /// A value outside the schema.
  E_SCHEMA,
  /// A type nobody knows, or that is not spelled `[a-z0-9-]{1,64}`.
  E_TYPE,
  /// An organization, workspace or user is missing, or is somebody else's.
  E_TENANT,
  /// A scope the type does not allow.
  E_SCOPE,
  /// Too many tags, or a malformed one.
  E_TAGS,
  /// Not one plain mail address.
  E_EMAIL,
  /// A URL outside what is allowed.
  E_URL,
  /// A path outside what is allowed.
  E_PATH,
  /// Headers over their limit, doubled, or forged.
  E_HEADER,
  /// A version of the message this reader does not know.
  E_VERSION,
  /// The same request id with another body, at the HTTP door.
  E_CONFLICT,
  /// A sort key nobody knows.
  E_SORT,
  /// A cursor that is not ours.
  E_CURSOR,
  /// No such thing.
  E_NOT_FOUND,
  /// Asked faster than allowed.
  E_RATE,
  /// What the answer needs is down for now.
  E_UNAVAILABLE,
  /// A command nobody knows, or with fields missing.
  E_COMMAND,
  /// An outcome or other internal record that does not decode.
  E_RECORD,
  /// Our own mistake: the record is kept, the consumer goes on.
  E_INTERNAL
}
