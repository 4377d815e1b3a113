package dev.witnessmark.format.onnx;

import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Metadata;
import dev.witnessmark.format.MetadataValue;
import dev.witnessmark.format.Name;
import dev.witnessmark.format.Printable;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.Shape;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Streams a {@code ModelProto} into a {@link Graph}. */
final class GraphParser {

  /** As many as safetensors allows; ONNX names no limit. */
  private static final int MOST_DIMENSIONS = 8;

  /** {@code TensorProto.data_location}: in another file. */
  private static final long EXTERNAL = 1;

  private final ByteSource source;
  private final Limits limits;
  private final ProtobufCursor cursor;

  private final Map<String, MetadataValue> metadata = new LinkedHashMap<>();
  private final Map<String, Initializer> initializers = new LinkedHashMap<>();
  private final List<Node> nodes = new ArrayList<>();
  private long irVersion;
  private long nodeCount;
  private boolean graphSeen;

  private GraphParser(ByteSource source, Limits limits, HeaderBudget budget) {
    this.source = source;
    this.limits = limits;
    this.cursor = new ProtobufCursor(source, 0, source.size(), "model", budget);
  }

  /**
   * Reads the description of a whole model.
   *
   * @throws Refusal if it is not a model, breaks the wire format or exceeds {@code limits}
   */
  static Graph parse(ByteSource source, Limits limits, HeaderBudget budget) throws IOException {
    return new GraphParser(source, limits, budget).model();
  }

  private Graph model() throws IOException {
    cursor.fields(field -> {
      switch (field) {
        case 1 -> {
          cursor.once();
          irVersion = cursor.integer();
          put("onnx.ir_version", whole(irVersion));
        }
        case 2 -> putText("onnx.producer_name");
        case 3 -> putText("onnx.producer_version");
        case 4 -> putText("onnx.domain");
        case 5 -> putWhole("onnx.model_version");
        case 7 -> {
          cursor.once();
          graphSeen = true;
          cursor.message("graph", this::graphField);
        }
        case 8 -> operatorSet();
        case 14 -> metadataProperty();
        default -> cursor.skip();
      }
    });
    if (!graphSeen) {
      throw new Refusal.Malformed(
          source.name(), "model", source.size(), "there is no graph; is this an ONNX model?");
    }
    return new Graph(irVersion, new Metadata(metadata), initializers, nodes);
  }

  private void operatorSet() throws IOException {
    OperatorSet set = new OperatorSet();
    cursor.message("opset_import", set::field);
    put("onnx.opset." + (set.domain.isEmpty() ? "ai.onnx" : set.domain), whole(set.version));
  }

  private void metadataProperty() throws IOException {
    Entry property = new Entry(limits.textBytes());
    cursor.message("metadata_props", property::field);
    put(property.key, new MetadataValue.Text(property.value));
  }

  private void putText(String key) throws IOException {
    put(key, new MetadataValue.Text(cursor.text(limits.textBytes())));
  }

  private void putWhole(String key) throws IOException {
    put(key, whole(cursor.integer()));
  }

  private void put(String key, MetadataValue value) throws Refusal {
    within("number of metadata keys", metadata.size() + 1L, limits.metadataKeys());
    if (metadata.putIfAbsent(key, value) != null) {
      throw new Refusal.Duplicate(
          source.name(), "metadata " + key, cursor.fieldOffset(), "this key is there twice");
    }
  }

  private void graphField(int field) throws IOException {
    switch (field) {
      case 1 -> node();
      case 5 -> initializer();
      case 15 -> throw unsupported("sparse initializers are not read; store the weights dense");
      default -> cursor.skip();
    }
  }

  private void initializer() throws IOException {
    TensorFields tensor = new TensorFields();
    cursor.message("initializer " + initializers.size(), tensor::field);
    add(tensor.initializer(tensor.name, false));
  }

  private void node() throws IOException {
    nodeCount++;
    within("number of nodes", nodeCount, limits.tensors());
    NodeFields node = new NodeFields();
    cursor.message("node " + (nodeCount - 1), node::field);
    if (Node.packed(node.operator)) {
      throw unsupported(
          "the weights of %s have several values in a byte and are not read; export them as float"
              .formatted(node.operator));
    }
    if (node.operator.equals(Node.CONSTANT) && node.value != null && !node.output.isEmpty()) {
      add(node.value.initializer(node.output, true));
    } else if (Node.matters(node.operator)) {
      nodes.add(node.node());
    }
  }

