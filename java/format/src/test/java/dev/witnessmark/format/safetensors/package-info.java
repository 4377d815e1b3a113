@NullMarked
package dev.witnessmark.format.safetensors;

import org.jspecify.annotations.NullMarked;
