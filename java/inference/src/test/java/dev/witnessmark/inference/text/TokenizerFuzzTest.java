package dev.witnessmark.inference.text;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Metadata;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.gguf.GgufReader;
import dev.witnessmark.format.testing.BytesSource;
import dev.witnessmark.format.testing.GgufBuilder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever is read, the encoder must take it: where it does not, it ends the process. */
class TokenizerFuzzTest {

  private static final String TEXT = "a  b'S 1234\n<s>\u00e9\ud83e\udd99";

  static Stream<byte[]> jsonSeeds() {
    return Stream.of(
            """
            {"added_tokens": [{"id": 4, "content": "<s>", "special": true, "lstrip": true}],
             "normalizer": {"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "Prepend", "prepend": "▁"},
               {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]},
             "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": false},
             "post_processor": {"type": "TemplateProcessing",
               "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
               "special_tokens": {"<s>": {"id": "<s>", "ids": [4], "tokens": ["<s>"]}}},
             "decoder": {"type": "Sequence", "decoders": [{"type": "ByteFallback"}, {"type": "Fuse"}]},
             "model": {"type": "BPE", "unk_token": "?", "fuse_unk": true, "byte_fallback": true, "ignore_merges": true,
               "vocab": {"a": 0, "b": 1, "ab": 2, "?": 3, "<0x0A>": 5, "▁": 6}, "merges": [["a", "b"]]}}
            """,
            """
            {"pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "Digits", "individual_digits": true},
               {"type": "Split", "pattern": {"Regex": "\\\\p{N}{1,3}"}, "behavior": "Removed", "invert": true},
               {"type": "ByteLevel", "add_prefix_space": false, "use_regex": true}]},
             "decoder": {"type": "ByteLevel"}, "model": {"vocab": {"a": 0, "b": 1, "": 9, "ab": 2}, "merges": ["a b"]}}
            """)
        .map(json -> json.getBytes(StandardCharsets.UTF_8));
  }

  @MethodSource("jsonSeeds")
  @FuzzTest
  void tokenizerJson(byte[] bytes) throws IOException {
    try {
      encode(
          TokenizerJsonReader.read(
              new BytesSource("tokenizer.json", bytes),
              new TokenizerConfig(Metadata.EMPTY, Metadata.EMPTY),
              Limits.DEFAULT));
    } catch (Refusal expected) {
      // The only way to fail.
    }
  }

  static Stream<byte[]> ggufSeeds() {
    return Stream.of(
        new GgufBuilder()
            .text("tokenizer.ggml.model", "gpt2")
            .text("tokenizer.ggml.pre", "qwen2")
            .texts("tokenizer.ggml.tokens", "a", "b", "ab", "<s>")
            .texts("tokenizer.ggml.merges", "a b")
            .array("tokenizer.ggml.token_type", 5, 4, to -> to.u32(1).u32(1).u32(1).u32(3))
            .u32("tokenizer.ggml.bos_token_id", 3)
            .flag("tokenizer.ggml.add_bos_token", true)
            .build(),
        new GgufBuilder()
            .text("tokenizer.ggml.model", "llama")
            .texts("tokenizer.ggml.tokens", "<unk>", "a", "b", "ab")
            .array(
                "tokenizer.ggml.scores", GgufBuilder.F32, 4, to -> to.u32(0).u32(1).u32(2).u32(3))
            .build());
  }

  @MethodSource("ggufSeeds")
  @FuzzTest
  void gguf(byte[] bytes) throws IOException {
    Path file = Files.createTempFile("vocabulary", ".gguf");
    try (Checkpoint checkpoint = GgufReader.read(Files.write(file, bytes), Limits.DEFAULT)) {
      encode(GgufTokenizerReader.read(checkpoint));
    } catch (Refusal expected) {
      // The only way to fail.
    } finally {
      Files.delete(file);
    }
  }

  private static void encode(TokenizerModel model) throws IOException {
    try (NativeEncoder encoder = NativeEncoder.of(model)) {
      encoder.encode(TEXT);
    }
  }
}
