package dev.millrace.cache.codec;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdDictCompress;
import com.github.luben.zstd.ZstdDictDecompress;

/// What the results of one type have in common, so that each need not say it again. It is made once
/// and lives as long as the process.
///
/// @param id of its own, made from its content by zstd
record Dictionary(int id, ZstdDictCompress toWrite, ZstdDictDecompress toRead) {

  /// @throws IllegalArgumentException when the bytes are no dictionary of zstd
  static Dictionary of(byte[] bytes) {
    int id = (int) Zstd.getDictIdFromDict(bytes);
    if (id == 0) {
      throw new IllegalArgumentException("is no zstd dictionary");
    }
    return new Dictionary(
        id, new ZstdDictCompress(bytes, Compression.LEVEL), new ZstdDictDecompress(bytes));
  }
}
