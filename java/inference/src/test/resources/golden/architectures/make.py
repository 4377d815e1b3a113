"""Writes tiny random models and what they compute, in float64, with numpy alone.

Run in this folder: python3 make.py. The README says what is what. The formulas are those of the papers and of the
modelling files of Hugging Face transformers; nothing here is shared with the program that is tested.
"""

import json
import math
import struct
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
TOKENS = [3, 17, 3, 30, 8]
VOCABULARY = 32
HIDDEN = 32
LAYERS = 2
HEADS = 4
KV_HEADS = 2


# Containers


def write_safetensors(path, tensors, metadata):
    header, data = {}, b""
    if metadata:
        header["__metadata__"] = metadata
    for name, (dtype, array, raw) in tensors.items():
        header[name] = {
            "dtype": dtype,
            "shape": list(array.shape),
            "data_offsets": [len(data), len(data) + len(raw)],
        }
        data += raw
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def to_bfloat16(values):
    """The upper halves of float32, cut off: any value will do, if it is the one that is stored."""
    halves = (np.asarray(values, np.float32).view(np.uint32) >> 16).astype("<u2")
    return halves, (halves.astype(np.uint32) << 16).view(np.float32).astype(np.float64)


# Weights


class Weights(dict):
    """name -> float64 as stored in bfloat16."""

    def __init__(self, seed):
        super().__init__()
        self.random = np.random.default_rng(seed)
        self.stored = {}

    def put(self, name, values):
        halves, exact = to_bfloat16(values)
        self[name] = exact
        self.stored[name] = ("BF16", halves, halves.tobytes())

    def matrix(self, name, rows, columns):
        self.put(name + ".weight", self.random.normal(0, 1.5 / math.sqrt(columns), (rows, columns)))

    def norm(self, name, size):
        self.put(name + ".weight", self.random.normal(1, 0.3, size))

    def bias(self, name, size):
        self.put(name + ".bias", self.random.normal(0, 0.5, size))

    def linear(self, name, rows, columns, bias):
        self.matrix(name, rows, columns)
        if bias:
            self.bias(name, rows)


def weights(seed, head_dim, width, qkv_bias=False, o_bias=False, mlp_bias=False, head_norms=False, tied=False,
            experts=0, mixtral=False):
    w = Weights(seed)
    w.put("model.embed_tokens.weight", w.random.normal(0, 1, (VOCABULARY, HIDDEN)))
    q, kv = HEADS * head_dim, KV_HEADS * head_dim
    for layer in range(LAYERS):
        p = f"model.layers.{layer}."
        a = p + "self_attn."
        w.norm(p + "input_layernorm", HIDDEN)
        w.linear(a + "q_proj", q, HIDDEN, qkv_bias)
        w.linear(a + "k_proj", kv, HIDDEN, qkv_bias)
        w.linear(a + "v_proj", kv, HIDDEN, qkv_bias)
        w.linear(a + "o_proj", HIDDEN, q, o_bias)
        if head_norms:
            w.norm(a + "q_norm", head_dim)
            w.norm(a + "k_norm", head_dim)
        w.norm(p + "post_attention_layernorm", HIDDEN)
        if experts:
            block = p + ("block_sparse_moe." if mixtral else "mlp.")
            gate, up, down = ("w1", "w3", "w2") if mixtral else ("gate_proj", "up_proj", "down_proj")
            w.matrix(block + "gate", experts, HIDDEN)
            for expert in range(experts):
                e = f"{block}experts.{expert}."
                w.matrix(e + gate, width, HIDDEN)
                w.matrix(e + up, width, HIDDEN)
                w.matrix(e + down, HIDDEN, width)
        else:
            w.linear(p + "mlp.gate_proj", width, HIDDEN, mlp_bias)
            w.linear(p + "mlp.up_proj", width, HIDDEN, mlp_bias)
            w.linear(p + "mlp.down_proj", HIDDEN, width, mlp_bias)
    w.norm("model.norm", HIDDEN)
    if not tied:
        w.matrix("lm_head", VOCABULARY, HIDDEN)
    return w


# Rotary frequencies and the attention factor