  private void add(Initializer initializer) throws Refusal {
    within("number of initializers", initializers.size() + 1L, limits.tensors());
    Name.checkPlain(source.name(), initializer.name(), initializer.offset(), limits);
    Initializer before = initializers.putIfAbsent(initializer.name(), initializer);
    // The branches of an If may use one name for a constant each; initializers are unique.
    if (before != null && !(before.constant() && initializer.constant())) {
      throw new Refusal.Duplicate(
          source.name(),
          initializer.subject(),
          initializer.offset(),
          "a second initializer of this name");
    }
  }

  private void within(String what, long found, long allowed) throws Refusal.LimitExceeded {
    if (found > allowed) {
      throw new Refusal.LimitExceeded(
          source.name(), cursor.subject(), cursor.fieldOffset(), what, found, allowed);
    }
  }

  private Refusal.Unsupported unsupported(String detail) {
    return new Refusal.Unsupported(source.name(), cursor.subject(), cursor.fieldOffset(), detail);
  }

  private Refusal.Malformed malformed(String detail) {
    return new Refusal.Malformed(source.name(), cursor.subject(), cursor.fieldOffset(), detail);
  }

  private static MetadataValue whole(long value) {
    return new MetadataValue.Whole(BigInteger.valueOf(value));
  }

  /** {@code OperatorSetIdProto}. */
  private final class OperatorSet {
    private String domain = "";
    private long version;

    void field(int field) throws IOException {
      switch (field) {
        case 1 -> domain = cursor.name(limits);
        case 2 -> version = cursor.integer();
        default -> cursor.skip();
      }
    }
  }

  /** {@code StringStringEntryProto}. */
  private final class Entry {
    private final long limit;
    private String key = "";
    private String value = "";

    Entry(long limit) {
      this.limit = limit;
    }

    void field(int field) throws IOException {
      switch (field) {
        case 1 -> key = cursor.name(limits);
        case 2 -> value = cursor.text(limit);
        default -> cursor.skip();
      }
    }
  }

  /** {@code NodeProto}. */
  private final class NodeFields {
    private final List<String> inputs = new ArrayList<>();
    private String output = "";
    private boolean outputSeen;
    private String name = "";
    private String operator = "";
    private long axis = 1;
    private long blockSize;
    private boolean transB;
    private List<Long> permutation = List.of();
    private @Nullable TensorFields value;

    void field(int field) throws IOException {
      switch (field) {
        case 1 -> input();
        case 2 -> output();
        case 3 -> {
          cursor.once();
          name = cursor.name(limits);
        }
        case 4 -> {
          cursor.once();
          operator = cursor.name(limits);
        }
        case 5 -> attribute();
        default -> cursor.skip();
      }
    }

    private void input() throws IOException {
      if (inputs.size() < Node.INPUTS) {
        inputs.add(cursor.name(limits));
      } else {
        cursor.skip();
      }
    }

    private void output() throws IOException {
      if (outputSeen) {
        cursor.skip();
      } else {
        output = cursor.name(limits);
        outputSeen = true;
      }
    }

    private void attribute() throws IOException {
      AttributeFields attribute = new AttributeFields();
      cursor.message("attribute of node " + (nodeCount - 1), attribute::field);
      switch (attribute.name) {
        case "axis" -> axis = attribute.integer;
        case "block_size" -> blockSize = attribute.integer;
        case "perm" -> permutation = attribute.integers;
        case "transB" -> transB = attribute.integer != 0;
        case "value" -> value = attribute.tensor;
        default -> {
          // Says nothing about a weight.
        }
      }
    }

    Node node() {
      return new Node(operator, name, inputs, output, axis, blockSize, transB, permutation);
    }
  }

  /** {@code AttributeProto}. */
  private final class AttributeFields {
    private String name = "";
    private long integer;
    private final List<Long> integers = new ArrayList<>();
    private @Nullable TensorFields tensor;

    void field(int field) throws IOException {
      switch (field) {
        case 1 -> {
          cursor.once();
          name = cursor.name(limits);
        }
        case 3 -> integer = cursor.integer();
        case 5 -> {
          cursor.once();
          tensor = new TensorFields();
          cursor.message("attribute tensor of node " + (nodeCount - 1), tensor::field);
        }
        case 6, 11 -> cursor.message("subgraph", GraphParser.this::graphField);
        // Only permutations are of interest, and no tensor has more dimensions.
        case 8 ->
            cursor.integers(value -> {
              if (integers.size() < MOST_DIMENSIONS) {
                integers.add(value);
              }
            });
        default -> cursor.skip();
      }
    }
  }

