package dev.witnessmark.report;

import java.io.OutputStream;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/** Draws SVG. Written as XML, so that no fonts or graphics of the machine are needed. */
final class Svg {

  /** Text and axes. */
  static final String INK = "#20262b";

  /** What should stay behind. */
  static final String FAINT = "#c9d0d6";

  private final XMLStreamWriter xml;

  private Svg(XMLStreamWriter xml) {
    this.xml = xml;
  }

  /** Draws something. */
  interface Drawing {
    void draw(Svg svg) throws XMLStreamException;
  }

  /** Draws to {@code out}, which stays open. */
  static void write(OutputStream out, Drawing drawing) {
    try {
      XMLStreamWriter xml =
          XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(out, "UTF-8");
      drawing.draw(new Svg(xml));
      xml.flush();
    } catch (XMLStreamException unwritable) {
      throw new IllegalStateException(unwritable);
    }
  }

  /** Begins a white sheet. */
  void begin(int width, int height) throws XMLStreamException {
    xml.writeStartDocument("UTF-8", "1.0");
    xml.writeStartElement("svg");
    xml.writeDefaultNamespace("http://www.w3.org/2000/svg");
    attributes("width", width, "height", height, "viewBox", "0 0 " + width + " " + height);
    xml.writeAttribute("font-family", "sans-serif");
    xml.writeAttribute("font-size", "11");
    rectangle(0, 0, width, height, "#ffffff", "");
  }

  void end() throws XMLStreamException {
    xml.writeEndElement();
    xml.writeEndDocument();
  }

  /** A filled rectangle with a title that shows under the pointer. */
  void rectangle(int x, int y, int width, int height, String fill, String title)
      throws XMLStreamException {
    xml.writeStartElement("rect");
    attributes("x", x, "y", y, "width", width, "height", height, "fill", fill);
    title(title);
    xml.writeEndElement();
  }

  /** A dot with a title that shows under the pointer. */
  void dot(double x, double y, double radius, String fill, String title) throws XMLStreamException {
    xml.writeStartElement("circle");
    attributes("cx", rounded(x), "cy", rounded(y), "r", radius, "fill", fill);
    title(title);
    xml.writeEndElement();
  }

  /** A line through points {@code x, y} in turns. */
  void line(String colour, String dashes, double... points) throws XMLStreamException {
    StringBuilder path = new StringBuilder();
    for (int i = 0; i < points.length; i += 2) {
      path.append(path.isEmpty() ? "" : " ")
          .append(rounded(points[i]))
          .append(',')
          .append(rounded(points[i + 1]));
    }
    xml.writeEmptyElement("polyline");
    attributes("points", path, "fill", "none", "stroke", colour, "stroke-width", 1.5);
    if (!dashes.isEmpty()) {
      xml.writeAttribute("stroke-dasharray", dashes);
    }
  }

  /** Text; {@code anchor} is start, middle or end. */
  void text(double x, double y, String anchor, String weight, String text)
      throws XMLStreamException {
    xml.writeStartElement("text");
    attributes(
        "x",
        rounded(x),
        "y",
        rounded(y),
        "text-anchor",
        anchor,
        "font-weight",
        weight,
        "fill",
        INK);
    xml.writeCharacters(text);
    xml.writeEndElement();
  }

  private void title(String title) throws XMLStreamException {
    if (!title.isEmpty()) {
      xml.writeStartElement("title");
      xml.writeCharacters(title);
      xml.writeEndElement();
    }
  }

  private static String rounded(double coordinate) {
    return Numbers.plain(Math.rint(coordinate * 10) / 10);
  }

  /** Attributes as names and values in turns. */
  private void attributes(Object... namesAndValues) throws XMLStreamException {
    for (int i = 0; i < namesAndValues.length; i += 2) {
      xml.writeAttribute(namesAndValues[i].toString(), namesAndValues[i + 1].toString());
    }
  }
}
