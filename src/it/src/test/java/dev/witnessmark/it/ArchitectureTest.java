package dev.witnessmark.it;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code src/site/architecture.md} says of the code, held against the code. */
class ArchitectureTest {

  private static final String ROOT = "dev.witnessmark";

  @SuppressWarnings("NullAway.Init") // Set before the first test.
  private static JavaClasses program;

  @BeforeAll
  static void read() {
    program =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(location -> !location.contains("/testing/"))
            .importPackages(
                ROOT + ".verdict",
                ROOT + ".format",
                ROOT + ".kernels",
                ROOT + ".cuda",
                ROOT + ".model",
                ROOT + ".compare",
                ROOT + ".capture",
                ROOT + ".inference",
                ROOT + ".parity",
                ROOT + ".falsify",
                ROOT + ".explain",
                ROOT + ".fingerprint",
                ROOT + ".causal",
                ROOT + ".bench",
                ROOT + ".report",
                ROOT + ".cli");
  }

  @Test
  void everyModuleIsHere() {
    Set<String> modules = new TreeSet<>();
    for (JavaClass each : program) {
      modules.add(each.getPackageName().split("\\.", -1)[2]);
    }
    assertThat(modules)
        .containsExactly(
            "bench",
            "capture",
            "causal",
            "cli",
            "compare",
            "cuda",
            "explain",
            "falsify",
            "fingerprint",
            "format",
            "inference",
            "kernels",
            "model",
            "parity",
            "report",
            "verdict");
    assertThat(program).hasSizeGreaterThan(150);
  }

  @Test
  void arrowsPointDownward() {
    layeredArchitecture()
        .consideringOnlyDependenciesInAnyPackage(ROOT + "..")
        .layer("format")
        .definedBy(ROOT + ".format..")
        .layer("verdict")
        .definedBy(ROOT + ".verdict..")
        .layer("kernels")
        .definedBy(ROOT + ".kernels..")
        .layer("cuda")
        .definedBy(ROOT + ".cuda..")
        .layer("model")
        .definedBy(ROOT + ".model..")
        .layer("compare")
        .definedBy(ROOT + ".compare..")
        .layer("capture")
        .definedBy(ROOT + ".capture..")
        .layer("inference")
        .definedBy(ROOT + ".inference..")
        .layer("parity")
        .definedBy(ROOT + ".parity..")
        .layer("falsify")
        .definedBy(ROOT + ".falsify..")
        .layer("explain")
        .definedBy(ROOT + ".explain..")
        .layer("fingerprint")
        .definedBy(ROOT + ".fingerprint..")
        .layer("causal")
        .definedBy(ROOT + ".causal..")
        .layer("bench")
        .definedBy(ROOT + ".bench..")
        .layer("report")
        .definedBy(ROOT + ".report..")
        .layer("cli")
        .definedBy(ROOT + ".cli..")
        .whereLayer("cli")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("report")
        .mayOnlyBeAccessedByLayers("cli")
        .whereLayer("bench")
        .mayOnlyBeAccessedByLayers("report", "cli")
        .whereLayer("explain")
        .mayOnlyBeAccessedByLayers("report", "cli")
        .whereLayer("causal")
        .mayOnlyBeAccessedByLayers("report", "cli")
        .whereLayer("fingerprint")
        .mayOnlyBeAccessedByLayers("causal", "report", "cli")
        .whereLayer("compare")
        .mayOnlyBeAccessedByLayers("explain", "fingerprint", "causal", "report", "cli")
        .whereLayer("parity")
        .mayOnlyBeAccessedByLayers("report", "cli")
        .whereLayer("falsify")
        .mayOnlyBeAccessedByLayers("report", "cli")
        .whereLayer("inference")
        .mayOnlyBeAccessedByLayers("parity", "falsify", "report", "cli")
        .whereLayer("capture")
        .mayOnlyBeAccessedByLayers("parity", "report", "cli")
        .whereLayer("model")
        .mayOnlyBeAccessedByLayers(
            "compare",
            "fingerprint",
            "causal",
            "capture",
            "inference",
            "parity",
            "falsify",
            "explain",
            "report",
            "cli")
        .whereLayer("cuda")
        .mayOnlyBeAccessedByLayers("cli")
        .whereLayer("kernels")
        .mayOnlyBeAccessedByLayers(
            "cuda",
            "compare",
            "fingerprint",
            "causal",
            "inference",
            "parity",
            "falsify",
            "explain",
            "bench",
            "report",
            "cli")
        .whereLayer("format")
        .mayOnlyBeAccessedByLayers(
            "verdict",
            "kernels",
            "cuda",
            "model",
            "compare",
            "capture",
            "inference",
            "parity",
            "falsify",
            "explain",
            "fingerprint",
            "causal",
            "bench",
            "report",
            "cli")
        .whereLayer("verdict")
        .mayOnlyBeAccessedByLayers(
            "compare",
            "fingerprint",
            "causal",
            "capture",
            "inference",
            "parity",
            "falsify",
            "explain",
            "bench",
            "report",
            "cli")
        .check(program);
  }

