package dev.millrace.cache.ledger;

import dev.millrace.contracts.Command;
import dev.millrace.contracts.RequestHash;
import java.util.List;

/// What an invalidation is about.
record Subject(Kind kind, String name) {

  enum Kind {
    TAG("tag:"),
    /// Every tag that begins so.
    TAG_PREFIX("tagPrefix:"),
    TYPE("type:"),
    HASH("hash:");

    private final String prefix;

    Kind(String prefix) {
      this.prefix = prefix;
    }
  }

  static Subject of(Command.Invalidate invalidate) {
    if (invalidate.tag() != null) {
      return new Subject(Kind.TAG, invalidate.tag());
    }
    if (invalidate.tagPrefix() != null) {
      return new Subject(Kind.TAG_PREFIX, invalidate.tagPrefix());
    }
    if (invalidate.type() != null) {
      return new Subject(Kind.TYPE, invalidate.type());
    }
    if (invalidate.hash() != null) {
      return new Subject(Kind.HASH, invalidate.hash().hex());
    }
    throw new IllegalStateException("an invalidation names a tag, a tagPrefix, a type or a hash");
  }

  /// The key of its row in the store `invalidations`, and what decisions call it.
  String key() {
    return kind.prefix + name;
  }

  /// Whether it covers something with these tags, type and hash.
  boolean covers(List<String> tags, String type, RequestHash hash) {
    return switch (kind) {
      case TAG -> tags.contains(name);
      case TAG_PREFIX -> tags.stream().anyMatch(tag -> tag.startsWith(name));
      case TYPE -> type.equals(name);
      case HASH -> hash.hex().equals(name);
    };
  }
}
