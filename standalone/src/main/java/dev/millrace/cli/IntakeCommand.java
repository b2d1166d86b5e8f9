package dev.millrace.cli;

import dev.millrace.standalone.Part;
import picocli.CommandLine.Command;

/// The intake alone.
@Command(
    name = "intake",
    description = "Run simulation-intake: checks and hashes requests.",
    footer = {"", "Example:  ./millrace intake --bootstrap-server localhost:9092"})
final class IntakeCommand extends ServiceCommand {

  IntakeCommand(Context context) {
    super(context, Part.INTAKE);
  }
}
