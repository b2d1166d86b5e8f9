package dev.millrace.publisher.history;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// One page of a list.
///
/// @param last where the page ends; null when nothing follows
public record Page(List<RequestRow> items, @Nullable Cursor last) {

  public Page {
    items = List.copyOf(items);
  }
}