  /** {@code TensorProto}. */
  private final class TensorFields {
    private final long offset = cursor.fieldOffset();
    private final long[] dimensions = new long[MOST_DIMENSIONS];
    private int rank;
    private long dataType;
    private String name = "";
    private Payload.@Nullable Inside inside;
    private long location;
    private @Nullable String file;
    private @Nullable Long fileOffset;
    private @Nullable Long fileBytes;

    void field(int field) throws IOException {
      switch (field) {
        case 1 -> cursor.integers(this::dimension);
        case 2 -> {
          cursor.once();
          dataType = cursor.integer();
        }
        case 8 -> {
          cursor.once();
          name = cursor.name(limits);
        }
        case ElementType.Field.FLOAT_DATA,
            ElementType.Field.INT32_DATA,
            ElementType.Field.INT64_DATA,
            ElementType.Field.RAW_DATA,
            ElementType.Field.DOUBLE_DATA,
            ElementType.Field.UINT64_DATA ->
            values(field);
        case 13 -> externalData();
        case 14 -> {
          cursor.once();
          location = cursor.integer();
        }
        default -> cursor.skip();
      }
    }

    private void dimension(long dimension) throws Refusal {
      within("number of dimensions", rank + 1L, MOST_DIMENSIONS);
      if (dimension < 0) {
        throw malformed("a dimension is " + dimension);
      }
      dimensions[rank++] = dimension;
    }

    private void values(int field) throws IOException {
      cursor.once();
      ProtobufCursor.Span span = cursor.span();
      if (span.bytes() == 0) {
        return;
      }
      if (inside != null) {
        throw malformed("fields %d and %d both hold values".formatted(inside.field(), field));
      }
      inside = new Payload.Inside(field, span.offset(), span.bytes());
    }

    private void externalData() throws IOException {
      Entry entry = new Entry(limits.nameBytes());
      cursor.message("external_data", entry::field);
      switch (entry.key) {
        case "location" -> {
          unset(file, entry.key);
          file = entry.value;
        }
        case "offset" -> {
          unset(fileOffset, entry.key);
          fileOffset = decimal(entry);
        }
        case "length" -> {
          unset(fileBytes, entry.key);
          fileBytes = decimal(entry);
        }
        default -> {
          // A checksum, or something that does not say where the values are.
        }
      }
    }

    private void unset(@Nullable Object before, String key) throws Refusal.Duplicate {
      if (before != null) {
        throw new Refusal.Duplicate(
            source.name(), "external_data " + key, cursor.fieldOffset(), "this key is there twice");
      }
    }

    private long decimal(Entry entry) throws Refusal.Malformed {
      boolean digits = entry.value.chars().allMatch(c -> c >= '0' && c <= '9');
      try {
        if (digits) {
          return Long.parseLong(entry.value);
        }
      } catch (NumberFormatException tooLarge) {
        // Refused below, together with what is no number at all.
      }
      throw malformed(
          "external_data %s is '%s', expected a number"
              .formatted(entry.key, Printable.of(entry.value)));
    }

    Initializer initializer(String name, boolean constant) throws Refusal {
      return new Initializer(name, dataType, shape(), payload(), constant, offset);
    }

    private Shape shape() throws Refusal.SizeOverflow {
      long[] lengths = Arrays.copyOf(dimensions, rank);
      try {
        return Shape.of(lengths);
      } catch (ArithmeticException overflow) {
        throw new Refusal.SizeOverflow(
            source.name(),
            "initializer " + name,
            offset,
            "the product of the dimensions %s does not fit in 63 bits"
                .formatted(Arrays.toString(lengths)));
      }
    }

    private Payload payload() throws Refusal.Malformed {
      if (location != EXTERNAL) {
        return inside == null ? new Payload.Absent() : inside;
      }
      if (inside != null || file == null) {
        throw new Refusal.Malformed(
            source.name(),
            "initializer " + name,
            offset,
            inside == null
                ? "its values are in another file, which is not named"
                : "its values are both here and in another file");
      }
      return new Payload.Outside(
          file,
          fileOffset == null ? 0 : fileOffset,
          fileBytes == null ? OptionalLong.empty() : OptionalLong.of(fileBytes));
    }
  }
}
