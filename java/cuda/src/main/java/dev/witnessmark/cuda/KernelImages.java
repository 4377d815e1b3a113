package dev.witnessmark.cuda;

import dev.witnessmark.kernels.operation.Family;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Where the compiled kernels are: one image for each family. */
@FunctionalInterface
public interface KernelImages {

  /** The image with the kernels of {@code family}; empty if there is none. */
  Optional<byte[]> find(Family family);

  /** What nvcc made when this program was built. */
  static KernelImages bundled() {
    return new Bundled();
  }

  /** Host code for the emulated device, {@code FAMILY.so} in {@code folder}. */
  static KernelImages emulated(Path folder) {
    return new Emulated(folder);
  }

  /** Fatbins among the resources of the program. */
  record Bundled() implements KernelImages {

    @Override
    public Optional<byte[]> find(Family family) {
      String name = "/kernels/" + family.id() + ".fatbin";
      try (InputStream image = KernelImages.class.getResourceAsStream(name)) {
        return image == null ? Optional.empty() : Optional.of(image.readAllBytes());
      } catch (IOException unreadable) {
        throw new UncheckedIOException("resource " + name + " cannot be read", unreadable);
      }
    }

    @Override
    public String toString() {
      return "the program's fatbins";
    }
  }

  /** Libraries in a folder. */
  record Emulated(Path folder) implements KernelImages {

    @Override
    public Optional<byte[]> find(Family family) {
      Path file = folder.resolve(family.id() + ".so");
      try {
        return Files.exists(file) ? Optional.of(Files.readAllBytes(file)) : Optional.empty();
      } catch (IOException unreadable) {
        throw new UncheckedIOException(file + " cannot be read", unreadable);
      }
    }

    @Override
    public String toString() {
      return "emulated kernels in " + folder;
    }
  }
}
