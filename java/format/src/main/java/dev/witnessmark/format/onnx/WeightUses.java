package dev.witnessmark.format.onnx;

import dev.witnessmark.format.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What the nodes of a graph say about its weights: the name of an anonymous one, its orientation,
 * and how its integers are scaled. Where several nodes use one weight, the first in file order
 * speaks.
 */
final class WeightUses {

  /** Names that exporters make up: for folded constants, and for everything in old versions. */
  private static final Pattern ANONYMOUS = Pattern.compile("onnx::\\w+|\\d+|val_\\d+");

  /** The last steps of a node's path: the operation and what optimisers append to it. */
  private static final Pattern OPERATION = Pattern.compile("(Q?Gemm|(QLinear)?MatMul|Conv)");

  private static final String QUANTIZED = "_quantized";
  private static final String BIAS = ".bias";

  /** Nodes between a weight and its product, or a product and its bias; also ends cycles. */
  private static final int LONGEST_CHAIN = 6;

  /** An initializer that is a weight, and the name it goes by. */
  record Weight(String name, Initializer initializer) {}

  /** A product that takes a weight, with its dimensions exchanged on the way or not. */
  private record Use(Node node, Product product, boolean exchanged) {}

  /** The initializer that a value comes from. */
  private record Origin(Initializer initializer, boolean exchanged, boolean gathered) {}

  private final Map<String, Initializer> initializers;
  private final Map<String, Node> producers = new HashMap<>();
  private final Map<String, Node> followers = new HashMap<>();

  /** The first use of each weight, by the weight's stored name; so are the scalings. */
  private final Map<String, Use> uses = new HashMap<>();

  private final Map<String, Scaling> scalings = new HashMap<>();
  private final Set<String> parameters = new HashSet<>();

  WeightUses(Graph graph) {
    initializers = graph.initializers();
    graph.nodes().forEach(this::connect);
    // An input or output that is left out has an empty name.
    producers.remove("");
    followers.remove("");
    for (Node node : graph.nodes()) {
      if (node.operator().equals(Node.DEQUANTIZE)) {
        dequantized(node);
      }
      Product.of(node.operator()).ifPresent(product -> multiplied(node, product));
    }
    for (Scaling scaling : scalings.values()) {
      parameters.add(scaling.scale());
      parameters.add(scaling.zeroPoint());
    }
  }

  /** The initializer of this name, if there is one. */
  Optional<Initializer> initializer(String name) {
    return Optional.ofNullable(initializers.get(name));
  }

  /** The weights in file order; all names differ. */
  List<Weight> weights() {
    List<Initializer> stored =
        initializers.values().stream()
            .filter(i -> !parameters.contains(i.name()))
            .filter(i -> !i.constant() || uses.containsKey(i.name()))
            .toList();
    Set<String> taken = new HashSet<>();
    stored.stream().map(this::plainName).filter(name -> !stored(name)).forEach(taken::add);
    List<Weight> weights = new ArrayList<>(stored.size());
    for (Initializer initializer : stored) {
      String plain = plainName(initializer);
      boolean anonymous = initializer.constant() || ANONYMOUS.matcher(plain).matches();
      Optional<String> derived = anonymous ? derivedName(initializer) : Optional.empty();
      String name = derived.filter(n -> !stored(n)).filter(taken::add).orElse(plain);
      weights.add(new Weight(name, initializer));
    }
    return weights;
  }

  /** True for a matrix that is stored {@code [in, out]}. */
  boolean transposed(Initializer weight) {
    Use use = uses.get(weight.name());
    return use != null
        && weight.shape().rank() == 2
        && use.product().inputsFirst(use.node()) != use.exchanged();
  }

  /** How the integers of {@code weight} are scaled; empty if they are not. */
  Optional<Scaling> scaling(Initializer weight) {
    return Optional.ofNullable(scalings.get(weight.name()));
  }

  private void connect(Node node) {
    producers.putIfAbsent(node.output(), node);
    switch (node.operator()) {
      case Node.ADD, Node.CAST, Node.MULTIPLY -> {
        followers.putIfAbsent(node.input(0), node);
        followers.putIfAbsent(node.input(1), node);
      }
      default -> {
        // Not on the way from a product to its bias.
      }
    }
  }

  private void dequantized(Node node) {
    origin(node.input(0))
        .ifPresent(origin -> {
          // Which dimension of a gathered weight the axis was depends on the indices.
          OptionalLong axis =
              origin.gathered() ? OptionalLong.empty() : OptionalLong.of(axis(origin, node.axis()));
          scalings.putIfAbsent(
              origin.initializer().name(),
              new Scaling(node.input(1), node.input(2), axis, node.blockSize()));
        });
  }

