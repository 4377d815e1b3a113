package dev.witnessmark.bench;

import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.FileByteSource;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.MetadataValue;
import dev.witnessmark.format.Name;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.json.JsonInput;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads documents {@code wmark-bench-v1}, strictly: a field that the schema does not know, one that
 * is there twice or not at all, a number that cannot be a time, each is a {@link Refusal} that
 * names the JSON pointer and the byte offset. Memory grows with what was read, never with what a
 * number says.
 */
public final class BenchResultReader {

  /** Samples, clocks and ratios of a document: judging works through them thousands of times. */
  static final int MOST_NUMBERS = 2_000_000;

  /** Forks of a cell, samples of a fork; no measurement needs more. */
  static final int MOST_IN_LIST = 10_000;

  private static final int MOST_DEVICES = 100;

  private static final int MOST_CELLS = 100_000;

  /** No kernel has more. */
  private static final int MOST_EXTENTS = 8;

  /** Outside of it no time, clock or rate can be measured, and products could overflow. */
  private static final double SMALLEST = 1e-12;

  private static final double LARGEST = 1e24;

  private static final Field SCHEMA = Field.text("schema");
  private static final List<Field> DOCUMENT =
      List.of(
          SCHEMA,
          Field.nested("devices"),
          Field.nested("cells"),
          Field.nested("check"),
          Field.nested("runRecord"));
  private static final List<Field> DEVICE =
      List.of(
          Field.text("id"),
          Field.oneOf("kind", Kind.TEXT, "cpu", "cuda", "emulated"),
          Field.text("name"),
          Field.optionalText("uuid"),
          Field.optionalText("driver"),
          Field.measure("timerResolutionNanoseconds"),
          Field.optionalMeasure("copyBytesPerSecond"),
          Field.optionalMeasure("matrixOperationsPerSecond"),
          Field.optionalMeasure("datasheetBytesPerSecond"),
          Field.optionalMeasure("datasheetOperationsPerSecond"));
  private static final List<Field> CELL =
      List.of(
          Field.text("kernel"),
          Field.optionalText("type"),
          Field.nested("shape"),
          Field.optionalCount("batch"),
          Field.text("device"),
          Field.optionalCount("threads"),
          Field.oneOf("path", Kind.OPTIONAL_TEXT, "f32", "q8"),
          Field.oneOf("arithmetic", Kind.OPTIONAL_TEXT, "canonical", "fast"),
          Field.oneOf("cache", Kind.OPTIONAL_TEXT, "cold", "warm"),
          Field.optionalText("variant"),
          Field.optionalCount("bytes"),
          Field.optionalCount("operations"),
          Field.count("launchesPerSample"),
          Field.optionalMeasure("launchOverheadNanoseconds"),
          Field.nested("aaRatios"),
          Field.nested("forks"));
  private static final List<Field> FORK =
      List.of(Field.nested("nanoseconds"), Field.nested("megahertz"), Field.nested("throttled"));
  private static final List<Field> CHECK =
      List.of(
          Field.text("kernel"),
          Field.text("of"),
          Field.count("trials"),
          Field.tally("equal"),
          Field.tally("withinBudget"),
          Field.optionalText("firstDifference"));
  private static final List<Field> RUN =
      List.of(Field.text("tool"), Field.nested("arguments"), Field.text("runtime"));

  private final String file;
  private final JsonInput json;
  private final Limits limits;
  private int numbers;

  private BenchResultReader(String file, JsonInput json, Limits limits) {
    this.file = file;
    this.json = json;
    this.limits = limits;
  }

  /**
   * Reads the document in {@code path}.
   *
   * @throws Refusal if it is no such document
   */
  public static BenchResult read(Path path, Limits limits) throws IOException {
    try (FileByteSource source = FileByteSource.open(path)) {
      return read(source, limits);
    }
  }

  /** As {@link #read(Path, Limits)}, from what is already open. */
  public static BenchResult read(ByteSource source, Limits limits) throws IOException {
    try (JsonInput json = JsonInput.object(source, 0, source.size(), limits)) {
      BenchResult result = new BenchResultReader(source.name(), json, limits).document();
      json.finish();
      return result;
    }
  }

  private BenchResult document() throws IOException {
    List<BenchDevice> devices = new ArrayList<>();
    List<UnplacedCell> cells = new ArrayList<>();
    List<KernelCheck> check = new ArrayList<>();
    List<BenchRun> run = new ArrayList<>();
    members(
        "",
        DOCUMENT,
        (name, pointer) -> {
          switch (name) {
            case "devices" -> elements(pointer, MOST_DEVICES, each -> devices.add(device(each)));
            case "cells" -> elements(pointer, MOST_CELLS, each -> cells.add(cell(each)));
            case "check" -> {
              if (!json.atNull()) {
                check.add(check(pointer));
              }
            }
            default -> run.add(runRecord(pointer));
          }
        });
    if (cells.isEmpty()) {
      throw new Refusal.Malformed(file, "/cells", -1, "holds no cell; measure something");
    }
    return new BenchResult(
        devices,
        placed(cells, byId(devices)),
        run.getFirst(),
        check.isEmpty() ? null : check.getFirst());
  }

