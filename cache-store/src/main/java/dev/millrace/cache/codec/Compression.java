package dev.millrace.cache.codec;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import org.jspecify.annotations.Nullable;

/// zstd frames with a checksum. The id of the dictionary is not in them: it stands in the header,
/// which is not encrypted.
///
/// All share two contexts, in turn: to make one takes longer than to read a result with it.
final class Compression {

  /// Higher ones take several times as long, and save a percent or two.
  static final int LEVEL = 3;

  /// No result is larger; whatever says that it is, is not one.
  private static final long MOST_BYTES = 4L * 1024 * 1024;

  private static final ZstdCompressCtx WRITER = new ZstdCompressCtx();
  private static final ZstdDecompressCtx READER = new ZstdDecompressCtx();

  private Compression() {}

  static synchronized byte[] compress(byte[] bytes, @Nullable Dictionary dictionary) {
    WRITER.reset();
    WRITER.setLevel(LEVEL).setChecksum(true).setDictID(false);
    if (dictionary != null) {
      WRITER.loadDict(dictionary.toWrite());
    }
    return WRITER.compress(bytes);
  }

  static synchronized byte[] decompress(byte[] frame, @Nullable Dictionary dictionary)
      throws UnreadableException {
    long size = frame.length == 0 ? -1 : Zstd.getFrameContentSize(frame);
    if (size < 0 || size > MOST_BYTES) {
      throw new UnreadableException(UnreadableException.Reason.DAMAGED);
    }
    READER.reset();
    if (dictionary != null) {
      READER.loadDict(dictionary.toRead());
    }
    try {
      return READER.decompress(frame, (int) size);
    } catch (ZstdException e) {
      throw new UnreadableException(UnreadableException.Reason.DAMAGED, e);
    }
  }
}
