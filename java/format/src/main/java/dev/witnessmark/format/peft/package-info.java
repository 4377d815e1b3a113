/**
 * Low-rank adapters as Hugging Face PEFT saves them: a folder with {@code adapter_config.json} and
 * {@code adapter_model.safetensors}. What an adapter does to a base is read here; nothing is
 * multiplied.
 */
@NullMarked
package dev.witnessmark.format.peft;

import org.jspecify.annotations.NullMarked;
