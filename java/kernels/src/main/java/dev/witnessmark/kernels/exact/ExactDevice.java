package dev.witnessmark.kernels.exact;

import dev.witnessmark.kernels.decode.Decoder;
import dev.witnessmark.kernels.decode.Decoders;
import dev.witnessmark.kernels.operation.Add;
import dev.witnessmark.kernels.operation.AddBias;
import dev.witnessmark.kernels.operation.Arithmetic;
import dev.witnessmark.kernels.operation.Attention;
import dev.witnessmark.kernels.operation.AttentionScores;
import dev.witnessmark.kernels.operation.CausalSoftmax;
import dev.witnessmark.kernels.operation.Device;
import dev.witnessmark.kernels.operation.GatedSilu;
import dev.witnessmark.kernels.operation.Gather;
import dev.witnessmark.kernels.operation.MatVecF32;
import dev.witnessmark.kernels.operation.Operation;
import dev.witnessmark.kernels.operation.Pool;
import dev.witnessmark.kernels.operation.RmsNorm;
import dev.witnessmark.kernels.operation.Rotary;
import dev.witnessmark.kernels.operation.Silu;
import dev.witnessmark.kernels.operation.Softmax;
import dev.witnessmark.kernels.operation.TopK;
import dev.witnessmark.kernels.operation.WeightedSum;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A device whose numbers are float64: the arbiter of a whole forward pass. What is stored in a file
 * is decoded to float32 as everywhere, everything else is computed and kept in double, on the host.
 * It follows no order of additions that others could be held to bit for bit.
 */
public final class ExactDevice implements Device<ExactMemory> {

  @Override
  public String name() {
    return "exact float64";
  }

  @Override
  public boolean supports(Operation operation, Arithmetic arithmetic) {
    return switch (operation) {
      case Gather _,
          RmsNorm _,
          MatVecF32 _,
          AddBias _,
          Add _,
          Rotary _,
          Attention _,
          AttentionScores _,
          CausalSoftmax _,
          Silu _,
          GatedSilu _,
          Softmax _,
          TopK _,
          WeightedSum _ ->
          arithmetic == Arithmetic.CANONICAL;
      default -> false;
    };
  }

  @Override
  public Pool<ExactMemory> pool() {
    Arena arena = Arena.ofShared();
    return new Pool<>() {
      @Override
      public ExactMemory allocate(long bytes) {
        return ExactMemory.allocate(arena, bytes);
      }

      @Override
      public void close() {
        arena.close();
      }
    };
  }

  @Override
  public long bytes(ExactMemory memory) {
    return memory.bytes();
  }

  @Override
  public ExactMemory slice(ExactMemory memory, long at, long bytes) {
    return memory.slice(at, bytes);
  }

  @Override
  public void upload(MemorySegment from, ExactMemory to) {
    requireEqual(from.byteSize(), to.bytes());
    to.store(from);
  }

  /** {@inheritDoc} Numbers are rounded to float32. */
  @Override
  public void download(ExactMemory from, MemorySegment to) {
    requireEqual(from.bytes(), to.byteSize());
    if (from.holdsReals()) {
      double[] reals = from.reals();
      for (int i = 0; i < reals.length; i++) {
        to.set(ValueLayout.JAVA_FLOAT_UNALIGNED, (long) i * Float.BYTES, (float) reals[i]);
      }
    } else {
      to.copyFrom(from.stored());
    }
  }

  @Override
  public void uploadReals(double[] from, ExactMemory to) {
    requireEqual((long) from.length * Float.BYTES, to.bytes());
    to.set(from);
  }

  @Override
  public double[] downloadReals(ExactMemory from) {
    return from.reals();
  }

  @Override
  public void copy(ExactMemory from, ExactMemory to) {
    requireEqual(from.bytes(), to.bytes());
    if (from.holdsReals()) {
      to.set(from.reals());
    } else {
      to.store(from.stored());
    }
  }

  private static void requireEqual(long from, long to) {
    if (from != to) {
      throw new IllegalArgumentException("cannot copy %d bytes to %d".formatted(from, to));
    }
  }

  @Override
  public void run(Operation operation, Arithmetic arithmetic, List<ExactMemory> operands) {
    requireRunnable(operation, arithmetic, operands);
    ExactMemory first = operands.getFirst();
    ExactMemory second = operands.get(1);
    ExactMemory last = operands.getLast();
    switch (operation) {
      case Gather o -> last.set(gather(o, first, second));
      case RmsNorm o -> last.set(norm(o, first.reals(), second.reals()));
      case MatVecF32 o -> last.set(product(o, first.stored(), second.reals()));
      case AddBias o -> last.set(bias(o, first.reals(), second.reals()));
      case Add _ -> last.set(sum(first.reals(), second.reals()));
      case Rotary o -> last.set(rotate(o, first.reals(), second.reals()));
      case Attention o ->
          last.set(attend(o, first.reals(), second.reals(), operands.get(2).reals()));
      case AttentionScores o -> last.set(scores(o, first.reals(), second.reals()));
      case CausalSoftmax o -> last.set(causalSoftmax(o, first.reals()));
      case Silu _ -> last.set(Arrays.stream(first.reals()).map(ExactDevice::silu).toArray());
      case GatedSilu _ -> last.set(gated(first.reals(), second.reals()));
      case Softmax o -> last.set(softmax(o, first.reals()));
      case TopK o -> largest(o, first.reals(), second, last);
      case WeightedSum o -> last.set(weighted(o, first.reals(), second.reals()));
      default -> throw new AssertionError(operation);
    }
  }

