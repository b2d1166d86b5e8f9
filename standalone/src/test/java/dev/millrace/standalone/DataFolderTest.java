package dev.millrace.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.standalone.DataFolder.PortWish;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFolderTest {

  private static final List<PortWish> ANY_TWO =
      List.of(new PortWish("broker", 0), new PortWish("controller", 0));

  @TempDir Path temp;

  @Test
  void a_folder_is_held_by_one_at_a_time() throws IOException {
    try (var folder = DataFolder.hold(temp)) {
      assertThatThrownBy(() -> DataFolder.hold(temp))
          .isInstanceOf(FolderInUseException.class)
          .hasMessageContaining(folder.path().toString())
          .hasMessageContaining("process " + ProcessHandle.current().pid());
    }

    DataFolder.hold(temp).close();
  }

  @Test
  void ports_are_those_of_last_time() throws IOException {
    try (var folder = DataFolder.hold(temp)) {
      var ports = folder.ports(ANY_TWO);

      assertThat(ports).doesNotHaveDuplicates().allMatch(port -> port > 0);
      assertThat(folder.ports(ANY_TWO)).isEqualTo(ports);
    }
  }

  @Test
  void a_recorded_port_that_was_taken_meanwhile_is_replaced() throws IOException {
    try (var folder = DataFolder.hold(temp)) {
      var before = folder.ports(ANY_TWO);
      List<Integer> after;
      try (var _ = new ServerSocket(before.get(0), 1, InetAddress.getLoopbackAddress())) {
        after = folder.ports(ANY_TWO);
      }

      assertThat(after.get(0)).isNotEqualTo(before.get(0));
      assertThat(after.get(1)).isEqualTo(before.get(1));
      assertThat(folder.ports(ANY_TWO)).isEqualTo(after);
    }
  }

  @Test
  void a_wanted_port_that_is_taken_is_an_error_naming_it() throws IOException {
    try (var folder = DataFolder.hold(temp);
        var other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int taken = other.getLocalPort();

      assertThatThrownBy(() -> folder.ports(List.of(new PortWish("broker", taken))))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("port " + taken);
    }
  }

  @Test
  void a_damaged_record_of_ports_does_no_harm() throws IOException {
    Files.writeString(temp.resolve("ports.properties"), "broker=seven\ncontroller=99999999\n");
    try (var folder = DataFolder.hold(temp)) {
      assertThat(folder.ports(ANY_TWO)).hasSize(2);
    }
  }
}
