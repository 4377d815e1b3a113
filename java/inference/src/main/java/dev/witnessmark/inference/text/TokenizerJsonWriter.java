package dev.witnessmark.inference.text;

import java.io.StringWriter;
import java.util.List;
import java.util.Locale;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Writes what the tokenizers library reads. Added tokens are also tokens of its model, or it would
 * number them itself; what it adds around texts and how it decodes are left out.
 */
final class TokenizerJsonWriter {

  private final TokenizerModel model;
  private final JsonGenerator json;

  private TokenizerJsonWriter(TokenizerModel model, JsonGenerator json) {
    this.model = model;
    this.json = json;
  }

  /** {@code model} as a JSON text. */
  static String write(TokenizerModel model) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(ObjectWriteContext.empty(), text)) {
      new TokenizerJsonWriter(model, json).write();
    }
    return text.toString();
  }

  private void write() {
    json.writeStartObject();
    json.writeStringProperty("version", "1.0");
    json.writeArrayPropertyStart("added_tokens");
    model.added().forEach(this::added);
    json.writeEndArray();
    json.writeName("normalizer");
    sequence("normalizers", model.normalizers(), this::normalizer);
    json.writeName("pre_tokenizer");
    sequence("pretokenizers", model.preTokenizers(), this::preTokenizer);
    json.writeObjectPropertyStart("model");
    bytePairs();
    json.writeEndObject();
    json.writeEndObject();
  }

  private void added(AddedToken token) {
    json.writeStartObject();
    json.writeNumberProperty("id", token.id());
    json.writeStringProperty("content", text(token.id()));
    json.writeBooleanProperty("single_word", token.singleWord());
    json.writeBooleanProperty("lstrip", token.leftStrip());
    json.writeBooleanProperty("rstrip", token.rightStrip());
    json.writeBooleanProperty("normalized", token.normalized());
    // Decides nothing but what decoding leaves out.
    json.writeBooleanProperty("special", false);
    json.writeEndObject();
  }

  /** Writes one step. */
  private interface StepWriter<S> {
    void write(S step);
  }

  private <S> void sequence(String name, List<S> steps, StepWriter<S> writer) {
    if (steps.isEmpty()) {
      json.writeNull();
      return;
    }
    json.writeStartObject();
    json.writeStringProperty("type", "Sequence");
    json.writeArrayPropertyStart(name);
    for (S step : steps) {
      json.writeStartObject();
      writer.write(step);
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private void normalizer(Normalizer step) {
    switch (step) {
      case NFC -> type("NFC");
      case PREFIX_SPACE -> {
        type("Prepend");
        json.writeStringProperty("prepend", Spelling.SPACE);
      }
      case MARK_SPACES -> {
        type("Replace");
        pattern("String", " ");
        json.writeStringProperty("content", Spelling.SPACE);
      }
    }
  }

  private void preTokenizer(PreTokenizer step) {
    switch (step) {
      case PreTokenizer.ByteLevel(boolean prefixSpace, boolean words) -> {
        type("ByteLevel");
        json.writeBooleanProperty("add_prefix_space", prefixSpace);
        json.writeBooleanProperty("trim_offsets", true);
        json.writeBooleanProperty("use_regex", words);
      }
      case PreTokenizer.Split(SplitPattern pattern, boolean rest) -> {
        type("Split");
        pattern("Regex", pattern.text());
        json.writeStringProperty("behavior", rest ? "Isolated" : "Removed");
        json.writeBooleanProperty("invert", !rest);
      }
      case PreTokenizer.Digits(boolean each) -> {
        type("Digits");
        json.writeBooleanProperty("individual_digits", each);
      }
      case PreTokenizer.Metaspace(PreTokenizer.Metaspace.Prefix prefix, boolean split) -> {
        type("Metaspace");
        json.writeStringProperty("replacement", Spelling.SPACE);
        json.writeStringProperty("prepend_scheme", prefix.name().toLowerCase(Locale.ROOT));
        json.writeBooleanProperty("split", split);
      }
    }
  }

  private void bytePairs() {
    type("BPE");
    if (model.unknown() >= 0) {
      json.writeStringProperty("unk_token", text(model.unknown()));
    }
    json.writeBooleanProperty("fuse_unk", model.fuseUnknown());
    json.writeBooleanProperty("byte_fallback", model.byteFallback());
    json.writeBooleanProperty("ignore_merges", model.ignoreMerges());
    json.writeObjectPropertyStart("vocab");
    for (int id = 0; id < model.vocabulary().size(); id++) {
      String text = model.vocabulary().text(id);
      if (text != null) {
        json.writeNumberProperty(text, id);
      }
    }
    json.writeEndObject();
    json.writeArrayPropertyStart("merges");
    for (Merge merge : model.merges()) {
      json.writeStartArray();
      json.writeString(text(merge.left()));
      json.writeString(text(merge.right()));
      json.writeEndArray();
    }
    json.writeEndArray();
  }

  private void type(String name) {
    json.writeStringProperty("type", name);
  }

  private void pattern(String kind, String text) {
    json.writeObjectPropertyStart("pattern");
    json.writeStringProperty(kind, text);
    json.writeEndObject();
  }

  private String text(int id) {
    String text = model.vocabulary().text(id);
    if (text == null) {
      throw new IllegalArgumentException("there is no token " + id);
    }
    return text;
  }
}
