package dev.millrace.standalone;

import dev.millrace.runtime.Folders;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.net.JarURLConnection;
import java.net.URLConnection;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/// PostgreSQL's programs, unpacked once per machine from the jar that carries them.
final class PostgresBinaries {

  private PostgresBinaries() {}

  /// Unpacks into this user's cache, where every data folder finds them, or inside the data folder
  /// when there is no such place.
  static Path unpackFor(DataFolder folder) throws IOException {
    var cache = Path.of(System.getProperty("user.home"), ".cache", "millrace");
    try {
      Files.createDirectories(cache);
    } catch (IOException _) {
      return unpack(folder.resolve("binaries"));
    }
    return unpack(Files.isWritable(cache) ? cache : folder.resolve("binaries"));
  }

  /// The installation folder inside `cache`, named after its content, so that a new version never
  /// meets the old one. Processes that unpack at the same time do not disturb each other.
  static Path unpack(Path cache) throws IOException {
    var archive = archive();
    var installation = cache.resolve("postgresql-" + fingerprint(archive));
    if (Files.isDirectory(installation)) {
      return installation;
    }
    Files.createDirectories(cache);
    var unfinished = Files.createTempDirectory(cache, "unfinished-");
    try {
      try (var tar =
          new TarArchiveInputStream(
              new XZInputStream(new BufferedInputStream(archive.getInputStream())))) {
        for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
          unpack(entry, tar, unfinished);
        }
      }
      publish(unfinished, installation);
      return installation;
    } finally {
      Folders.delete(unfinished);
    }
  }

  private static void unpack(TarArchiveEntry entry, TarArchiveInputStream tar, Path folder)
      throws IOException {
    var target = folder.resolve(entry.getName()).normalize();
    if (!target.startsWith(folder)) {
      throw new IOException("the PostgreSQL archive has an entry outside: " + entry.getName());
    }
    if (entry.isDirectory()) {
      Files.createDirectories(target);
      return;
    }
    Files.createDirectories(target.getParent());
    if (entry.isSymbolicLink()) {
      Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
    } else {
      Files.copy(tar, target);
      boolean program = (entry.getMode() & 0100) != 0;
      Files.setPosixFilePermissions(
          target, PosixFilePermissions.fromString(program ? "rwxr-xr-x" : "rw-r--r--"));
    }
  }

  private static void publish(Path unfinished, Path installation) throws IOException {
    try {
      Files.move(unfinished, installation);
    } catch (FileSystemException e) {
      if (!Files.isDirectory(installation)) {
        throw e;
      }
    }
  }

  private static URLConnection archive() throws IOException {
    var name = "/postgres-%s-%s.txz".formatted(system(), architecture());
    var url = PostgresBinaries.class.getResource(name);
    if (url == null) {
      throw new IOException(
          "no PostgreSQL for this machine: the class path has no %s".formatted(name));
    }
    return url.openConnection();
  }

  private static String fingerprint(URLConnection archive) throws IOException {
    long number =
        archive instanceof JarURLConnection jar
            ? jar.getJarEntry().getCrc()
            : archive.getContentLengthLong();
    return Long.toHexString(number);
  }

  private static String system() {
    var name = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    return name.startsWith("mac") ? "darwin" : name;
  }

  private static String architecture() {
    return switch (System.getProperty("os.arch")) {
      case "amd64", "x86_64" -> "x86_64";
      case "aarch64" -> "arm_64";
      case String other -> other;
    };
  }
}
