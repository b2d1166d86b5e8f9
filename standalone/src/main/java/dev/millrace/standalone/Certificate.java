package dev.millrace.standalone;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;

/// The broker's certificate: it signs itself, is made once by the JDK's `keytool` for `localhost`
/// and 127.0.0.1, and is what clients trust.
final class Certificate {

  private static final String ALIAS = "broker";
  private static final String DAYS = "3650";

  private Certificate() {}

  /// Makes a key and its certificate, unless the store is there.
  static void make(Path keyStore, String password) throws IOException {
    if (Files.exists(keyStore)) {
      return;
    }
    var unfinished = keyStore.resolveSibling(keyStore.getFileName() + ".unfinished");
    Files.deleteIfExists(unfinished);
    var command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
            "-genkeypair",
            "-alias",
            ALIAS,
            "-keyalg",
            "EC",
            "-groupname",
            "secp256r1",
            "-dname",
            "CN=localhost",
            "-ext",
            "SAN=IP:127.0.0.1,DNS:localhost",
            "-validity",
            DAYS,
            "-storetype",
            "PKCS12",
            "-keystore",
            unfinished.toString(),
            "-storepass:env",
            "STORE_PASSWORD");
    var keytool = new ProcessBuilder(command).redirectErrorStream(true);
    // Other processes see arguments, but not the environment.
    keytool.environment().put("STORE_PASSWORD", password);
    run(keytool);
    Files.setPosixFilePermissions(unfinished, PosixFilePermissions.fromString("rw-------"));
    Files.move(unfinished, keyStore);
  }

  /// The certificate in a store, without its key, in the form that any client reads.
  static String pem(Path keyStore, String password) throws IOException {
    try {
      var encoded =
          KeyStore.getInstance(keyStore.toFile(), password.toCharArray())
              .getCertificate(ALIAS)
              .getEncoded();
      var lines = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));
      return "-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n"
          .formatted(lines.encodeToString(encoded));
    } catch (GeneralSecurityException e) {
      throw new IOException("cannot read the certificate in " + keyStore, e);
    }
  }

  private static void run(ProcessBuilder keytool) throws IOException {
    var process = keytool.start();
    var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (process.waitFor() != 0) {
        throw new IOException("keytool made no certificate: " + said.strip());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while keytool made a certificate", e);
    }
  }
}
