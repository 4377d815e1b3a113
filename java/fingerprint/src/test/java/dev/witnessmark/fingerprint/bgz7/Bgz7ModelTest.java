package dev.witnessmark.fingerprint.bgz7;

import static dev.witnessmark.fingerprint.bgz7.Bgz7Index.Reading.LENIENT;
import static dev.witnessmark.fingerprint.bgz7.Bgz7Index.Reading.STRICT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.witnessmark.fingerprint.FingerprintModel;
import dev.witnessmark.fingerprint.FingerprintTensor;
import dev.witnessmark.fingerprint.GoldenData;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Bgz7ModelTest {

  @TempDir Path folder;

  private String write(String name, byte[] bytes) throws IOException {
    return Files.write(folder.resolve(name), bytes).toString();
  }

  private static FingerprintModel open(Object spec) throws IOException {
    return Bgz7Model.open(spec.toString(), STRICT, Limits.DEFAULT);
  }

  @Test
  void shardsAreOneModelInTheOrderOfTheirNames() throws IOException {
    write("m-00002-of-00002.bgz7", GoldenData.bytes("bgz7/base.bgz7"));
    write("m-00001-of-00002.bgz7", Bgz7IndexTest.file(3, 1));
    write(".hidden.bgz7", new byte[3]);
    write("notes.txt", new byte[3]);
    try (FingerprintModel model = open(folder)) {
      assertThat(model.tensors()).hasSize(33);
      assertThat(model.tensors())
          .extracting(FingerprintTensor::name)
          .startsWith("0000000", "0000001", "0000002", "token_embd.weight");
      assertThat(model.incomplete()).isEmpty();
      assertThat(model.notices()).isEmpty();
    }
  }

  /** Failing shards made the data silently smaller. */
  @Test
  void missingAndUnreadableShardsAreSaidD16() throws IOException {
    write("a_shard01.bgz7", Bgz7IndexTest.file(2, 1));
    write("a_shard02.bgz7", GoldenData.bytes("bgz7/bad_magic.bgz7"));
    write("a_shard05.bgz7", Bgz7IndexTest.file(1, 1));
    write("b-00001-of-00004.bgz7", GoldenData.bytes("bgz7/base.overcount.bgz7"));
    try (FingerprintModel model = open(folder)) {
      assertThat(model.tensors()).hasSize(2 + 1 + 30);
      assertThat(model.incomplete()).hasSize(3);
      assertThat(model.incomplete().get(0)).contains("a_shard").contains("3, 4");
      assertThat(model.incomplete().get(1)).contains("b").contains("2, 3, 4");
      assertThat(model.incomplete().get(2)).contains("a_shard02.bgz7");
      assertThat(model.notices()).hasSize(1);
    }
  }

  @Test
  void aPatternNamesSomeOfThem() throws IOException {
    write("a_shard01.bgz7", Bgz7IndexTest.file(2, 1));
    write("b_shard01.bgz7", Bgz7IndexTest.file(5, 1));
    try (FingerprintModel model = open(folder.resolve("b_*.bgz7"))) {
      assertThat(model.tensors()).hasSize(5);
    }
    assertThat(Bgz7Model.isMeantBy(folder.resolve("b_*.bgz7").toString())).isTrue();
    assertThat(Bgz7Model.isMeantBy(folder.toString())).isTrue();
    assertThatThrownBy(() -> open(folder.resolve("c_*.bgz7")))
        .isInstanceOf(Refusal.MissingPart.class);
  }

  @Test
  void aFileIsToldByItsBytes() throws IOException {
    assertThat(Bgz7Model.isMeantBy(write("index", Bgz7IndexTest.file(1, 1)))).isTrue();
    assertThat(Bgz7Model.isMeantBy(write("x.bgz7", new byte[] {'B', 'G', 'Z'}))).isFalse();
    assertThat(Bgz7Model.isMeantBy(GoldenData.path("models/base.safetensors").toString()))
        .isFalse();
    assertThat(Bgz7Model.isMeantBy(Files.createDirectory(folder.resolve("empty")).toString()))
        .isFalse();
  }

  @Test
  void whereNothingCanBeReadThereIsNoModel() throws IOException {
    write("a.bgz7", GoldenData.bytes("bgz7/bad_magic.bgz7"));
    write("b.bgz7", GoldenData.bytes("bgz7/base.cut_mid_record.bgz7"));
    assertThatThrownBy(() -> open(folder)).isInstanceOf(Refusal.class);
    try (FingerprintModel lenient =
        Bgz7Model.open(folder.resolve("b.bgz7").toString(), LENIENT, Limits.DEFAULT)) {
      assertThat(lenient.tensors()).hasSize(5);
      assertThat(lenient.incomplete()).singleElement().asString().contains("record 5");
    }
  }
}
