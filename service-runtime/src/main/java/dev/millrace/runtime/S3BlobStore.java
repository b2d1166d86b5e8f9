package dev.millrace.runtime;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.common.config.ConfigException;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CommonPrefix;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.S3Object;

/// Blobs as objects of an S3 bucket, `<prefix><day written>/<sha256>`.
///
/// An object appears whole or not at all, and writing it again changes nothing, so none is asked
/// after first. What may succeed the next time the client tries again, up to three times.
public final class S3BlobStore implements BlobStore {

  private static final Duration CONNECT_PATIENCE = Duration.ofSeconds(2);
  private static final Duration ANSWER_PATIENCE = Duration.ofSeconds(10);

  private final S3Client client;
  private final String bucket;
  private final String prefix;
  private final InstantSource clock;

  private S3BlobStore(S3Client client, String bucket, String prefix, InstantSource clock) {
    this.client = client;
    this.bucket = bucket;
    this.prefix = prefix;
    this.clock = clock;
  }

  /// The store `blobs.s3.…` describes. Nothing is asked of it yet.
  ///
  /// @throws ConfigException when one key of a pair is given without the other
  static S3BlobStore open(Settings settings, InstantSource clock) {
    var client =
        S3Client.builder()
            .region(Region.of(settings.text(CommonConfig.BLOBS_S3_REGION)))
            .credentialsProvider(credentials(settings))
            .httpClientBuilder(
                UrlConnectionHttpClient.builder()
                    .connectionTimeout(CONNECT_PATIENCE)
                    .socketTimeout(ANSWER_PATIENCE))
            // Not every store that speaks S3 knows the newer checksums.
            .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
            .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED);
    var endpoint = settings.text(CommonConfig.BLOBS_S3_ENDPOINT);
    if (!endpoint.isEmpty()) {
      client.endpointOverride(URI.create(endpoint)).forcePathStyle(true);
    }
    return new S3BlobStore(
        client.build(),
        settings.text(CommonConfig.BLOBS_S3_BUCKET),
        settings.text(CommonConfig.BLOBS_S3_PREFIX),
        clock);
  }

  private static AwsCredentialsProvider credentials(Settings settings) {
    var access = settings.secret(CommonConfig.BLOBS_S3_ACCESS_KEY);
    var secret = settings.secret(CommonConfig.BLOBS_S3_SECRET_KEY);
    if (access.isPresent() != secret.isPresent()) {
      throw new ConfigException(
          "%s and %s go together: give both, or neither to take those of the environment"
              .formatted(CommonConfig.BLOBS_S3_ACCESS_KEY, CommonConfig.BLOBS_S3_SECRET_KEY));
    }
    return access.isEmpty()
        ? DefaultCredentialsProvider.builder().build()
        : StaticCredentialsProvider.create(
            AwsBasicCredentials.create(access.get(), secret.orElseThrow()));
  }

  @Override
  public String put(byte[] bytes) {
    var ref = BlobRef.of(bytes, clock.instant());
    return asking(
        "keep a blob of " + bytes.length + " bytes",
        () -> {
          var _ =
              client.putObject(
                  put -> put.bucket(bucket).key(prefix + ref), RequestBody.fromBytes(bytes));
          return ref;
        });
  }

  @Override
  public Optional<byte[]> get(String ref) {
    return BlobRef.isOne(ref) ? asking("read blob " + ref, () -> read(ref)) : Optional.empty();
  }

  private Optional<byte[]> read(String ref) {
    try {
      var found = client.getObjectAsBytes(get -> get.bucket(bucket).key(prefix + ref));
      return Optional.of(found.asByteArrayUnsafe());
    } catch (NoSuchKeyException _) {
      return Optional.empty();
    }
  }

  @Override
  public boolean exists(String ref) {
    return BlobRef.isOne(ref) && asking("look for blob " + ref, () -> has(ref));
  }

  /// By its first byte. HEAD would do, but its 404 does not say whether the object is missing or
  /// the whole bucket, which is a store that cannot say.
  private boolean has(String ref) {
    try {
      var _ =
          client.getObjectAsBytes(get -> get.bucket(bucket).key(prefix + ref).range("bytes=0-0"));
      return true;
    } catch (NoSuchKeyException _) {
      return false;
    }
  }

  @Override
  public int sweep(Instant olderThan) {
    return asking(
        "sweep",
        () ->
            client
                .listObjectsV2Paginator(list -> list.bucket(bucket).prefix(prefix).delimiter("/"))
                .commonPrefixes()
                .stream()
                .map(CommonPrefix::prefix)
                .filter(day -> BlobRef.isBefore(name(day), olderThan))
                .mapToInt(this::delete)
                .sum());
  }

  /// What stands between our prefix and the slash.
  private String name(String day) {
    return day.substring(prefix.length(), day.length() - 1);
  }

  private int delete(String day) {
    int deleted = 0;
    for (S3Object blob :
        client.listObjectsV2Paginator(list -> list.bucket(bucket).prefix(day)).contents()) {
      // one by one: deleting many at once needs checksums not every store that speaks S3 knows
      var _ = client.deleteObject(delete -> delete.bucket(bucket).key(blob.key()));
      deleted++;
    }
    return deleted;
  }

  private <T> T asking(String what, Supplier<T> question) {
    try {
      return question.get();
    } catch (SdkException e) {
      throw new UncheckedIOException(
          "cannot " + what + " in bucket " + bucket + ": " + e.getMessage(), new IOException(e));
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