  private Map<String, BenchDevice> byId(List<BenchDevice> devices) throws Refusal {
    Map<String, BenchDevice> byId = new HashMap<>();
    for (BenchDevice device : devices) {
      if (byId.put(device.id(), device) != null) {
        throw new Refusal.Duplicate(
            file, "/devices", -1, "the id " + device.id() + " is there twice; number them");
      }
    }
    return byId;
  }

  private List<Cell> placed(List<UnplacedCell> unplaced, Map<String, BenchDevice> devices)
      throws Refusal {
    List<Cell> cells = new ArrayList<>();
    Set<CellKey> keys = new HashSet<>();
    for (int i = 0; i < unplaced.size(); i++) {
      String pointer = "/cells/" + i;
      String id = unplaced.get(i).device();
      BenchDevice device = devices.get(id);
      if (device == null) {
        throw new Refusal.Malformed(
            file, pointer + "/device", -1, "there is no device " + id + " in /devices; add it");
      }
      Cell cell = unplaced.get(i).on(device);
      if (!keys.add(cell.key())) {
        throw new Refusal.Duplicate(
            file,
            pointer,
            -1,
            cell.key().label() + " is there twice; samples of several runs are forks of one cell");
      }
      cells.add(cell);
    }
    return cells;
  }

  private BenchDevice device(String pointer) throws IOException {
    Members members = members(pointer, DEVICE, (name, nested) -> {});
    return new BenchDevice(
        members.text("id"),
        new DeviceIdentity(
            members.text("kind"), members.text("name"), members.optionalText("uuid")),
        members.optionalText("driver"),
        members.measure("timerResolutionNanoseconds"),
        members.optionalMeasure("copyBytesPerSecond"),
        members.optionalMeasure("matrixOperationsPerSecond"),
        members.optionalMeasure("datasheetBytesPerSecond"),
        members.optionalMeasure("datasheetOperationsPerSecond"));
  }

  private KernelCheck check(String pointer) throws IOException {
    Members members = members(pointer, CHECK, (name, nested) -> {});
    long trials = members.count("trials");
    long equal = members.count("equal");
    long within = members.count("withinBudget");
    if (equal > within || within > trials) {
      throw new Refusal.Malformed(
          file,
          pointer,
          json.offset(),
          "%d equal, %d within the budget and %d trials do not ascend"
              .formatted(equal, within, trials));
    }
    return new KernelCheck(
        members.text("kernel"),
        members.text("of"),
        trials,
        equal,
        within,
        members.optionalText("firstDifference"));
  }

  private BenchRun runRecord(String pointer) throws IOException {
    List<String> arguments = new ArrayList<>();
    Members members =
        members(
            pointer,
            RUN,
            (name, nested) ->
                elements(nested, MOST_IN_LIST, each -> arguments.add(json.text(each))));
    return new BenchRun(members.text("tool"), arguments, members.text("runtime"));
  }

  private UnplacedCell cell(String pointer) throws IOException {
    List<Long> shape = new ArrayList<>();
    List<Double> aaRatios = new ArrayList<>();
    List<Fork> forks = new ArrayList<>();
    Members members =
        members(
            pointer,
            CELL,
            (name, nested) -> {
              switch (name) {
                case "shape" -> elements(nested, MOST_EXTENTS, each -> shape.add(json.count(each)));
                case "aaRatios" ->
                    elements(nested, MOST_IN_LIST, each -> aaRatios.add(sample(each)));
                default -> elements(nested, MOST_IN_LIST, each -> forks.add(fork(each)));
              }
            });
    if (forks.isEmpty()) {
      throw new Refusal.Malformed(
          file, pointer + "/forks", json.offset(), "holds no fork, so there is no sample");
    }
    return new UnplacedCell(members, shape, aaRatios, forks);
  }

