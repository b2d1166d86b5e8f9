package dev.millrace;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaModifier.FINAL;
import static com.tngtech.archunit.lang.conditions.ArchConditions.have;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.millrace.runtime.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.serialization.Serde;
import org.junit.jupiter.api.Test;

/// What the modules and packages may know of each other.
@AnalyzeClasses(packages = "dev.millrace", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

  private static final Set<String> CLOCKS =
      Set.of(
          "java.time.Instant.now",
          "java.time.LocalDate.now",
          "java.time.LocalDateTime.now",
          "java.time.OffsetDateTime.now",
          "java.time.ZonedDateTime.now",
          "java.time.Clock.systemUTC",
          "java.time.Clock.systemDefaultZone",
          "java.lang.System.currentTimeMillis",
          "java.lang.Thread.sleep");

  private static final Set<String> CLIENTS =
      Set.of(
          "org.apache.kafka.clients.admin.Admin.create",
          "org.apache.kafka.clients.admin.AdminClient.create",
          "org.apache.kafka.clients.consumer.KafkaConsumer.<init>",
          "org.apache.kafka.clients.consumer.KafkaShareConsumer.<init>",
          "org.apache.kafka.clients.producer.KafkaProducer.<init>");

  @ArchTest
  static final ArchRule services_meet_on_topics =
      slices()
          .matching("dev.millrace.(intake|cache|workers|publisher)..")
          .should()
          .notDependOnEachOther()
          .because("each must be deployed, replaced and understood without the others");

  @ArchTest
  static final ArchRule nothing_depends_on_the_whole =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              "dev.millrace.standalone..",
              "dev.millrace.cli..",
              "dev.millrace.audit..",
              "dev.millrace.bench..",
              "dev.millrace.chaos..",
              "dev.millrace.corpus..",
              "dev.millrace.security..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "dev.millrace.standalone..",
              "dev.millrace.cli..",
              "dev.millrace.audit..",
              "dev.millrace.bench..",
              "dev.millrace.chaos..",
              "dev.millrace.corpus..",
              "dev.millrace.security..")
          .because("a service runs without the embedded servers and the command line");

  @ArchTest
  static final ArchRule contracts_stay_light =
      classes()
          .that()
          .resideInAPackage("dev.millrace.contracts..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "java..",
              "org.jspecify..",
              "org.apache.kafka.common..",
              "com.fasterxml.jackson..",
              "dev.millrace.contracts..")
          .because("the contracts are the one jar that others take, with all that hangs on it");

  @ArchTest
  static final ArchRule the_client_needs_nothing_but_contracts =
      classes()
          .that()
          .resideInAPackage("dev.millrace.client..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "java..",
              "org.jspecify..",
              "com.fasterxml.jackson..",
              "dev.millrace.contracts..",
              "dev.millrace.client..")
          .because("a caller over HTTP has no Kafka");

  @ArchTest
  static final ArchRule contracts_are_values =
      classes()
          .that()
          .resideInAPackage("dev.millrace.contracts..")
          .and()
          .arePublic()
          .should()
          .beRecords()
          .orShould()
          .beEnums()
          .orShould()
          .beInterfaces()
          .orShould()
          .beAssignableTo(Serde.class)
          .orShould(have(describe("nothing that changes", ArchitectureTest::isConstant)))
          .because("what travels on a topic has no behaviour and no state of its own");

  @ArchTest
  static final ArchRule time_is_handed_in =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.millrace.runtime..")
          .should()
          .callMethodWhere(
              describe("a clock is read, or a thread sleeps", ArchitectureTest::readsAClock))
          .because("a test must be able to move the clock, and nothing may wait by sleeping");

  @ArchTest
  static final ArchRule decisions_are_plain_java =
      noClasses()
          .that()
          .resideInAnyPackage(
              "dev.millrace.contracts..",
              "dev.millrace.runtime.request..",
              "dev.millrace.intake.admission..",
              "dev.millrace.cache.eviction..",
              "dev.millrace.workers.attempts..",
              "dev.millrace.workers.handlers..",
              "dev.millrace.workers.retries..",
              "dev.millrace.workers.simulation..",
              "dev.millrace.audit..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.kafka.streams..", "java.sql..", "org.eclipse.jetty..")
          .because("what decides is read and tested without the machinery around it");

  @ArchTest
  static final ArchRule the_ledgers_rules_know_no_kafka =
      noClasses()
          .that()
          .resideInAPackage("dev.millrace.cache.ledger")
          .and(not(outermost("Ledger|Stores|Shelf|StoreView|Outbox")))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.kafka.streams..", "org.apache.kafka.clients..")
          .because("a rule is a function from an entry and an event to an entry and effects");

  @ArchTest
  static final ArchRule sql_stays_in_postgres_classes =
      noClasses()
          .that(not(outermost("(Embedded)?Postgres\\w+|HistoryConsumer")))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "java.sql..",
              "javax.sql..",
              "org.jdbi..",
              "com.zaxxer..",
              "org.flywaydb..",
              "org.postgresql..")
          .because(
              "the database can be replaced by rewriting the classes named after it; the history"
                  + " consumer alone looks at what kind of error it met");

  @ArchTest
  static final ArchRule s3_stays_in_its_store =
      noClasses()
          .that(not(outermost("S3BlobStore")))
          .should()
          .dependOnClassesThat()
          .resideInAPackage("software.amazon..")
          .because("where blobs lie is nobody's business but the store's");

  @ArchTest
  static final ArchRule http_stays_at_the_door =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              "dev.millrace.publisher.http..",
              "dev.millrace.publisher.sse..",
              "dev.millrace.cache.http..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.eclipse.jetty..")
          .because("only the door, its event streams and the read port serve HTTP");

  @ArchTest
  static final ArchRule environment_is_read_in_settings_only =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName("dev.millrace.runtime.Settings$Sources")
          .and()
          .doNotHaveFullyQualifiedName("dev.millrace.cli.Main")
          .should()
          .callMethodWhere(
              describe(
                  "the environment is read",
                  (JavaCall<?> call) ->
                      call.getTargetOwner().isEquivalentTo(System.class)
                          && call.getName().equals("getenv")))
          .because("what a process was told is known in one place; the command line hands it on");

  @ArchTest
  static final ArchRule kafka_clients_are_made_of_settings =
      noClasses()
          .that(not(outermost("KafkaClients|LedgerClients|KafkaWay|BrokerSecurity")))
          .should()
          .callCodeUnitWhere(describe("a Kafka client is made", ArchitectureTest::makesAClient))
          .because(
              "what a client reads and whom it trusts is the operator's to say, never a request's:"
                  + " some settings of Kafka's clients read files or load classes");

  @ArchTest
  static final ArchRule settings_come_from_whoever_starts_the_process =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              "dev.millrace.cli..",
              "dev.millrace.standalone..",
              "dev.millrace.bench..",
              "dev.millrace.chaos..")
          .should()
          .callMethod(Settings.class, "load", ConfigDef.class, Settings.Sources.class)
          .because("a service is given its settings once and makes none of what it is sent");

  @ArchTest
  static final ArchRule no_package_cycles =
      slices()
          .matching("dev.millrace.(**)")
          .should()
          .beFreeOfCycles()
          .because("packages that need each other are one package");

  @Test
  void the_eight_stops_are_there() throws IOException {
    var text = Files.readString(Path.of("../ARCHITECTURE.md"));
    var rows = text.lines().filter(line -> line.matches("\\| [1-8] \\| .*`.*")).limit(9).toList();
    assertThat(rows).hasSize(8);
    for (var row : rows) {
      var named =
          Pattern.compile("`([A-Z][A-Za-z]*)\\.([a-z][A-Za-z]*)`").matcher(row.split("\\|", -1)[2]);
      int found = 0;
      while (named.find()) {
        assertThat(sources(named.group(1)))
            .as(named.group())
            .anyMatch(source -> source.contains(" " + named.group(2) + "("));
        found++;
      }
      assertThat(found).as(row).isPositive();
    }
  }

  private static List<String> sources(String type) throws IOException {
    try (var files = Files.find(Path.of(".."), 12, (path, _) -> isSource(path, type))) {
      var sources = new ArrayList<String>();
      for (var file : files.toList()) {
        sources.add(Files.readString(file));
      }
      return sources;
    }
  }

  private static boolean isSource(Path path, String type) {
    return path.endsWith(type + ".java") && path.toString().contains("src/main/java");
  }

  /// A catalogue or a set of functions.
  private static boolean isConstant(JavaClass type) {
    return type.getModifiers().contains(FINAL)
        && type.getFields().stream().allMatch(field -> field.getModifiers().contains(FINAL));
  }

  private static boolean readsAClock(JavaCall<?> call) {
    return CLOCKS.contains(call.getTargetOwner().getName() + "." + call.getName());
  }

  private static boolean makesAClient(JavaCall<?> call) {
    return CLIENTS.contains(call.getTargetOwner().getName() + "." + call.getName());
  }

  /// The classes of these names, with all that is nested in them.
  private static DescribedPredicate<JavaClass> outermost(String names) {
    return describe(
        "in " + names,
        type -> {
          var outer = type;
          while (outer.getEnclosingClass().isPresent()) {
            outer = outer.getEnclosingClass().get();
          }
          return outer.getSimpleName().matches(names);
        });
  }
}