  private static double[] gather(Gather o, ExactMemory table, ExactMemory tokens) {
    int[] rows = tokens.stored().toArray(ValueLayout.JAVA_INT);
    double[] results = new double[Math.multiplyExact(o.tokens(), o.columns())];
    double[] reals = table.holdsReals() ? table.reals() : new double[0];
    for (int token = 0; token < rows.length; token++) {
      int row = rows[token];
      int to = token * o.columns();
      if (row < 0 || row >= o.rows()) {
        Arrays.fill(results, to, to + o.columns(), Double.NaN);
      } else if (table.holdsReals()) {
        System.arraycopy(reals, row * o.columns(), results, to, o.columns());
      } else {
        float[] values = ExactDecoding.row(o.type(), table.stored(), row, o.columns());
        for (int i = 0; i < values.length; i++) {
          results[to + i] = values[i];
        }
      }
    }
    return results;
  }

  private static double[] norm(RmsNorm o, double[] x, double[] weights) {
    double[] results = new double[x.length];
    for (int row = 0; row < o.rows(); row++) {
      int first = row * o.columns();
      double squares = 0;
      for (int i = 0; i < o.columns(); i++) {
        squares += x[first + i] * x[first + i];
      }
      double root = Math.sqrt(squares / o.columns() + o.epsilon());
      for (int i = 0; i < o.columns(); i++) {
        results[first + i] = x[first + i] / root * weights[i];
      }
    }
    return results;
  }

  /** Rows stand alone, so they can be computed side by side. */
  private static double[] product(MatVecF32 o, MemorySegment weights, double[] x) {
    double[] results = new double[Math.multiplyExact(o.batch(), o.rows())];
    int pieces = Math.max(1, Math.min(o.rows(), 4 * Runtime.getRuntime().availableProcessors()));
    IntStream.range(0, pieces)
        .parallel()
        .forEach(piece -> {
          int from = (int) ((long) o.rows() * piece / pieces);
          int to = (int) ((long) o.rows() * (piece + 1) / pieces);
          rows(o, weights, x, from, to, results);
        });
    return results;
  }