  private void multiplied(Node node, Product product) {
    Optional<Origin> found = origin(product.weight(node)).filter(origin -> !origin.gathered());
    if (found.isEmpty()) {
      return;
    }
    Origin origin = found.get();
    Initializer weight = origin.initializer();
    uses.putIfAbsent(weight.name(), new Use(node, product, origin.exchanged()));
    String scale =
        product.scaledLater() ? withoutSuffix(weight.name()) + "_scale" : product.scale(node);
    if (!scale.isEmpty()) {
      long axis = axis(origin, product.outputAxis(node, weight.shape().rank()));
      scalings.putIfAbsent(
          weight.name(), new Scaling(scale, product.zeroPoint(node), OptionalLong.of(axis), 0));
    }
  }

  /** The dimension of the stored weight that is dimension {@code axis} of the value it becomes. */
  private static long axis(Origin origin, long axis) {
    int rank = origin.initializer().shape().rank();
    long counted = axis < 0 ? axis + rank : axis;
    return origin.exchanged() && rank == 2 ? 1 - counted : counted;
  }

  private Optional<Origin> origin(String value) {
    boolean exchanged = false;
    boolean gathered = false;
    String current = value;
    for (int step = 0; step < LONGEST_CHAIN; step++) {
      Initializer initializer = initializers.get(current);
      if (initializer != null) {
        return Optional.of(new Origin(initializer, exchanged, gathered));
      }
      Node producer = producers.get(current);
      if (producer == null) {
        return Optional.empty();
      }
      switch (producer.operator()) {
        case Node.DEQUANTIZE, Node.CAST, Node.IDENTITY -> {}
        case Node.TRANSPOSE -> exchanged ^= producer.exchangesDimensions();
        case Node.GATHER -> gathered = true;
        default -> {
          return Optional.empty();
        }
      }
      current = producer.input(0);
    }
    return Optional.empty();
  }

  /** The stored name, without what quantisation appended. */
  private String plainName(Initializer weight) {
    String plain = withoutSuffix(weight.name());
    return scalings.containsKey(weight.name()) && !stored(plain) ? plain : weight.name();
  }

  private boolean stored(String name) {
    return initializers.containsKey(name);
  }

  private static String withoutSuffix(String name) {
    return name.endsWith(QUANTIZED) ? name.substring(0, name.length() - QUANTIZED.length()) : name;
  }

  /**
   * A name from the first use: that of its bias, which is the module's own word, or else the path
   * of the node.
   */
  private Optional<String> derivedName(Initializer weight) {
    Use use = uses.get(weight.name());
    if (use == null) {
      return Optional.empty();
    }
    return moduleOfBias(weight, use)
        .or(() -> moduleOfNode(use.node()))
        .map(module -> module + ".weight");
  }

  private Optional<String> moduleOfBias(Initializer weight, Use use) {
    String bias = use.product().bias(use.node());
    String product = use.node().output();
    for (int step = 0; bias.isEmpty() && step < LONGEST_CHAIN; step++) {
      Node follower = followers.get(product);
      if (follower == null) {
        return Optional.empty();
      }
      if (follower.operator().equals(Node.ADD)) {
        bias = follower.input(follower.input(0).equals(product) ? 1 : 0);
      } else if (!use.product().scaledLater()) {
        return Optional.empty();
      }
      product = follower.output();
    }
    return origin(bias)
        .map(Origin::initializer)
        .filter(found -> found.shape().equals(Shape.of(outputs(weight))))
        .map(this::plainName)
        .filter(name -> name.endsWith(BIAS))
        .map(name -> name.substring(0, name.length() - BIAS.length()));
  }

  private long outputs(Initializer weight) {
    return transposed(weight) ? weight.shape().columns() : weight.shape().rows();
  }

  /** {@code /encoder/layer.0/output/dense/MatMul} belongs to encoder.layer.0.output.dense. */
  private static Optional<String> moduleOfNode(Node node) {
    List<String> path = new ArrayList<>(Arrays.asList(node.name().split("/")));
    path.removeIf(String::isEmpty);
    int named = path.size();
    while (!path.isEmpty() && OPERATION.matcher(path.getLast()).lookingAt()) {
      path.removeLast();
    }
    return path.isEmpty() || path.size() == named
        ? Optional.empty()
        : Optional.of(String.join(".", path));
  }
}