  /** The command line and the reports compute nothing; they may say what is to be computed. */
  @Test
  void arithmeticStaysBelowReports() {
    noClasses()
        .that()
        .resideInAnyPackage(ROOT + ".report..", ROOT + ".cli..", ROOT + ".model..")
        .should()
        .dependOnClassesThat(
            resideInAPackage(ROOT + ".kernels..")
                .and(resideOutsideOfPackage(ROOT + ".kernels.operation.."))
                .or(resideInAPackage("jdk.incubator.vector..")))
        .check(program);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "kernels",
        "model",
        "capture",
        "inference",
        "parity",
        "falsify",
        "explain",
        "fingerprint",
        "causal",
        "bench",
        "report",
        "cli"
      })
  void packagesOfAModuleFormNoCycle(String module) {
    slices()
        .matching(ROOT + "." + module + ".(*)..")
        .should()
        .beFreeOfCycles()
        .allowEmptyShould(true)
        .check(program);
  }

  /** The readers of the containers do not know each other; adapters are stored as safetensors. */
  @Test
  void readersAreIndependent() {
    for (String reader : new String[] {"gguf", "safetensors", "onnx"}) {
      noClasses()
          .that()
          .resideInAPackage(ROOT + ".format." + reader + "..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              Stream.of("gguf", "safetensors", "onnx", "peft")
                  .filter(other -> !other.equals(reader))
                  .map(other -> ROOT + ".format." + other + "..")
                  .toArray(String[]::new))
          .check(program);
    }
  }

  @Test
  void namesSayWhatAClassIs() {
    noClasses()
        .should()
        .haveSimpleNameEndingWith("Util")
        .orShould()
        .haveSimpleNameEndingWith("Utils")
        .orShould()
        .haveSimpleNameEndingWith("Manager")
        .orShould()
        .haveSimpleNameEndingWith("Helper")
        .check(program);
  }

  /** Vectors of any other species are boxed. */
  @Test
  void vectorSpeciesAreConstants() {
    fields()
        .that()
        .haveRawType(VectorSpecies.class)
        .should()
        .beStatic()
        .andShould()
        .beFinal()
        .check(program);
  }

  @Test
  void onlyTheCommandLineWritesToTheConsole() {
    noClasses()
        .that(resideOutsideOfPackage(ROOT + ".cli.."))
        .should()
        .accessField(System.class, "out")
        .orShould()
        .accessField(System.class, "err")
        .orShould()
        .callMethod(System.class, "exit", int.class)
        .check(program);
  }

  @Test
  void nothingIsReflective() {
    noClasses()
        .should()
        .dependOnClassesThat(
            // What javac itself refers to in records and switches is not in this package.
            resideInAPackage("java.lang.reflect.."))
        .orShould()
        .callMethod(Class.class, "forName", String.class)
        .check(program);
  }

  @Test
  void noStaticStateChanges() {
    noFields()
        .that()
        .areStatic()
        .and(
            describe(
                "are not of the compiler",
                field -> !field.getModifiers().contains(JavaModifier.SYNTHETIC)))
        .should()
        .notBeFinal()
        .check(program);
  }

  @Test
  void everyPackageIsNullMarked() {
    Set<String> packages = new TreeSet<>();
    for (JavaClass each : program) {
      if (!each.getPackage().isAnnotatedWith(NullMarked.class)) {
        packages.add(each.getPackageName());
      }
    }
    assertThat(packages).isEmpty();
    classes().should().resideInAPackage(ROOT + "..").check(program);
  }
}
