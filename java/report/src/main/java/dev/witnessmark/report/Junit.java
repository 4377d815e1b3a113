package dev.witnessmark.report;

import dev.witnessmark.format.Printable;
import dev.witnessmark.report.TestCase.Outcome;
import java.io.OutputStream;
import java.util.List;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/** JUnit XML, as build servers read it. */
final class Junit {

  private final XMLStreamWriter xml;

  private Junit(XMLStreamWriter xml) {
    this.xml = xml;
  }

  /** Writes a document of one suite to {@code out}, which stays open. */
  static void write(String suite, List<TestCase> cases, OutputStream out) {
    try {
      XMLStreamWriter xml =
          XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(out, "UTF-8");
      new Junit(xml).document(suite, cases);
      xml.close();
    } catch (XMLStreamException unwritable) {
      throw new IllegalStateException(unwritable);
    }
  }

  private void document(String suite, List<TestCase> cases) throws XMLStreamException {
    xml.writeStartDocument("UTF-8", "1.0");
    xml.writeCharacters("\n");
    xml.writeStartElement("testsuites");
    counts(suite, cases);
    xml.writeCharacters("\n  ");
    xml.writeStartElement("testsuite");
    counts(suite, cases);
    xml.writeAttribute("skipped", "0");
    for (TestCase test : cases) {
      xml.writeCharacters("\n    ");
      testCase(test);
    }
    xml.writeCharacters("\n  ");
    xml.writeEndElement();
    xml.writeCharacters("\n");
    xml.writeEndElement();
    xml.writeEndDocument();
    xml.writeCharacters("\n");
  }

  private void counts(String suite, List<TestCase> cases) throws XMLStreamException {
    xml.writeAttribute("name", suite);
    xml.writeAttribute("tests", Integer.toString(cases.size()));
    xml.writeAttribute("failures", Long.toString(count(cases, Outcome.FAILED)));
    xml.writeAttribute("errors", Long.toString(count(cases, Outcome.ERROR)));
  }

  private static long count(List<TestCase> cases, Outcome outcome) {
    return cases.stream().filter(test -> test.outcome() == outcome).count();
  }

  private void testCase(TestCase test) throws XMLStreamException {
    xml.writeStartElement("testcase");
    xml.writeAttribute("classname", Printable.of(test.group()));
    xml.writeAttribute("name", Printable.of(test.name()));
    xml.writeStartElement(test.outcome().element());
    String message = Printable.of(test.message());
    if (test.outcome() == Outcome.PASSED) {
      xml.writeCharacters(message);
    } else {
      xml.writeAttribute("type", test.type());
      xml.writeAttribute("message", message);
    }
    xml.writeEndElement();
    xml.writeEndElement();
  }
}
