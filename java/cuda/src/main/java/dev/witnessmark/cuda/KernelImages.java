package dev.witnessmark.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Where the compiled kernels are: one image for each source file. */
@FunctionalInterface
public interface KernelImages {

  /** The image with the kernels of {@code cuda/FILE.cu}; empty if there is none. */
  Optional<byte[]> find(String file);

  /** What nvcc made when this program was built. */
  static KernelImages bundled() {
    return new Bundled();
  }

  /** Host code for the emulated device, {@code FILE.so} in {@code folder}. */
  static KernelImages emulated(Path folder) {
    return new Emulated(folder);
  }

  /** Fatbins among the resources of the program. */
  record Bundled() implements KernelImages {

    @Override
    public Optional<byte[]> find(String file) {
      String name = "/kernels/" + file + ".fatbin";
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
    public Optional<byte[]> find(String file) {
      Path library = folder.resolve(file + ".so");
      try {
        return Files.exists(library) ? Optional.of(Files.readAllBytes(library)) : Optional.empty();
      } catch (IOException unreadable) {
        throw new UncheckedIOException(library + " cannot be read", unreadable);
      }
    }

    @Override
    public String toString() {
      return "emulated kernels in " + folder;
    }
  }
}
