package dev.millrace.runtime;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;

class FileBlobStoreTest extends BlobStoreContract {

  @Override
  BlobStore open(InstantSource clock) {
    var flags = Map.of(CommonConfig.BLOBS_DIR, blobs().toString());
    return BlobStore.open(
        Settings.load(CommonConfig.def(), new Settings.Sources(Map.of(), Map.of(), flags)), clock);
  }

  @Override
  Path blobs() {
    return folder.resolve("blobs");
  }
}
