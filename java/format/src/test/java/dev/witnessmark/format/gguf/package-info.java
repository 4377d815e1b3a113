@NullMarked
package dev.witnessmark.format.gguf;

import org.jspecify.annotations.NullMarked;
