package dev.millrace.standalone;

import java.nio.file.Path;

/// A data folder that another live process holds.
public final class FolderInUseException extends IllegalStateException {

  private static final long serialVersionUID = 1L;

  FolderInUseException(Path folder, String holder) {
    super(
        "the data folder %s is in use by %s; stop that one first, or choose another folder"
            .formatted(folder, holder));
  }
}
