package dev.witnessmark.parity.check;

import dev.witnessmark.inference.ForwardPass;
import dev.witnessmark.inference.LaunchMode;
import dev.witnessmark.inference.StageSink;
import dev.witnessmark.inference.StageTensor;
import dev.witnessmark.kernels.operation.Device;
import dev.witnessmark.model.transformer.Stage;
import dev.witnessmark.model.transformer.StageKey;
import dev.witnessmark.parity.check.RunCheck.Place;
import dev.witnessmark.parity.trace.Sequence;
import dev.witnessmark.parity.trace.SummarySink;
import dev.witnessmark.verdict.CouldNotCompare;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * A run of a sequence.
 *
 * @param mode how work was launched
 * @param repetition number of the run in its mode, from 1
 * @param hashes of all bits of every stage of every call, in the order in which they were made
 * @param logits after each call
 */
record ObservedRun(
    LaunchMode mode, int repetition, SequencedMap<Place, Long> hashes, List<float[]> logits) {

  /** Runs {@code sequence} on {@code pass}, which launches work in {@code mode}. */
  static <D> ObservedRun of(
      ForwardPass<D> pass, Device<D> device, Sequence sequence, LaunchMode mode, int repetition)
      throws IOException {
    List<float[]> logits = new ArrayList<>();
    try (SummarySink<D> summary = new SummarySink<>(device)) {
      sequence.run(
          pass,
          new StageSink<>() {
            @Override
            public boolean wants(StageKey key) {
              return true;
            }

            @Override
            public void take(StageTensor<D> tensor) {
              summary.take(tensor);
              if (tensor.key().stage() == Stage.LM_HEAD) {
                logits.add(tensor.floats());
              }
            }
          });
      SequencedMap<Place, Long> hashes = new LinkedHashMap<>();
      summary.seen().forEach(seen -> hashes.put(place(seen), seen.summary().hash()));
      return new ObservedRun(mode, repetition, hashes, logits);
    }
  }

  private static Place place(SummarySink.Seen seen) {
    return new Place(seen.first(), seen.summary().key());
  }

  /**
   * The first place that has another hash in another run.
   *
   * @throws CouldNotCompare if a place is missing there
   */
  Optional<Place> firstUnlike(ObservedRun other) throws CouldNotCompare {
    for (Map.Entry<Place, Long> here : hashes.entrySet()) {
      Place place = here.getKey();
      Long there = other.hashes.get(place);
      if (there == null) {
        throw new CouldNotCompare(
            "the device made no %s at position %d".formatted(place.key(), place.position()));
      }
      if (!there.equals(here.getValue())) {
        return Optional.of(place);
      }
    }
    return Optional.empty();
  }

  /** The first of some stages, seen in a run of the same, that is not as it was in this one. */
  Optional<Place> firstUnlike(List<SummarySink.Seen> again) {
    return again.stream()
        .filter(seen -> !Objects.equals(hashes.get(place(seen)), seen.summary().hash()))
        .map(ObservedRun::place)
        .findFirst();
  }

  /** How many places have another hash in another run. */
  long unlike(ObservedRun other) {
    return hashes.entrySet().stream()
        .filter(here -> !here.getValue().equals(other.hashes.get(here.getKey())))
        .count();
  }
}
