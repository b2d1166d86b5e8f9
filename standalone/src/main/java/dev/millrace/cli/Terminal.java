package dev.millrace.cli;

import java.io.Console;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// What the screen behind stderr can show.
///
/// @param live whether lines can be drawn again; else each line is written once
/// @param colour whether to use colours
/// @param unicode whether block characters and check marks arrive intact
/// @param width in columns
record Terminal(boolean live, boolean colour, boolean unicode, int width) {

  private static final int USUAL_WIDTH = 160;

  /// A file or a pipe.
  static final Terminal NONE = new Terminal(false, false, true, USUAL_WIDTH);

  /// What stderr of this process is connected to.
  static Terminal detect(Map<String, String> environment) {
    boolean live = isTerminal() && !"dumb".equals(environment.get("TERM"));
    boolean colour = live && environment.getOrDefault("NO_COLOR", "").isEmpty();
    boolean unicode =
        StandardCharsets.UTF_8.name().equals(System.getProperty("native.encoding", "UTF-8"));
    return new Terminal(live, colour, unicode, live ? width(environment) : USUAL_WIDTH);
  }

  private static boolean isTerminal() {
    var stderr = Path.of("/proc/self/fd/2");
    if (Files.isSymbolicLink(stderr)) {
      try {
        var target = Files.readSymbolicLink(stderr).toString();
        return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
      } catch (IOException _) {
        return false;
      }
    }
    return Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
  }

  private static int width(Map<String, String> environment) {
    try {
      var columns = environment.get("COLUMNS");
      if (columns != null) {
        return Integer.parseInt(columns);
      }
      var stty = new ProcessBuilder("stty", "-F", "/dev/tty", "size").start();
      var answer = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      if (stty.waitFor(1, TimeUnit.SECONDS) && stty.exitValue() == 0) {
        return Integer.parseInt(answer.strip().replaceFirst(".* ", ""));
      }
    } catch (IOException | NumberFormatException _) {
      return USUAL_WIDTH;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    return USUAL_WIDTH;
  }
}
