package dev.witnessmark.benchmarks;

import dev.witnessmark.explain.algebra.DenseMatrix;
import dev.witnessmark.explain.algebra.SymmetricEigen;
import dev.witnessmark.explain.algebra.SymmetricMatrix;
import dev.witnessmark.kernels.VectorWidth;
import dev.witnessmark.kernels.host.Processor;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.netlib.blas.Dsyrk;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Gram matrices in double precision beside the multiply rate of a plain fused loop on the Vector
 * API and beside the library's own, in turn in one process, on one thread. Rates count a
 * multiplication and an addition as two, and of a Gram matrix one triangle with its diagonal.
 */
public final class GramBenchmarks {

  private static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_PREFERRED;

  /** Of a model of 0.6 billion parameters. */
  private static final int WIDTH = 1024;

  private static final int DEPTH = 2048;

  /** Doubles of each operand of the plain loop: both stay in the first-level cache. */
  private static final int LOOP = 1 << 10;

  private static final int TIMES = 1 << 16;

  private GramBenchmarks() {}

  /**
   * @param arguments the results file to write, seconds to measure for
   */
  public static void main(String[] arguments) throws IOException {
    long nanoseconds = TimeUnit.SECONDS.toNanos(Long.parseLong(arguments[1]));
    SplittableRandom random = new SplittableRandom(1);
    double[] values = random.doubles((long) WIDTH * DEPTH, -1, 1).toArray();
    DenseMatrix panel = new DenseMatrix(DEPTH, WIDTH, values);
    double[] a = random.doubles(LOOP, -1, 1).toArray();
    double[] b = random.doubles(LOOP, -1, 1).toArray();
    double[] library = new double[WIDTH * WIDTH];
    SymmetricMatrix gram = SymmetricMatrix.gramOfColumns(panel);
    double[] best =
        best(
            List.of(
                () -> plain(a, b),
                () -> SymmetricMatrix.gramOfColumns(panel),
                () ->
                    Dsyrk.dsyrk("U", "N", WIDTH, DEPTH, 1, values, 0, WIDTH, 0, library, 0, WIDTH),
                () -> SymmetricEigen.leading(gram, 8)),
            nanoseconds);
    double plain = 2.0 * LOOP * TIMES / best[0];
    double work = (double) WIDTH * (WIDTH + 1) * DEPTH;
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("schema", "witnessmark-gram-benchmarks-v1");
    root.put("processor", Processor.name());
    root.put(
        "jvm", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
    root.put("vectors", VectorWidth.reason());
    root.put("threads", 1);
    root.put("width", WIDTH);
    root.put("depth", DEPTH);
    root.put("gigaflopsOfAPlainLoop", plain);
    root.put("gigaflopsOfAGramMatrix", work / best[1]);
    root.put("gigaflopsOfTheLibrary", work / best[2]);
    root.put("gramOfPlain", work / best[1] / plain);
    root.put("libraryOfPlain", work / best[2] / plain);
    root.put("secondsOfEightEigenvectors", best[3] / 1e9);
    JsonMapper mapper = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
    Files.writeString(Path.of(arguments[0]), mapper.writeValueAsString(root) + "\n");
    new PrintStream(System.out, true, StandardCharsets.UTF_8)
        .printf(
            Locale.ROOT,
            "one thread, GFLOP/s: plain fused loop %.1f, Gram matrix %.1f (%.2f of it), library %.1f"
                + " (%.2f); 8 eigenvectors of %d in %.2f s%n",
            plain,
            work / best[1],
            work / best[1] / plain,
            work / best[2],
            work / best[2] / plain,
            WIDTH,
            best[3] / 1e9);
  }

  /** Nanoseconds of the best round of each: the machine's neighbours only ever slow things down. */
  private static double[] best(List<Runnable> works, long nanoseconds) {
    double[] best = new double[works.size()];
    Arrays.fill(best, Double.POSITIVE_INFINITY);
    long end = System.nanoTime() + nanoseconds;
    while (System.nanoTime() < end) {
      for (int i = 0; i < best.length; i++) {
        long start = System.nanoTime();
        works.get(i).run();
        best[i] = Math.min(best[i], (double) (System.nanoTime() - start));
      }
    }
    return best;
  }

  /** Sums of products of two arrays, over and over. */
  private static void plain(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < TIMES; i++) {
      sum += product(a, b);
    }
    if (Double.isNaN(sum)) {
      throw new IllegalStateException("products of finite numbers");
    }
  }

  private static double product(double[] a, double[] b) {
    int lanes = DOUBLES.length();
    DoubleVector sum0 = DoubleVector.zero(DOUBLES);
    DoubleVector sum1 = sum0;
    DoubleVector sum2 = sum0;
    DoubleVector sum3 = sum0;
    for (int i = 0; i < LOOP; i += 4 * lanes) {
      sum0 = vector(a, i).fma(vector(b, i), sum0);
      sum1 = vector(a, i + lanes).fma(vector(b, i + lanes), sum1);
      sum2 = vector(a, i + 2 * lanes).fma(vector(b, i + 2 * lanes), sum2);
      sum3 = vector(a, i + 3 * lanes).fma(vector(b, i + 3 * lanes), sum3);
    }
    return sum0.add(sum1).add(sum2.add(sum3)).reduceLanes(VectorOperators.ADD);
  }

  private static DoubleVector vector(double[] values, int at) {
    return DoubleVector.fromArray(DOUBLES, values, at);
  }
}