def yarn_magnitude(factor, scale=1.0):
    return 1.0 if factor <= 1 else 0.1 * scale * math.log(factor) + 1.0


def rotary(config, head_dim):
    rope = config.get("rope_parameters") or config.get("rope_scaling") or {}
    base = rope.get("rope_theta", config.get("rope_theta", 10000.0))
    kind = rope.get("rope_type", rope.get("type", "default"))
    inverse = 1.0 / base ** (np.arange(0, head_dim, 2) / head_dim)
    if kind in ("default", "dynamic"):  # dynamic: nothing up to the context
        return inverse, 1.0
    factor = rope["factor"]
    if kind == "linear":
        return inverse / factor, 1.0
    if kind == "llama3":
        context = rope["original_max_position_embeddings"]
        low, high = rope["low_freq_factor"], rope["high_freq_factor"]
        scaled = []
        for f in inverse:
            wavelength = 2 * math.pi / f
            if wavelength > context / low:
                scaled.append(f / factor)
            elif wavelength < context / high:
                scaled.append(f)
            else:
                smooth = (context / wavelength - low) / (high - low)
                scaled.append((1 - smooth) * f / factor + smooth * f)
        return np.array(scaled), 1.0
    assert kind == "yarn", kind
    context = rope.get("original_max_position_embeddings", config["max_position_embeddings"])

    def dimension(rotations):
        return head_dim * math.log(context / (rotations * 2 * math.pi)) / (2 * math.log(base))

    low = max(math.floor(dimension(rope.get("beta_fast", 32))), 0)
    high = min(math.ceil(dimension(rope.get("beta_slow", 1))), head_dim - 1)
    ramp = np.clip((np.arange(head_dim // 2) - low) / (high - low), 0, 1)
    magnitude = rope.get("attention_factor")
    if magnitude is None and rope.get("mscale") and rope.get("mscale_all_dim"):
        magnitude = yarn_magnitude(factor, rope["mscale"]) / yarn_magnitude(factor, rope["mscale_all_dim"])
    if magnitude is None:
        magnitude = yarn_magnitude(factor)
    return (inverse / factor) * ramp + inverse * (1 - ramp), magnitude


def turn(heads, frequencies, magnitude):
    """[S, n, d]: the pair (i, i + d/2) is a complex number, which position m turns by m times its frequency."""
    half = heads.shape[-1] // 2
    z = heads[..., :half] + 1j * heads[..., half:]
    positions = np.arange(heads.shape[0])
    z = z * (magnitude * np.exp(1j * np.outer(positions, frequencies)))[:, None, :]
    return np.concatenate([z.real, z.imag], -1)


# The forward pass


def rms_norm(x, gamma, epsilon):
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + epsilon) * gamma


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def silu(x):
    return x / (1 + np.exp(-x))


def forward(config, w, head_dim, stages):
    epsilon = config["rms_norm_eps"]
    frequencies, magnitude = rotary(config, head_dim)

    def linear(x, name):
        y = x @ w[name + ".weight"].T
        return y + w[name + ".bias"] if name + ".bias" in w else y

    x = w["model.embed_tokens.weight"][TOKENS]
    n = len(TOKENS)
    stages["layer-0/embedding"] = x
    for layer in range(LAYERS):
        p = f"model.layers.{layer}."
        a = p + "self_attn."

        def keep(stage, value):
            stages[f"layer-{layer}/{stage}"] = value

        h = rms_norm(x, w[p + "input_layernorm.weight"], epsilon)
        keep("attn_norm", h)
        qkv = [linear(h, a + part) for part in ("q_proj", "k_proj", "v_proj")]
        keep("qkv_matmul", np.hstack([h @ w[a + part + ".weight"].T for part in ("q_proj", "k_proj", "v_proj")]))
        if a + "q_proj.bias" in w:
            keep("qkv_bias", np.hstack(qkv))
        q, k, v = (part.reshape(n, -1, head_dim) for part in qkv)
        if a + "q_norm.weight" in w:
            q = rms_norm(q, w[a + "q_norm.weight"], epsilon)
            k = rms_norm(k, w[a + "k_norm.weight"], epsilon)
        q, k = turn(q, frequencies, magnitude), turn(k, frequencies, magnitude)
        keep("q_post_rope", q.reshape(n, -1))
        keep("k_post_rope", k.reshape(n, -1))
        k, v = (np.repeat(part, HEADS // KV_HEADS, 1) for part in (k, v))
        scores = np.einsum("ihd,jhd->hij", q, k) / math.sqrt(head_dim)
        causal = np.tril(np.ones((n, n), bool))
        keep("attn_scores", np.where(causal, scores, 0))
        probabilities = softmax(np.where(causal, scores, -np.inf))
        keep("attn_softmax", probabilities)
        attention = np.einsum("hij,jhd->ihd", probabilities, v).reshape(n, -1)
        keep("attention", attention)
        out = linear(attention, a + "o_proj")
        keep("attn_out", out)
        x = x + out
        keep("post_attn_residual", x)
        h = rms_norm(x, w[p + "post_attention_layernorm.weight"], epsilon)
        keep("ffn_norm", h)
        if "num_experts_per_tok" in config:
            out = mixture(config, w, p, h, keep)
        else:
            gate, up = linear(h, p + "mlp.gate_proj"), linear(h, p + "mlp.up_proj")
            keep("ffn_gate", gate)
            keep("ffn_up", up)
            keep("ffn_silu", silu(gate))
            keep("ffn_swigl", silu(gate) * up)
            out = linear(silu(gate) * up, p + "mlp.down_proj")
            keep("ffn_out", out)
        x = x + out
        keep("post_ffn_residual", x)
    x = rms_norm(x, w["model.norm.weight"], epsilon)
    stages["final_norm"] = x
    head = w.get("lm_head.weight", w["model.embed_tokens.weight"])
    stages["lm_head"] = head @ x[-1]
    return frequencies, magnitude


def mixture(config, w, p, h, keep):
    mixtral = config["model_type"] == "mixtral"
    block = p + ("block_sparse_moe." if mixtral else "mlp.")
    gate, up, down = ("w1", "w3", "w2") if mixtral else ("gate_proj", "up_proj", "down_proj")
    used = config["num_experts_per_tok"]
    logits = h @ w[block + "gate.weight"].T
    chosen = np.argsort(-logits, axis=-1, kind="stable")[:, :used]
    if mixtral:
        shares = softmax(np.take_along_axis(logits, chosen, -1))
    else:
        shares = np.take_along_axis(softmax(logits), chosen, -1)
        if config["norm_topk_prob"]:
            shares = shares / shares.sum(-1, keepdims=True)
    out = np.zeros_like(h)
    for token, row in enumerate(h):
        for expert, share in zip(chosen[token], shares[token]):
            e = f"{block}experts.{expert}."
            inner = silu(w[e + gate + ".weight"] @ row) * (w[e + up + ".weight"] @ row)
            out[token] += share * (w[e + down + ".weight"] @ inner)
    keep("moe_router_logits", logits)
    keep("moe_router", shares)
    keep("moe_router_indices", chosen.astype(np.float64))
    keep("moe_ffn_out", out)
    return out


# What is written


WEIGHTS = {
    "plain": dict(seed=1, head_dim=16, width=40),
    "qkv-bias-tied": dict(seed=2, head_dim=8, width=40, qkv_bias=True, tied=True),
    "all-biases": dict(seed=3, head_dim=8, width=40, qkv_bias=True, o_bias=True, mlp_bias=True),
    "head-norms": dict(seed=4, head_dim=12, width=40, head_norms=True),
    "mixtral": dict(seed=5, head_dim=8, width=16, experts=4, mixtral=True),
    "head-norms-experts": dict(seed=6, head_dim=16, width=12, head_norms=True, experts=6),
}

# name -> weights, whether all stages are kept, config.json
MODELS = {
    "llama": ("plain", False, dict(model_type="llama", head_dim=16, rope_theta=500.0)),
    "llama-llama3": ("plain", True, dict(
        model_type="llama", head_dim=16, rope_theta=500.0,
        rope_scaling=dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
                          original_max_position_embeddings=64))),
    "llama-linear": ("plain", False, dict(
        model_type="llama", head_dim=16, rope_theta=10000.0, rope_scaling=dict(type="linear", factor=4.0))),
    "llama-dynamic": ("plain", False, dict(
        model_type="llama", head_dim=16, rope_parameters=dict(rope_type="dynamic", factor=4.0, rope_theta=2000.0))),
    "mistral-yarn": ("plain", False, dict(
        model_type="mistral", head_dim=16, sliding_window=None, rope_theta=10000.0,
        rope_scaling=dict(rope_type="yarn", factor=4.0, original_max_position_embeddings=32))),
    "llama-yarn-betas": ("plain", False, dict(
        model_type="llama", head_dim=16,
        rope_parameters=dict(rope_type="yarn", rope_theta=10000.0, factor=6.0, beta_fast=4, beta_slow=0.25,
                             attention_factor=1.3, original_max_position_embeddings=256))),
    "llama-yarn-mscale": ("plain", False, dict(
        model_type="llama", head_dim=16,
        rope_parameters=dict(rope_type="yarn", rope_theta=1000.0, factor=16.0, mscale=0.7, mscale_all_dim=1.4))),
    "llama-biases": ("all-biases", True, dict(
        model_type="llama", attention_bias=True, mlp_bias=True, rope_theta=10000.0)),
    "qwen2": ("qkv-bias-tied", True, dict(
        model_type="qwen2", use_sliding_window=False, sliding_window=4, tie_word_embeddings=True,
        rope_theta=1000000.0, rms_norm_eps=1e-6)),
    "qwen3": ("head-norms", True, dict(
        model_type="qwen3", head_dim=12, rope_theta=1000000.0, rms_norm_eps=1e-6, attention_bias=False)),
    "mixtral": ("mixtral", True, dict(
        model_type="mixtral", num_local_experts=4, num_experts_per_tok=2, rope_theta=1000000.0,
        sliding_window=None)),
    "qwen3-moe": ("head-norms-experts", True, dict(
        model_type="qwen3_moe", head_dim=16, num_experts=6, num_experts_per_tok=3, moe_intermediate_size=12,
        intermediate_size=24, norm_topk_prob=False, rope_parameters=dict(rope_type="default", rope_theta=10000.0))),
    "qwen3-moe-normalised": ("head-norms-experts", False, dict(
        model_type="qwen3_moe", head_dim=16, num_experts=6, num_experts_per_tok=3, moe_intermediate_size=12,
        intermediate_size=24, norm_topk_prob=True, rope_theta=10000.0)),
}

# Where weights are shared, what differs is enough.
FEW = ["layer-1/q_post_rope", "layer-1/k_post_rope", "layer-1/moe_router", "layer-1/post_ffn_residual", "lm_head"]


def main():
    made = {name: weights(**options) for name, options in WEIGHTS.items()}
    for name, w in made.items():
        write_safetensors(HERE / f"{name}.weights.safetensors", w.stored, {"format": "pt"})
    for name, (of, all_stages, config) in MODELS.items():
        options = WEIGHTS[of]
        config = dict(
            hidden_size=HIDDEN, num_hidden_layers=LAYERS, num_attention_heads=HEADS, num_key_value_heads=KV_HEADS,
            intermediate_size=options["width"], vocab_size=VOCABULARY, max_position_embeddings=128,
            hidden_act="silu", rms_norm_eps=1e-5, tie_word_embeddings=False) | config
        (HERE / f"{name}.config.json").write_text(json.dumps(config, indent=2) + "\n")
        stages = {}
        frequencies, magnitude = forward(config, made[of], options["head_dim"], stages)
        # What goes wrong in layer 0 shows in layer 1.
        kept = {k: v for k, v in stages.items()
                if (k in FEW) or (all_stages and not k.startswith("layer-0/")) or (all_stages and "embedding" in k)}
        write_safetensors(
            HERE / f"{name}.stages.safetensors",
            {k: ("F64", v, np.ascontiguousarray(v, "<f8").tobytes()) for k, v in kept.items()},
            {
                "weights": of,
                "token_ids": " ".join(map(str, TOKENS)),
                "rotary_frequencies": " ".join(repr(float(f)) for f in frequencies),
                "attention_factor": repr(float(magnitude)),
            })


if __name__ == "__main__":
    main()
