package dev.millrace.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FoldersTest {

  @TempDir Path parent;

  @Test
  void a_folder_goes_with_all_that_is_in_it_but_not_what_links_lead_to() throws Exception {
    var kept = Files.writeString(Files.createDirectory(parent.resolve("other")).resolve("a"), "a");
    var folder = Files.createDirectories(parent.resolve("folder/one/two")).getParent().getParent();
    Files.writeString(folder.resolve("one/b"), "b");
    Files.createSymbolicLink(folder.resolve("link"), kept.getParent());

    Folders.delete(folder);

    assertThat(folder).doesNotExist();
    assertThat(kept).hasContent("a");
  }

  @Test
  void one_that_is_not_there_is_deleted_already() throws Exception {
    Folders.delete(parent.resolve("none"));

    assertThat(parent).isEmptyDirectory();
  }
}