  private Fork fork(String pointer) throws IOException {
    Samples times = new Samples();
    Samples clocks = new Samples();
    BitSet throttled = new BitSet();
    members(
        pointer,
        FORK,
        (name, nested) -> {
          switch (name) {
            case "nanoseconds" -> elements(nested, MOST_IN_LIST, each -> times.add(sample(each)));
            case "megahertz" -> {
              if (!json.atNull()) {
                clocks.known = true;
                elements(nested, MOST_IN_LIST, each -> clocks.add(sample(each)));
              }
            }
            default ->
                elements(
                    nested, MOST_IN_LIST, each -> throttled.set(index(each, throttled.length())));
          }
        });
    if (times.size == 0) {
      throw new Refusal.Malformed(file, pointer + "/nanoseconds", json.offset(), "holds no sample");
    }
    if (clocks.known && clocks.size != times.size) {
      throw new Refusal.Inconsistent(
          file, pointer + "/megahertz", json.offset(), "its length", clocks.size, times.size);
    }
    if (throttled.length() > times.size) {
      throw new Refusal.Inconsistent(
          file,
          pointer + "/throttled",
          json.offset(),
          "its last index",
          throttled.length() - 1L,
          times.size - 1L);
    }
    return new Fork(times.toArray(), clocks.known ? clocks.toArray() : null, throttled);
  }

  /** An index of a sample, at least {@code least}: indices ascend. */
  private int index(String pointer, int least) throws IOException {
    long index = json.count(pointer);
    if (index < least || index >= MOST_IN_LIST) {
      throw new Refusal.Malformed(
          file,
          pointer,
          json.offset(),
          "%d is not from %d to %d; list indices of samples ascending, each once"
              .formatted(index, least, MOST_IN_LIST - 1));
    }
    return (int) index;
  }

  /** A time, clock or ratio; counted, whatever list it is in. */
  private double sample(String pointer) throws IOException {
    numbers++;
    if (numbers > MOST_NUMBERS) {
      throw new Refusal.Unsupported(
          file,
          pointer,
          json.offset(),
          "more than %,d numbers; let each sample be the mean of more launches"
              .formatted(MOST_NUMBERS));
    }
    return measure(pointer);
  }

  private double measure(String pointer) throws IOException {
    long offset = json.offset();
    double value =
        switch (json.scalar(pointer)) {
          case MetadataValue.Whole(var whole) -> whole.doubleValue();
          case MetadataValue.Real(double real) -> real;
          default -> Double.NaN;
        };
    if (!(value >= SMALLEST && value <= LARGEST)) {
      throw new Refusal.Malformed(
          file,
          pointer,
          offset,
          "%s must be a number from %s to %s; a time of 0 needs more launches per sample"
              .formatted(value, SMALLEST, LARGEST));
    }
    return value;
  }

  /** Reads an object whose fields are exactly {@code fields}, in any order. */
  private Members members(String pointer, List<Field> fields, Nested nested) throws IOException {
    if (!pointer.isEmpty()) {
      json.requireObject(pointer);
    }
    long offset = json.offset();
    Map<String, Field> byName =
        fields.stream().collect(Collectors.toMap(Field::name, field -> field));
    Members members = new Members();
    while (json.nextMember()) {
      String name = json.name();
      String here = pointer + "/" + name.replace("~", "~0").replace("/", "~1");
      Field field = byName.remove(name);
      if (field == null) {
        throw new Refusal.Malformed(
            file, here, json.offset(), "is no field of " + BenchResult.SCHEMA + "; remove it");
      }
      json.enterValue();
      if (field.kind() == Kind.NESTED) {
        nested.read(name, here);
      } else {
        value(field, here, members);
      }
    }
    if (!byName.isEmpty()) {
      throw new Refusal.Malformed(
          file,
          pointer.isEmpty() ? "/" : pointer,
          offset,
          "has no field "
              + fields.stream()
                  .map(Field::name)
                  .filter(byName::containsKey)
                  .collect(Collectors.joining(", "))
              + "; write null for what is not known, where the schema allows it");
    }
    return members;
  }

  private void value(Field field, String pointer, Members members) throws IOException {
    if (field.kind().optional && json.atNull()) {
      return;
    }
    switch (field.kind()) {
      case TEXT, OPTIONAL_TEXT -> members.texts.put(field.name(), text(field, pointer));
      case COUNT, OPTIONAL_COUNT -> {
        long count = json.count(pointer);
        if (count == 0) {
          throw new Refusal.Malformed(
              file, pointer, json.offset(), "is 0, must be at least 1, or null where allowed");
        }
        members.counts.put(field.name(), count);
      }
      case TALLY -> members.counts.put(field.name(), json.count(pointer));
      case MEASURE, OPTIONAL_MEASURE -> members.measures.put(field.name(), measure(pointer));
      case NESTED -> throw new IllegalStateException(field.name());
    }
  }

