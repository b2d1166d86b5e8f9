package dev.millrace.cli;

import dev.millrace.runtime.Resources;
import dev.millrace.standalone.FolderInUseException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.RetriableException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.IFactory;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/// The front door: `millrace <command>`.
@Command(
    name = "millrace",
    versionProvider = Main.Version.class,
    description = "Computes every expensive request once.",
    synopsisSubcommandLabel = "COMMAND",
    commandListHeading = "%nCommands:%n",
    subcommands = {
      DemoCommand.class,
      UpCommand.class,
      SubmitCommand.class,
      WatchCommand.class,
      GetCommand.class,
      ListCommand.class,
      ResultCommand.class,
      CancelCommand.class,
      HashCommand.class,
      ExplainCommand.class,
      LanesCommand.class,
      CacheCommand.class,
      DoctorCommand.class,
      AuditCommand.class,
      CorpusCommand.class,
      BenchCommand.class,
      ChaosCommand.class,
      BrokerCommand.class,
      TopicsCommand.class,
      AclsCommand.class,
      ConfigCommand.class,
      IntakeCommand.class,
      CacheStoreCommand.class,
      WorkersCommand.class,
      PublisherCommand.class,
    },
    footer = {
      "",
      "Begin with:  ./millrace demo",
      "Then:        ./millrace up",
      "             ./millrace submit simulation -p campaignId=cmp_81 --watch"
    })
public final class Main {

  /// A system property: end as soon as stdin does.
  private static final String ENDS_WITH_STDIN = "millrace.ends.with.stdin";

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Show this help.")
  @SuppressWarnings("unused") // picocli acts on it
  private boolean help;

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "Show the version.")
  @SuppressWarnings("unused") // picocli acts on it
  private boolean version;

  public static void main(String... args) {
    if (Boolean.getBoolean(ENDS_WITH_STDIN)) {
      Thread.ofPlatform().daemon().name("parent").start(Main::endWithStdin);
    }
    var out =
        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    var err =
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
    var environment = System.getenv();
    var context =
        new Context(
            System.in, out, err, environment, Terminal.detect(environment), Resources::system);
    int exitCode = run(context, args);
    out.flush();
    err.flush();
    System.exit(exitCode);
  }

  /// A process that another one started must not outlive it.
  private static void endWithStdin() {
    try {
      System.in.transferTo(OutputStream.nullOutputStream());
    } catch (IOException _) {
      // then the parent is gone, too
    }
    Runtime.getRuntime().halt(ExitCode.FAILED);
  }

  /// Runs one command in this process.
  static int run(Context context, String... args) {
    var line = new CommandLine(new Main(), factory(context));
    line.setOut(new PrintWriter(context.out(), true, StandardCharsets.UTF_8))
        .setErr(new PrintWriter(context.err(), true, StandardCharsets.UTF_8))
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setColorScheme(
            CommandLine.Help.defaultColorScheme(context.terminal().colour() ? Ansi.ON : Ansi.OFF))
        .setUsageHelpAutoWidth(false)
        .setExecutionExceptionHandler((failure, _, _) -> explain(context, failure));
    return line.execute(args);
  }

  /// Says what went wrong in one line, and what to do next where that is known.
  private static int explain(Context context, Exception failure) {
    if (Shutdown.isInterrupt(failure)) {
      context.say("Interrupted.");
      return ExitCode.INTERRUPTED;
    }
    return switch (failure) {
      case CompletionException e when e.getCause() instanceof KafkaException cause ->
          explain(context, cause);
      case CliException expected -> {
        context.say(String.valueOf(expected.getMessage()));
        yield expected.exitCode();
      }
      case ConfigException wrong -> {
        context.say("Wrong settings:" + System.lineSeparator() + wrong.getMessage());
        context.say("All settings: ./millrace config docs");
        yield ExitCode.USAGE;
      }
      case FolderInUseException inUse -> {
        context.say(capital(inUse.getMessage()) + ".");
        yield ExitCode.FAILED;
      }
      case RetriableException gone -> {
        context.say("Kafka does not answer: " + gone.getMessage());
        context.say("Check it with ./millrace doctor.");
        yield ExitCode.UNREACHABLE;
      }
      case KafkaException refused -> {
        context.say("Kafka refused: " + refused.getMessage());
        context.say("Check it with ./millrace doctor.");
        yield ExitCode.FAILED;
      }
      default -> {
        context.say(capital(String.valueOf(failure.getMessage())));
        if (failure.getMessage() == null || debug(context.environment())) {
          failure.printStackTrace(context.err());
        } else {
          context.say("MILLRACE_LOG_LEVEL=DEBUG shows where it happened.");
        }
        yield ExitCode.FAILED;
      }
    };
  }

  private static boolean debug(Map<String, String> environment) {
    return "DEBUG".equalsIgnoreCase(environment.get("MILLRACE_LOG_LEVEL"));
  }

  private static String capital(@Nullable String text) {
    return text == null || text.isEmpty()
        ? "Failed."
        : Character.toUpperCase(text.charAt(0)) + text.substring(1);
  }

  /// Commands get the context by their constructor; everything else is picocli's own business.
  private static IFactory factory(Context context) {
    var usual = CommandLine.defaultFactory();
    return new IFactory() {
      @Override
      public <K> K create(Class<K> type) throws Exception {
        for (var constructor : type.getDeclaredConstructors()) {
          if (constructor.getParameterCount() == 1
              && constructor.getParameterTypes()[0] == Context.class) {
            return type.cast(constructor.newInstance(context));
          }
        }
        return usual.create(type);
      }
    };
  }

  /// From the jar's manifest.
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      var version = Main.class.getPackage().getImplementationVersion();
      return new String[] {"millrace " + (version == null ? "(built from source)" : version)};
    }
  }
}
