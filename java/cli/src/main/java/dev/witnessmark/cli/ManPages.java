package dev.witnessmark.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * Writes a manual page for every command, as troff with the macros of {@code man}: from the same
 * annotations as the help. The build runs it; it takes a moment where converting picocli's AsciiDoc
 * takes a Ruby.
 */
final class ManPages {

  private final CommandLine command;
  private final StringWriter text = new StringWriter();
  private final PrintWriter out = new PrintWriter(text);

  private ManPages(CommandLine command) {
    this.command = command;
  }

  /** Writes all pages to the folder {@code man1}, named by the only argument. */
  public static void main(String[] arguments) throws IOException {
    Locale.setDefault(Locale.ROOT);
    Path folder = Files.createDirectories(Path.of(arguments[0]));
    write(Wmark.commandLine(), folder);
  }

  private static void write(CommandLine command, Path folder) throws IOException {
    Files.writeString(folder.resolve(name(command) + ".1"), new ManPages(command).page());
    for (CommandLine subcommand : command.getSubcommands().values()) {
      write(subcommand, folder);
    }
  }

  /** For example {@code wmark-diff}. */
  private static String name(CommandLine command) {
    return command.getCommandSpec().qualifiedName("-");
  }

  private String page() {
    CommandSpec spec = command.getCommandSpec();
    Help help = new Help(spec, Help.defaultColorScheme(Help.Ansi.OFF));
    List<String> description = lines(spec.usageMessage().description());
    out.println(
        ".TH \"%s\" 1 \"\" \"wmark %s\" \"Witnessmark\""
            .formatted(name(command).toUpperCase(Locale.ROOT), Version.number()));
    section("NAME");
    line(name(command) + " - " + firstSentence(String.join(" ", description)));
    section("SYNOPSIS");
    literal(help.synopsis(0).lines().toList());
    section("DESCRIPTION");
    description.forEach(this::line);
    arguments(spec);
    options(spec);
    commands();
    if (spec.usageMessage().footer().length > 0) {
      section("NOTES");
      literal((help.footerHeading() + help.footer()).strip().lines().toList());
    }
    seeAlso();
    return text.toString();
  }

  private void arguments(CommandSpec spec) {
    List<PositionalParamSpec> visible =
        spec.positionalParameters().stream().filter(p -> !p.hidden()).toList();
    if (visible.isEmpty()) {
      return;
    }
    section("ARGUMENTS");
    for (PositionalParamSpec parameter : visible) {
      out.println(".TP");
      out.println("\\fI" + escaped(parameter.paramLabel()) + "\\fR");
      lines(parameter.description()).forEach(this::line);
    }
  }

  private void options(CommandSpec spec) {
    List<OptionSpec> visible = spec.options().stream().filter(o -> !o.hidden()).toList();
    if (visible.isEmpty()) {
      return;
    }
    section("OPTIONS");
    for (OptionSpec option : visible) {
      String value =
          option.arity().max() == 0 ? "" : "=\\fI" + escaped(option.paramLabel()) + "\\fR";
      out.println(".TP");
      out.println(
          Arrays.stream(option.names())
              .map(name -> "\\fB" + escaped(name) + "\\fR" + value)
              .collect(Collectors.joining(", ")));
      lines(option.description()).forEach(this::line);
    }
  }

  private void commands() {
    if (command.getSubcommands().isEmpty()) {
      return;
    }
    section("COMMANDS");
    command
        .getSubcommands()
        .forEach((name, subcommand) -> {
          out.println(".TP");
          out.println("\\fB" + escaped(name) + "\\fR");
          line(
              firstSentence(
                  String.join(
                      " ", lines(subcommand.getCommandSpec().usageMessage().description()))));
        });
  }

  /** The page above this one, or those below it. */
  private void seeAlso() {
    List<String> pages = new ArrayList<>();
    CommandLine parent = command.getParent();
    if (parent != null) {
      pages.add(name(parent));
    }
    command.getSubcommands().values().forEach(subcommand -> pages.add(name(subcommand)));
    section("SEE ALSO");
    out.println(
        pages.stream()
            .map(page -> "\\fB" + escaped(page) + "\\fR(1)")
            .collect(Collectors.joining(", ")));
  }

  private void section(String title) {
    out.println(".SH " + title);
  }

  private void line(String line) {
    out.println(escaped(line));
  }

  /** Lines as they are, neither filled nor joined. */
  private void literal(List<String> lines) {
    out.println(".nf");
    lines.forEach(this::line);
    out.println(".fi");
  }

  /** What help prints for these lines, which are format strings to picocli. */
  private static List<String> lines(String[] formats) {
    return Arrays.stream(formats).flatMap(line -> line.formatted().lines()).toList();
  }

  private static String firstSentence(String words) {
    int end = words.indexOf(". ");
    return end < 0 ? words : words.substring(0, end + 1);
  }

  /** Text that troff takes for text: no escapes, no hyphens, no requests. */
  private static String escaped(String words) {
    String plain = words.replace("\\", "\\e").replace("-", "\\-");
    return plain.startsWith(".") || plain.startsWith("'") ? "\\&" + plain : plain;
  }
}
