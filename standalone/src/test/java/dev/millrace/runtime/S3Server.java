package dev.millrace.runtime;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.gaul.s3proxy.AuthenticationType;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobApiMetadata;
import org.jclouds.ContextBuilder;
import org.jclouds.blobstore.BlobStoreContext;
import org.slf4j.LoggerFactory;

/// A server that speaks S3, over a folder: one sub-folder per bucket. It lets in one pair of keys.
public final class S3Server implements AutoCloseable {

  public static final String BUCKET = "results";
  public static final String ACCESS_KEY = "canary-s3-access";
  public static final String SECRET_KEY = "canary-s3-secret";

  private final BlobStoreContext context;
  private final S3Proxy server;

  private S3Server(BlobStoreContext context, S3Proxy server) {
    this.context = context;
    this.server = server;
  }

  /// On any free port of 127.0.0.1, with an empty [#BUCKET].
  public static S3Server start(Path folder) throws Exception {
    // It is somebody else's: what it logs says nothing of ours.
    for (var logger : new String[] {"org.gaul", "org.jclouds", "jclouds"}) {
      ((Logger) LoggerFactory.getLogger(logger)).setLevel(Level.OFF);
    }
    Files.createDirectories(folder);
    var properties = new Properties();
    properties.setProperty("jclouds.filesystem.basedir", folder.toString());
    var context =
        ContextBuilder.newBuilder(new FilesystemNio2BlobApiMetadata())
            .credentials("", "")
            .overrides(properties)
            .build(BlobStoreContext.class);
    var _ = context.getBlobStore().createContainerInLocation(null, BUCKET);
    var server =
        S3Proxy.builder()
            .blobStore(context.getBlobStore())
            .endpoint(URI.create("http://127.0.0.1:0"))
            .awsAuthentication(AuthenticationType.AWS_V4, ACCESS_KEY, SECRET_KEY)
            .build();
    server.start();
    return new S3Server(context, server);
  }

  /// What a service is told to keep its blobs here.
  public Map<String, String> settings() {
    return new HashMap<>(
        Map.of(
            CommonConfig.BLOBS_S3_BUCKET, BUCKET,
            CommonConfig.BLOBS_S3_ENDPOINT, "http://127.0.0.1:" + server.getPort(),
            CommonConfig.BLOBS_S3_PREFIX, "large/",
            CommonConfig.BLOBS_S3_ACCESS_KEY, ACCESS_KEY,
            CommonConfig.BLOBS_S3_SECRET_KEY, SECRET_KEY));
  }

  /// Answers nobody any more.
  public void stop() throws Exception {
    server.stop();
  }

  @Override
  public void close() {
    try {
      stop();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
    context.close();
  }
}
