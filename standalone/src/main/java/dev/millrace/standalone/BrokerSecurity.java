package dev.millrace.standalone;

import dev.millrace.contracts.Topics;
import dev.millrace.runtime.CommonConfig;
import dev.millrace.security.Role;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;

/// An embedded broker that lets in only whom it knows, over TLS, and each only where its [Role]
/// says.
///
/// ```
/// <folder>/broker.p12  certificate.pem  passwords.properties  <role>.properties
/// ```
///
/// All of it is made at the first start and readable by the owner only. A role's file is what its
/// client needs: `--config FILE`. Whatever is deleted is made anew at the next start.
final class BrokerSecurity {

  private static final String BROKER = "broker";
  private static final String STORE = "keystore";
  private static final int PASSWORD_BYTES = 24;

  private final Path folder;
  private final Map<String, String> passwords;

  private BrokerSecurity(Path folder, Map<String, String> passwords) {
    this.folder = folder;
    this.passwords = passwords;
  }

  /// What is kept in a folder; what is missing there is made.
  static BrokerSecurity in(Path folder) throws IOException {
    OwnerFile.folder(folder);
    var passwords = passwords(folder.resolve("passwords.properties"));
    var security = new BrokerSecurity(folder, passwords);
    Certificate.make(security.keyStore(), security.password(STORE));
    OwnerFile.write(
        security.certificate(), Certificate.pem(security.keyStore(), security.password(STORE)));
    return security;
  }

  /// What the broker is told, on top of [BrokerProperties].
  ///
  /// The broker talks to itself as `broker`, by a password that stands in its own settings: it must
  /// be able to before it has read anybody's. All others are kept in its metadata, salted.
  Map<String, String> broker() {
    var own =
        "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"%s\" password=\"%s\" user_%s=\"%s\";"
            .formatted(BROKER, password(BROKER), BROKER, password(BROKER));
    return Map.ofEntries(
        Map.entry("listener.security.protocol.map", "CLIENTS:SASL_SSL,CONTROLLER:SASL_SSL"),
        Map.entry("sasl.enabled.mechanisms", "SCRAM-SHA-512,PLAIN"),
        Map.entry("sasl.mechanism.inter.broker.protocol", "PLAIN"),
        Map.entry("sasl.mechanism.controller.protocol", "PLAIN"),
        Map.entry("listener.name.controller.sasl.enabled.mechanisms", "PLAIN"),
        Map.entry("listener.name.controller.plain.sasl.jaas.config", own),
        Map.entry("listener.name.clients.plain.sasl.jaas.config", own),
        Map.entry(
            "listener.name.clients.scram-sha-512.sasl.jaas.config",
            "org.apache.kafka.common.security.scram.ScramLoginModule required;"),
        Map.entry("ssl.keystore.type", "PKCS12"),
        Map.entry("ssl.keystore.location", keyStore().toString()),
        Map.entry("ssl.keystore.password", password(STORE)),
        Map.entry("ssl.key.password", password(STORE)),
        Map.entry("ssl.truststore.type", "PEM"),
        Map.entry("ssl.truststore.location", certificate().toString()),
        Map.entry(
            "authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer"),
        Map.entry("super.users", "User:" + BROKER));
  }

  /// Tells a running broker of all roles, and writes their files.
  void admit(String bootstrapServers, Topics topics) throws IOException, InterruptedException {
    try (var admin = Admin.create(asBroker(bootstrapServers))) {
      RoleAdmin.admit(admin, role -> password(role.id()), topics);
    }
    for (var role : Role.values()) {
      OwnerFile.write(file(role), text(role, bootstrapServers));
    }
  }

  /// How a client logs in as a role.
  Map<String, String> client(Role role) {
    return new TreeMap<>(
        Map.of(
            "security.protocol",
            "SASL_SSL",
            "sasl.mechanism",
            "SCRAM-SHA-512",
            "sasl.jaas.config",
            "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"%s\" password=\"%s\";"
                .formatted(role.id(), password(role.id())),
            "ssl.truststore.type",
            "PEM",
            "ssl.truststore.location",
            certificate().toString()));
  }

  /// The same with the cluster's address, as a file for `--config`.
  Path file(Role role) {
    return folder.resolve(role.id() + ".properties");
  }

  Path certificate() {
    return folder.resolve("certificate.pem");
  }

  private Path keyStore() {
    return folder.resolve("broker.p12");
  }

  private String password(String of) {
    var password = passwords.get(of);
    if (password == null) {
      throw new IllegalStateException("no password of " + of);
    }
    return password;
  }

  /// How one logs in who may do everything.
  Map<String, Object> asBroker(String bootstrapServers) {
    var config = new HashMap<String, Object>(client(Role.OPERATOR));
    config.put(CommonConfig.BOOTSTRAP_SERVERS, bootstrapServers);
    config.put("sasl.mechanism", "PLAIN");
    config.put(
        "sasl.jaas.config",
        "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"%s\" password=\"%s\";"
            .formatted(BROKER, password(BROKER)));
    return config;
  }

  private String text(Role role, String bootstrapServers) {
    var text =
        new StringBuilder("# Logs in as " + role.id() + ": ./millrace … --config this-file\n");
    text.append(CommonConfig.BOOTSTRAP_SERVERS + "=" + bootstrapServers + "\n");
    client(role)
        .forEach((key, value) -> text.append(key + "=" + value.replace("\\", "\\\\") + "\n"));
    return text.toString();
  }

  private static Map<String, String> passwords(Path file) throws IOException {
    var kept = new Properties();
    if (Files.exists(file)) {
      kept.load(new StringReader(Files.readString(file)));
    }
    var names = new ArrayList<>(List.of(BROKER, STORE));
    Arrays.stream(Role.values()).map(Role::id).forEach(names::add);
    var random = new SecureRandom();
    var passwords = new TreeMap<String, String>();
    var text = new StringBuilder();
    for (var name : names) {
      var password = kept.getProperty(name);
      passwords.put(name, password == null ? newPassword(random) : password);
      text.append(name).append('=').append(passwords.get(name)).append('\n');
    }
    OwnerFile.write(file, text.toString());
    return passwords;
  }

  private static String newPassword(SecureRandom random) {
    var bytes = new byte[PASSWORD_BYTES];
    random.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
