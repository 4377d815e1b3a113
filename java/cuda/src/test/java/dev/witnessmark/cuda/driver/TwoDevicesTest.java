package dev.witnessmark.cuda.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("device")
class TwoDevicesTest {

  private List<DriverDevice> devices = List.of();

  @BeforeEach
  void listDevices() {
    devices = TestDriver.library().devices();
    assumeTrue(devices.size() >= 2, "this machine has one device");
  }

  @Test
  void oneThreadUsesBoth() {
    try (Context first = Context.open(devices.get(0));
        Context second = Context.open(devices.get(1))) {
      List<Context> both = List.of(first, second);
      List<Stream> streams = both.stream().map(Context::stream).toList();
      List<DeviceMemory> memories = both.stream().map(c -> c.allocate(OnDevice.BYTES)).toList();
      List<MemorySegment> hosts =
          both.stream().map(c -> Host.counting(c.pinnedArena(), OnDevice.COUNT)).toList();
      List<KernelModule> kernels = both.stream().map(TestDriver::kernels).toList();
      for (int i = 0; i < 2; i++) {
        streams.get(i).uploadAsync(hosts.get(i), memories.get(i));
      }
      for (int i = 0; i < 2; i++) {
        Launch launch =
            new Launch(kernels.get(i).kernel("affine"), "affine", Extent.of(4), Extent.of(256), 0);
        DeviceMemory memory = memories.get(i);
        streams.get(i).launch(launch, OnDevice.affine(memory, memory, i + 2, 0));
      }
      for (int i = 0; i < 2; i++) {
        streams.get(i).downloadAsync(memories.get(i), hosts.get(i));
      }
      for (int i = 0; i < 2; i++) {
        streams.get(i).synchronise();
        assertThat(Host.floats(hosts.get(i))).isEqualTo(Host.affine(OnDevice.COUNT, i + 2, 0));
      }
    }
  }

  @Test
  void memoryOfTheOtherDeviceIsRefused() {
    try (Context first = Context.open(devices.get(0));
        Context second = Context.open(devices.get(1))) {
      DeviceMemory theirs = second.allocate(OnDevice.BYTES);
      DeviceMemory ours = first.allocate(OnDevice.BYTES);
      MemorySegment pinned = second.pinnedArena().allocate(OnDevice.BYTES);
      KernelModule kernels = TestDriver.kernels(first);
      Stream stream = first.stream();
      Launch launch =
          new Launch(kernels.kernel("affine"), "affine", Extent.of(4), Extent.of(256), 0);

      assertThatIllegalArgumentException()
          .isThrownBy(() -> stream.launch(launch, OnDevice.affine(ours, theirs, 1, 0)))
          .withMessageContaining("cuda:1")
          .withMessageContaining("cuda:0");
      assertThatIllegalArgumentException().isThrownBy(() -> stream.copyAsync(ours, theirs));
      assertThatIllegalArgumentException().isThrownBy(() -> stream.uploadAsync(pinned, ours));
    }
  }

  @Test
  void aDeviceThatIsNotThereIsNamed() {
    assertThatExceptionOfType(DriverUnavailable.class)
        .isThrownBy(() -> TestDriver.library().device(devices.size()))
        .withMessageContaining("there is no device " + devices.size());
    assertThatExceptionOfType(DriverUnavailable.class)
        .isThrownBy(() -> TestDriver.library().device(-1));
  }

  @Test
  void aSecondDriverIsRefused() {
    Path other = Path.of(System.getProperty("java.home"), "lib", "libjava.so");

    assertThatExceptionOfType(DriverUnavailable.class)
        .isThrownBy(() -> DriverLibrary.at(other))
        .withMessageContaining("already uses")
        .withMessageContaining(other.toString());
  }

  @Test
  void devicesSayWhatTheyAre() {
    DriverDevice device = devices.get(1);

    assertThat(device.ordinal()).isEqualTo(1);
    assertThat(device.name()).isNotBlank();
    assertThat(device.uuid()).matches("GPU-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
    assertThat(device.memoryBytes()).isPositive();
    assertThat(device.library().version().number()).isGreaterThanOrEqualTo(12000);
    for (DeviceAttribute attribute : DeviceAttribute.values()) {
      assertThat(device.attribute(attribute)).as(attribute.name()).isNotNegative();
    }
    assertThat(device.attribute(DeviceAttribute.THREADS_PER_BLOCK)).isEqualTo(1024);
  }
}