  private static void rows(
      MatVecF32 o, MemorySegment weights, double[] x, int from, int to, double[] results) {
    Decoder decoder = Decoders.scalar(o.type());
    long rowBytes = o.type().bytes(o.columns());
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment decoded = arena.allocate((long) o.columns() * Float.BYTES, Float.BYTES);
      float[] row = new float[o.columns()];
      for (int r = from; r < to; r++) {
        decoder.decode(weights, r * rowBytes, decoded, 0, o.columns());
        MemorySegment.copy(decoded, ValueLayout.JAVA_FLOAT, 0, row, 0, row.length);
        for (int vector = 0; vector < o.batch(); vector++) {
          results[vector * o.rows() + r] = dot(row, x, vector * o.columns());
        }
      }
    }
  }

  private static double dot(float[] w, double[] x, int first) {
    double a = 0;
    double b = 0;
    int i = 0;
    for (; i + 1 < w.length; i += 2) {
      a += w[i] * x[first + i];
      b += w[i + 1] * x[first + i + 1];
    }
    return i < w.length ? a + b + w[i] * x[first + i] : a + b;
  }

  private static double[] bias(AddBias o, double[] x, double[] bias) {
    double[] results = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      results[i] = x[i] + bias[i % o.columns()];
    }
    return results;
  }

  private static double[] sum(double[] a, double[] b) {
    double[] results = new double[a.length];
    for (int i = 0; i < a.length; i++) {
      results[i] = a[i] + b[i];
    }
    return results;
  }

  private static double[] rotate(Rotary o, double[] x, double[] table) {
    double[] results = x.clone();
    int half = o.rotated() / 2;
    boolean interleaved = o.layout() == Rotary.Layout.INTERLEAVED;
    for (int head = 0; head < o.positions() * o.heads(); head++) {
      int angles = head / o.heads() * o.rotated();
      for (int i = 0; i < half; i++) {
        int first = head * o.headSize() + (interleaved ? 2 * i : i);
        int second = first + (interleaved ? 1 : half);
        double c = table[angles + 2 * i];
        double s = table[angles + 2 * i + 1];
        results[first] = x[first] * c - x[second] * s;
        results[second] = x[first] * s + x[second] * c;
      }
    }
    return results;
  }

  private static double[] attend(Attention o, double[] q, double[] k, double[] v) {
    AttentionScores square =
        new AttentionScores(
            o.queries(), o.heads(), o.keyValueHeads(), o.headSize(), o.cached(), o.cache());
    double[] weights =
        causalSoftmax(new CausalSoftmax(o.heads(), o.queries(), o.cached()), scores(square, q, k));
    double[] results = new double[q.length];
    int group = o.heads() / o.keyValueHeads();
    for (int query = 0; query < o.queries(); query++) {
      for (int head = 0; head < o.heads(); head++) {
        int to = (query * o.heads() + head) * o.headSize();
        int row = (head * o.queries() + query) * o.cached();
        for (int j = 0; j < o.cached() - o.queries() + query + 1; j++) {
          int from = (j * o.keyValueHeads() + head / group) * o.headSize();
          for (int i = 0; i < o.headSize(); i++) {
            results[to + i] += weights[row + j] * v[from + i];
          }
        }
      }
    }
    return results;
  }

  private static double[] scores(AttentionScores o, double[] q, double[] k) {
    double[] results = new double[Math.multiplyExact(o.heads() * o.queries(), o.cached())];
    int group = o.heads() / o.keyValueHeads();
    double scale = 1 / Math.sqrt(o.headSize());
    for (int head = 0; head < o.heads(); head++) {
      for (int query = 0; query < o.queries(); query++) {
        int row = (head * o.queries() + query) * o.cached();
        int asked = (query * o.heads() + head) * o.headSize();
        for (int j = 0; j < o.cached() - o.queries() + query + 1; j++) {
          int key = (j * o.keyValueHeads() + head / group) * o.headSize();
          double dot = 0;
          for (int i = 0; i < o.headSize(); i++) {
            dot += q[asked + i] * k[key + i];
          }
          results[row + j] = dot * scale;
        }
      }
    }
    return results;
  }

  private static double[] causalSoftmax(CausalSoftmax o, double[] scores) {
    double[] results = new double[scores.length];
    for (int head = 0; head < o.heads(); head++) {
      for (int query = 0; query < o.queries(); query++) {
        int row = (head * o.queries() + query) * o.cached();
        softmax(scores, row, o.cached() - o.queries() + query + 1, results);
      }
    }
    return results;
  }

  private static double[] softmax(Softmax o, double[] scores) {
    double[] results = new double[scores.length];
    for (int row = 0; row < o.rows(); row++) {
      softmax(scores, row * o.columns(), o.columns(), results);
    }
    return results;
  }

  private static void softmax(double[] scores, int first, int count, double[] results) {
    double largest = Double.NEGATIVE_INFINITY;
    for (int i = first; i < first + count; i++) {
      largest = Math.max(largest, scores[i]);
    }
    double sum = 0;
    for (int i = first; i < first + count; i++) {
      results[i] = Math.exp(scores[i] - largest);
      sum += results[i];
    }
    for (int i = first; i < first + count; i++) {
      results[i] /= sum;
    }
  }

  private static double silu(double x) {
    return x / (1 + Math.exp(-x));
  }

  private static double[] gated(double[] gate, double[] up) {
    double[] results = new double[gate.length];
    for (int i = 0; i < gate.length; i++) {
      results[i] = silu(gate[i]) * up[i];
    }
    return results;
  }

  /** The order of {@link TopK}: descending, equal ones by index; a row with a NaN has none. */
  private static void largest(TopK o, double[] values, ExactMemory largest, ExactMemory indices) {
    double[] kept = new double[Math.multiplyExact(o.rows(), o.k())];
    int[] places = new int[kept.length];
    for (int row = 0; row < o.rows(); row++) {
      int first = row * o.columns();
      boolean nan = Arrays.stream(values, first, first + o.columns()).anyMatch(Double::isNaN);
      List<Integer> order =
          IntStream.range(0, o.columns())
              .boxed()
              .sorted(Comparator.comparingDouble((Integer i) -> -values[first + i]))
              .toList();
      for (int i = 0; i < o.k(); i++) {
        kept[row * o.k() + i] = nan ? Double.NaN : values[first + order.get(i)];
        places[row * o.k() + i] = nan ? -1 : order.get(i);
      }
    }
    largest.set(kept);
    indices.store(MemorySegment.ofArray(places));
  }

  private static double[] weighted(WeightedSum o, double[] parts, double[] weights) {
    double[] results = new double[Math.multiplyExact(o.tokens(), o.columns())];
    for (int token = 0; token < o.tokens(); token++) {
      for (int j = 0; j < o.used(); j++) {
        double weight = weights[token * o.used() + j];
        int from = (token * o.used() + j) * o.columns();
        for (int i = 0; i < o.columns(); i++) {
          results[token * o.columns() + i] += weight * parts[from + i];
        }
      }
    }
    return results;
  }

  @Override
  public void synchronise() {}

  @Override
  public double nanoseconds(Runnable work) {
    long start = System.nanoTime();
    work.run();
    return System.nanoTime() - start;
  }

  @Override
  public double timerResolution() {
    return 1;
  }

  @Override
  public void close() {}
}