  private String text(Field field, String pointer) throws IOException {
    String text = json.text(pointer);
    if (field.equals(SCHEMA) && !text.equals(BenchResult.SCHEMA)) {
      throw new Refusal.Unsupported(
          file,
          pointer,
          json.offset(),
          "is %s; this version reads %s: measure again with it"
              .formatted(text, BenchResult.SCHEMA));
    }
    if (!field.values().isEmpty() && !field.values().contains(text)) {
      throw new Refusal.Malformed(
          file,
          pointer,
          json.offset(),
          "is %s, must be one of %s".formatted(text, String.join(", ", field.values())));
    }
    if (text.isEmpty()) {
      throw new Refusal.Malformed(
          file,
          pointer,
          json.offset(),
          "is empty; write null for what is not known, where allowed");
    }
    Name.check(file, text, json.offset(), limits);
    return text;
  }

  private void elements(String pointer, int most, Element element) throws IOException {
    json.requireArray(pointer);
    for (int i = 0; json.nextElement(); i++) {
      if (i == most) {
        throw new Refusal.Unsupported(
            file, pointer, json.offset(), "has more than %,d elements".formatted(most));
      }
      element.read(pointer + "/" + i);
    }
  }

  private enum Kind {
    TEXT(false),
    OPTIONAL_TEXT(true),
    /** May be 0. */
    TALLY(false),
    COUNT(false),
    OPTIONAL_COUNT(true),
    MEASURE(false),
    OPTIONAL_MEASURE(true),
    NESTED(false);

    private final boolean optional;

    Kind(boolean optional) {
      this.optional = optional;
    }
  }

  /**
   * A field of an object.
   *
   * @param values the texts that it may hold; empty if any
   */
  private record Field(String name, Kind kind, List<String> values) {

    static Field text(String name) {
      return new Field(name, Kind.TEXT, List.of());
    }

    static Field optionalText(String name) {
      return new Field(name, Kind.OPTIONAL_TEXT, List.of());
    }

    static Field oneOf(String name, Kind kind, String... values) {
      return new Field(name, kind, List.of(values));
    }

    static Field tally(String name) {
      return new Field(name, Kind.TALLY, List.of());
    }

    static Field count(String name) {
      return new Field(name, Kind.COUNT, List.of());
    }

    static Field optionalCount(String name) {
      return new Field(name, Kind.OPTIONAL_COUNT, List.of());
    }

    static Field measure(String name) {
      return new Field(name, Kind.MEASURE, List.of());
    }

    static Field optionalMeasure(String name) {
      return new Field(name, Kind.OPTIONAL_MEASURE, List.of());
    }

    static Field nested(String name) {
      return new Field(name, Kind.NESTED, List.of());
    }
  }

  /** Reads the value of a field that is an array or object. */
  private interface Nested {
    void read(String name, String pointer) throws IOException;
  }

  /** Reads one element of an array. */
  private interface Element {
    void read(String pointer) throws IOException;
  }

  /** The simple values of an object; those that are required are there. */
  private static final class Members {
    private final Map<String, String> texts = new HashMap<>();
    private final Map<String, Long> counts = new HashMap<>();
    private final Map<String, Double> measures = new HashMap<>();

    String text(String name) {
      return required(texts, name);
    }

    @Nullable String optionalText(String name) {
      return texts.get(name);
    }

    long count(String name) {
      return required(counts, name);
    }

    @Nullable Long optionalCount(String name) {
      return counts.get(name);
    }

    double measure(String name) {
      return required(measures, name);
    }

    @Nullable Double optionalMeasure(String name) {
      return measures.get(name);
    }

    private static <T> T required(Map<String, T> values, String name) {
      return Objects.requireNonNull(values.get(name), name);
    }
  }

  /** A cell whose device may stand further on in the document. */
  private record UnplacedCell(
      Members members, List<Long> shape, List<Double> aaRatios, List<Fork> forks) {

    String device() {
      return members.text("device");
    }

    Cell on(BenchDevice device) {
      return new Cell(
          new CellKey(
              members.text("kernel"),
              members.optionalText("type"),
              shape,
              members.optionalCount("batch"),
              device.identity(),
              members.optionalCount("threads"),
              members.optionalText("path"),
              members.optionalText("arithmetic"),
              members.optionalText("cache")),
          device.id(),
          members.optionalText("variant"),
          members.optionalCount("bytes"),
          members.optionalCount("operations"),
          members.count("launchesPerSample"),
          members.optionalMeasure("launchOverheadNanoseconds"),
          aaRatios,
          forks);
    }
  }

  /** Numbers that were read, growing as they come. */
  private static final class Samples {
    private double[] values = new double[16];
    private int size;
    private boolean known;

    void add(double value) {
      if (size == values.length) {
        values = Arrays.copyOf(values, 2 * size);
      }
      values[size++] = value;
    }

    double[] toArray() {
      return Arrays.copyOf(values, size);
    }
  }
}
