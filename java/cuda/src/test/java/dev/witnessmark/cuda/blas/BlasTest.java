package dev.witnessmark.cuda.blas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.witnessmark.cuda.Compiled;
import dev.witnessmark.cuda.TestCudaDevice;
import dev.witnessmark.cuda.driver.Context;
import dev.witnessmark.cuda.driver.DeviceMemory;
import dev.witnessmark.cuda.driver.DriverUnavailable;
import dev.witnessmark.cuda.driver.Stream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("device")
class BlasTest {

  private static final MatrixProduct PRODUCT =
      new MatrixProduct(3, 4, 2, MatrixProduct.Elements.FLOAT32);

  @TempDir static Path folder;

  @SuppressWarnings("NullAway.Init") // Set before the first test.
  private static Context context;

  @BeforeAll
  static void open() throws Exception {
    context = TestCudaDevice.context();
    if (TestCudaDevice.isEmulated()) {
      Compiled.library("cublas.c", folder.resolve("libcublas.so.13"));
      Compiled.library("cublas.c", folder.resolve("libcublasLt.so.13"));
    }
  }

  @AfterAll
  static void close() {
    context.close();
  }

  private static Blas openBlas() throws DriverUnavailable {
    return TestCudaDevice.isEmulated() ? Blas.in(folder, context) : Blas.installed(context);
  }

  @Test
  void multipliesRowMajorMatrices() throws DriverUnavailable {
    float[] weights = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    float[] inputs = {1, 0, 0, 2, -1, 1, -1, 1};
    try (Blas blas = openBlas();
        Stream stream = context.stream();
        DeviceMemory w = context.allocate(PRODUCT.weightBytes());
        DeviceMemory x = context.allocate(PRODUCT.inputBytes());
        DeviceMemory y = context.allocate(PRODUCT.outputBytes())) {
      stream.upload(MemorySegment.ofArray(weights), w);
      stream.upload(MemorySegment.ofArray(inputs), x);
      blas.multiply(stream, PRODUCT, w, x, y);
      MemorySegment result = MemorySegment.ofArray(new float[6]);
      stream.download(y, result);

      assertThat(blas.description()).contains("cuBLAS 1");
      // Small integers: exact in any order of additions.
      assertThat(result.toArray(ValueLayout.JAVA_FLOAT)).containsExactly(9, 21, 33, 2, 2, 2);
    }
  }

  @Test
  void resultsOfAPartOfTheRowsLeaveTheOthersAlone() throws DriverUnavailable {
    MatrixProduct part = new MatrixProduct(2, 3, 2, 5, MatrixProduct.Elements.FLOAT32);
    float[] results = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
    try (Blas blas = openBlas();
        Stream stream = context.stream();
        DeviceMemory w = context.allocate(part.weightBytes());
        DeviceMemory x = context.allocate(part.inputBytes());
        DeviceMemory y = context.allocate(4 * 10)) {
      stream.upload(MemorySegment.ofArray(new float[] {1, 2, 3, 4, 5, 6}), w);
      stream.upload(MemorySegment.ofArray(new float[] {1, 0, 0, 0, 1, 1}), x);
      stream.upload(MemorySegment.ofArray(results), y);
      blas.multiply(stream, part, w, x, y.slice(4, part.outputBytes()));
      MemorySegment result = MemorySegment.ofArray(results);
      stream.download(y, result);
    }
    assertThat(results).containsExactly(-1, 1, 4, -1, -1, -1, 5, 11, -1, -1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new MatrixProduct(2, 3, 2, 1, MatrixProduct.Elements.FLOAT32));
  }

  @Test
  void memoryIsAsLargeAsTheProductSays() throws DriverUnavailable {
    try (Blas blas = openBlas();
        Stream stream = context.stream();
        DeviceMemory memory = context.allocate(PRODUCT.weightBytes())) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> blas.multiply(stream, PRODUCT, memory, memory, memory))
          .withMessage("x has 48 bytes, the product needs 32");
    }
  }

  @Test
  void aRefusalNamesTheProduct() throws DriverUnavailable {
    assumeTrue(TestCudaDevice.isEmulated(), "cuBLAS itself takes every product");
    MatrixProduct halves = new MatrixProduct(3, 4, 2, MatrixProduct.Elements.FLOAT16);
    try (Blas blas = openBlas();
        Stream stream = context.stream();
        DeviceMemory w = context.allocate(halves.weightBytes());
        DeviceMemory x = context.allocate(halves.inputBytes());
        DeviceMemory y = context.allocate(halves.outputBytes())) {
      assertThatExceptionOfType(BlasException.class)
          .isThrownBy(() -> blas.multiply(stream, halves, w, x, y))
          .withMessageContaining("FLOAT16")
          .withMessageContaining("CUBLAS_STATUS_NOT_SUPPORTED (15)")
          .withMessageContaining("libcublas.so.13");
    }
  }

  @Test
  void whatIsNoCublasIsNamed(@TempDir Path other) throws IOException {
    assumeTrue(TestCudaDevice.isEmulated(), "cuBLAS may be installed here");
    Files.createDirectories(other.resolve("libcublas.so.13"));

    assertThatExceptionOfType(DriverUnavailable.class)
        .isThrownBy(() -> Blas.in(other, context))
        .withMessageContaining("no cuBLAS")
        .withMessageContaining(other.toString());
  }

  @Test
  void emptyProductsAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new MatrixProduct(0, 1, 1, MatrixProduct.Elements.FLOAT32));
  }
}
