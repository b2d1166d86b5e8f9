package dev.millrace.cache.codec;

/// A row that cannot be read, and why.
final class UnreadableException extends Exception {

  private static final long serialVersionUID = 1;

  private final Reason reason;

  UnreadableException(Reason reason) {
    super(reason.name());
    this.reason = reason;
  }

  UnreadableException(Reason reason, Throwable cause) {
    super(reason.name(), cause);
    this.reason = reason;
  }

  Reason reason() {
    return reason;
  }

  enum Reason {
    /// Not what was written, or written for another hash.
    DAMAGED,
    /// A later version wrote it.
    VERSION,
    /// Its dictionary is not in the folder.
    DICTIONARY,
    /// Its key is not in the file.
    KEY
  }
}
