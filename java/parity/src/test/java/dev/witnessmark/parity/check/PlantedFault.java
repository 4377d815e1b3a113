package dev.witnessmark.parity.check;

import dev.witnessmark.inference.StepRunner;
import dev.witnessmark.kernels.host.HostDevice;
import dev.witnessmark.kernels.operation.Add;
import dev.witnessmark.kernels.operation.Attention;
import dev.witnessmark.kernels.operation.GatedSilu;
import dev.witnessmark.kernels.operation.MatVecQ8;
import dev.witnessmark.kernels.operation.Operation;
import dev.witnessmark.kernels.operation.Rotary;
import dev.witnessmark.model.transformer.Stage;
import dev.witnessmark.model.transformer.StageKey;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** A mistake that kernels are made with, in one stage of one layer. */
enum PlantedFault {
  /** The scales of two neighbouring sub-blocks of Q4_K are taken for each other's. */
  SCALES_PAIRED_WRONGLY(Stage.FFN_GATE, 3),
  /** Low and high nibbles of Q4_K are exchanged. */
  NIBBLES_SWAPPED(Stage.FFN_UP, 4),
  /** The last head of attention is left out. */
  HEAD_MISSING(Stage.ATTENTION, 2),
  /** Queries are turned as if they were one position further. */
  ROTARY_OFF_BY_ONE(Stage.Q_POST_ROPE, 1),
  /** When decoding, the newest key is that of the position before. */
  KEY_ROW_STALE(Stage.ATTENTION, 5),
  /** The exponential function of three terms of its series after reduction. */
  FAST_EXP(Stage.FFN_SWIGL, 0),
  /** One addition in twenty is done before its operand is there. */
  RACE(Stage.POST_ATTN_RESIDUAL, 2);

  private static final int Q4_K_BYTES = 144;

  private final Stage stage;
  private final int layer;

  PlantedFault(Stage stage, int layer) {
    this.stage = stage;
    this.layer = layer;
  }

  /** Where the mistake is. */
  StageKey place() {
    return StageKey.of(stage, layer);
  }

  /** A device that makes this mistake. */
  StepRunner<MemorySegment> on(HostDevice device) {
    int[] calls = new int[1];
    return (key, operation, operands) -> {
      if (key.equals(place())) {
        run(device, operation, operands, calls);
      } else {
        device.run(operation, operands);
      }
    };
  }

  private void run(
      HostDevice device, Operation operation, List<MemorySegment> operands, int[] calls) {
    try (Arena arena = Arena.ofConfined()) {
      switch (this) {
        case SCALES_PAIRED_WRONGLY, NIBBLES_SWAPPED -> {
          List<MemorySegment> changed = new ArrayList<>(operands);
          if (operation instanceof MatVecQ8) {
            changed.set(0, changed(arena, operands.getFirst()));
          }
          device.run(operation, changed);
        }
        case HEAD_MISSING -> {
          device.run(operation, operands);
          if (operation instanceof Attention attention) {
            withoutLastHead(attention, operands.getLast());
          }
        }
        case ROTARY_OFF_BY_ONE -> {
          List<MemorySegment> changed = new ArrayList<>(operands);
          if (operation instanceof Rotary rotary) {
            changed.set(1, shifted(arena, operands.get(1), rotary.rotated() * 4L));
          }
          device.run(operation, changed);
        }
        case KEY_ROW_STALE -> {
          List<MemorySegment> changed = new ArrayList<>(operands);
          if (operation instanceof Attention attention && attention.queries() == 1) {
            changed.set(1, stale(arena, operands.get(1), attention));
          }
          device.run(operation, changed);
        }
        case FAST_EXP -> {
          device.run(operation, operands);
          if (operation instanceof GatedSilu product) {
            gate(product, operands);
          }
        }
        case RACE -> {
          device.run(operation, operands);
          if (operation instanceof Add && ++calls[0] % 20 == 0) {
            operands
                .getLast()
                .set(ValueLayout.JAVA_FLOAT, 0, operands.getFirst().get(ValueLayout.JAVA_FLOAT, 0));
          }
        }
      }
    }
  }

  private MemorySegment changed(Arena arena, MemorySegment weights) {
    MemorySegment copy = arena.allocate(weights.byteSize(), 256).copyFrom(weights);
    for (long block = 0; block < copy.byteSize(); block += Q4_K_BYTES) {
      if (this == SCALES_PAIRED_WRONGLY) {
        byte first = copy.get(ValueLayout.JAVA_BYTE, block + 4);
        copy.set(ValueLayout.JAVA_BYTE, block + 4, copy.get(ValueLayout.JAVA_BYTE, block + 5));
        copy.set(ValueLayout.JAVA_BYTE, block + 5, first);
      } else {
        for (long at = block + 16; at < block + Q4_K_BYTES; at++) {
          int codes = Byte.toUnsignedInt(copy.get(ValueLayout.JAVA_BYTE, at));
          copy.set(ValueLayout.JAVA_BYTE, at, (byte) (codes >> 4 | codes << 4));
        }
      }
    }
    return copy;
  }

  private static void withoutLastHead(Attention attention, MemorySegment results) {
    long row = 4L * attention.heads() * attention.headSize();
    long head = 4L * attention.headSize();
    for (long at = row - head; at < results.byteSize(); at += row) {
      results.asSlice(at, head).fill((byte) 0);
    }
  }

  private static MemorySegment shifted(Arena arena, MemorySegment table, long row) {
    MemorySegment copy = arena.allocate(table.byteSize(), 256).copyFrom(table);
    if (table.byteSize() > row) {
      MemorySegment.copy(table, row, copy, 0, table.byteSize() - row);
    }
    return copy;
  }

  private static MemorySegment stale(Arena arena, MemorySegment keys, Attention attention) {
    MemorySegment copy = arena.allocate(keys.byteSize(), 256).copyFrom(keys);
    long row = 4L * attention.keyValueHeads() * attention.headSize();
    MemorySegment.copy(keys, keys.byteSize() - 2 * row, copy, keys.byteSize() - row, row);
    return copy;
  }

  private static void gate(GatedSilu product, List<MemorySegment> operands) {
    for (long i = 0; i < product.elements(); i++) {
      float g = operands.get(0).getAtIndex(ValueLayout.JAVA_FLOAT, i);
      float up = operands.get(1).getAtIndex(ValueLayout.JAVA_FLOAT, i);
      operands.get(2).setAtIndex(ValueLayout.JAVA_FLOAT, i, g / (1 + exp(-g)) * up);
    }
  }

  private static float exp(float x) {
    double turns = x * 1.4426950408889634;
    double n = Math.rint(turns);
    double r = (turns - n) * 0.6931471805599453;
    return (float) Math.scalb(1 + r * (1 + r * (0.5 + r / 6)), (int) n);
  }
}
