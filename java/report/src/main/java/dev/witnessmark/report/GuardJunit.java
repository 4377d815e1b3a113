package dev.witnessmark.report;

import dev.witnessmark.bench.guard.CellResult;
import dev.witnessmark.bench.guard.GuardResult;
import dev.witnessmark.bench.guard.Outcome;
import dev.witnessmark.format.Printable;
import java.io.OutputStream;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/**
 * JUnit XML, as build servers read it: a test case per cell. A loss is a failure; what is unclear
 * or was not compared is an error, for the test could not tell.
 */
public final class GuardJunit {

  private static final String SUITE = "wmark guard";

  private final XMLStreamWriter xml;

  private GuardJunit(XMLStreamWriter xml) {
    this.xml = xml;
  }

  /** Writes {@code result} to {@code out}, which stays open. */
  public static void write(GuardResult result, OutputStream out) {
    try {
      XMLStreamWriter xml =
          XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(out, "UTF-8");
      new GuardJunit(xml).document(result);
      xml.close();
    } catch (XMLStreamException unwritable) {
      throw new IllegalStateException(unwritable);
    }
  }

  private void document(GuardResult result) throws XMLStreamException {
    long failures = count(result, Outcome.SLOWER);
    long errors = count(result, Outcome.UNCLEAR) + count(result, Outcome.NOT_COMPARED);
    xml.writeStartDocument("UTF-8", "1.0");
    xml.writeCharacters("\n");
    xml.writeStartElement("testsuites");
    counts(result, failures, errors);
    xml.writeCharacters("\n  ");
    xml.writeStartElement("testsuite");
    counts(result, failures, errors);
    xml.writeAttribute("skipped", "0");
    for (CellResult cell : result.cells()) {
      xml.writeCharacters("\n    ");
      testCase(cell);
    }
    xml.writeCharacters("\n  ");
    xml.writeEndElement();
    xml.writeCharacters("\n");
    xml.writeEndElement();
    xml.writeEndDocument();
    xml.writeCharacters("\n");
  }

  private static long count(GuardResult result, Outcome outcome) {
    return result.cells().stream().filter(cell -> cell.outcome() == outcome).count();
  }

  private void counts(GuardResult result, long failures, long errors) throws XMLStreamException {
    xml.writeAttribute("name", SUITE);
    xml.writeAttribute("tests", Integer.toString(result.cells().size()));
    xml.writeAttribute("failures", Long.toString(failures));
    xml.writeAttribute("errors", Long.toString(errors));
  }

  private void testCase(CellResult cell) throws XMLStreamException {
    String element =
        switch (cell.outcome()) {
          case SLOWER -> "failure";
          case UNCLEAR, NOT_COMPARED -> "error";
          case FASTER, SAME -> "system-out";
        };
    xml.writeStartElement("testcase");
    xml.writeAttribute("classname", Printable.of(SUITE + " on " + cell.key().device().label()));
    xml.writeAttribute("name", Printable.of(cell.key().label()));
    xml.writeStartElement(element);
    String sentence = Printable.of(GuardSentence.of(cell));
    if (element.equals("system-out")) {
      xml.writeCharacters(sentence);
    } else {
      xml.writeAttribute(
          "type", cell.reason() == null ? cell.outcome().label() : cell.reason().label());
      xml.writeAttribute("message", sentence);
    }
    xml.writeEndElement();
    xml.writeEndElement();
  }
}
