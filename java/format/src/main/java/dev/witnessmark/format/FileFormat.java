package dev.witnessmark.format;

/** The containers that are read. */
public enum FileFormat {
  GGUF("GGUF"),
  SAFETENSORS("safetensors"),
  ONNX("ONNX"),
  PEFT("PEFT adapter");

  private final String label;

  FileFormat(String label) {
    this.label = label;
  }

  /** The name as its community writes it. */
  public String label() {
    return label;
  }
}
