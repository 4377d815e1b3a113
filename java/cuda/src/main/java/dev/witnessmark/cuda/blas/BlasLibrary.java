package dev.witnessmark.cuda.blas;

import dev.witnessmark.cuda.driver.DriverUnavailable;
import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The file of cuBLAS that is used. It comes in two libraries, of which the second one needs the
 * first loaded; a CUDA toolkit, the system or a Python package may have brought them.
 */
record BlasLibrary(Path file, SymbolLookup symbols) {

  /** Majors whose calls are those that are used here, newest first. */
  private static final List<Integer> MAJORS = List.of(13, 12);

  private static final List<String> SYSTEM_FOLDERS =
      List.of(
          "/usr/local/cuda/lib64",
          "/usr/local/cuda/targets/x86_64-linux/lib",
          "/usr/lib/x86_64-linux-gnu",
          "/usr/lib64");

  private static final List<String> PYTHON_FOLDERS =
      List.of("nvidia/cu13/lib", "nvidia/cublas/lib");

  /** The first that loads where installers put it. */
  static BlasLibrary installed() throws DriverUnavailable {
    return in(installedFolders());
  }

  /** The first that loads, in {@code places}. */
  static BlasLibrary in(List<Path> places) throws DriverUnavailable {
    StringBuilder failures = new StringBuilder();
    for (int major : MAJORS) {
      for (Path folder : places) {
        Path file = folder.resolve("libcublas.so." + major);
        if (Files.exists(file)) {
          try {
            load(folder.resolve("libcublasLt.so." + major));
            return new BlasLibrary(file, load(file));
          } catch (IllegalArgumentException notLoaded) {
            failures.append("; ").append(notLoaded.getMessage());
          }
        }
      }
    }
    throw new DriverUnavailable(
        "no cuBLAS (libcublas.so.13 or .12) that loads was found in %s%s"
            .formatted(places, failures));
  }

  @SuppressWarnings("restricted") // Loading cuBLAS is what this is for.
  private static SymbolLookup load(Path file) {
    return SymbolLookup.libraryLookup(file, Arena.global());
  }

  private static List<Path> installedFolders() throws DriverUnavailable {
    List<Path> folders = new ArrayList<>();
    for (String folder :
        Optional.ofNullable(System.getenv("LD_LIBRARY_PATH"))
            .orElse("")
            .split(File.pathSeparator, -1)) {
      if (!folder.isEmpty()) {
        folders.add(Path.of(folder));
      }
    }
    SYSTEM_FOLDERS.forEach(folder -> folders.add(Path.of(folder)));
    List<Path> pythons = new ArrayList<>(List.of(Path.of("/usr/lib"), Path.of("/usr/local/lib")));
    pythons.add(Path.of(System.getProperty("user.home"), ".local", "lib"));
    Optional.ofNullable(System.getenv("VIRTUAL_ENV"))
        .ifPresent(environment -> pythons.add(Path.of(environment, "lib")));
    for (Path python : pythons) {
      folders.addAll(inPythonPackages(python));
    }
    return folders;
  }

  /** For example {@code /usr/local/lib/python3.12/site-packages/nvidia/cu13/lib}. */
  private static List<Path> inPythonPackages(Path libraries) throws DriverUnavailable {
    List<Path> folders = new ArrayList<>();
    if (!Files.isDirectory(libraries)) {
      return folders;
    }
    try (DirectoryStream<Path> versions = Files.newDirectoryStream(libraries, "python3*")) {
      for (Path version : versions) {
        for (String packages : List.of("site-packages", "dist-packages")) {
          for (String folder : PYTHON_FOLDERS) {
            Path place = version.resolve(packages).resolve(folder);
            if (Files.isDirectory(place)) {
              folders.add(place);
            }
          }
        }
      }
    } catch (IOException unreadable) {
      throw new DriverUnavailable(
          "%s, where cuBLAS may be, cannot be read: %s".formatted(libraries, unreadable));
    }
    return folders;
  }

  @Override
  public String toString() {
    return file.toString();
  }
}
