package dev.millrace.standalone;

import dev.millrace.cli.Main;
import java.io.IOException;
import java.io.OutputStream;

/// The command line in a JVM of its own, as users start it; gone with its parent.
final class CommandLineChild {

  private CommandLineChild() {}

  public static void main(String[] arguments) {
    Thread.ofPlatform().daemon().start(CommandLineChild::endWithParent);
    Main.main(arguments);
  }

  private static void endWithParent() {
    try {
      System.in.transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      // then the parent is gone, too
    }
    Runtime.getRuntime().halt(1);
  }
}
