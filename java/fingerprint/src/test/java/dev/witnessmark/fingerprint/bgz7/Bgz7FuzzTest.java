package dev.witnessmark.fingerprint.bgz7;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.witnessmark.fingerprint.GoldenData;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.testing.BytesSource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

class Bgz7FuzzTest {

  static Stream<byte[]> seeds() throws IOException {
    List<byte[]> seeds = new ArrayList<>();
    for (String file : List.of("undercount", "zero_rows_a", "bad_magic", "base.cut_mid_record")) {
      seeds.add(GoldenData.bytes("bgz7/" + file + ".bgz7"));
    }
    seeds.add(Arrays.copyOf(seeds.getFirst(), 60));
    return seeds.stream();
  }

  /** Either it is refused, or what it says lies inside the file and can be read. */
  @MethodSource("seeds")
  @FuzzTest
  void index(byte[] bytes) throws IOException {
    for (Bgz7Index.Reading reading : Bgz7Index.Reading.values()) {
      try {
        Bgz7Index index = Bgz7Index.read(new BytesSource("x.bgz7", bytes), reading, Limits.DEFAULT);
        assertThat((long) index.records().size()).isLessThanOrEqualTo(index.declared());
        for (Bgz7Record record : index.records()) {
          record.read(0, (int) record.rows(), new short[17 * (int) record.rows()]);
        }
        index.notices();
      } catch (Refusal expected) {
        // The only way to fail.
      }
    }
  }
}
