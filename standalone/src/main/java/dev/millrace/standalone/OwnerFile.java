package dev.millrace.standalone;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.attribute.PosixFilePermissions.asFileAttribute;
import static java.nio.file.attribute.PosixFilePermissions.fromString;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Files that nobody but the owner of this process can read.
final class OwnerFile {

  private OwnerFile() {}

  /// Makes a folder, unless it is there; what is in it is closed to others from then on.
  static Path folder(Path folder) throws IOException {
    Files.createDirectories(folder.toAbsolutePath().getParent());
    if (!Files.exists(folder)) {
      Files.createDirectory(folder, asFileAttribute(fromString("rwx------")));
    }
    return folder;
  }

  /// Writes a file, replacing one of that name as a whole.
  static void write(Path file, String text) throws IOException {
    var unfinished = file.resolveSibling(file.getFileName() + ".unfinished");
    Files.deleteIfExists(unfinished);
    Files.createFile(unfinished, asFileAttribute(fromString("rw-------")));
    Files.writeString(unfinished, text);
    Files.move(unfinished, file, ATOMIC_MOVE);
  }
}
