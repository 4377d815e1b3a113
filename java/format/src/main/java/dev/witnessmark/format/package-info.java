/**
 * What a file says. A {@link dev.witnessmark.format.Checkpoint} lists {@link
 * dev.witnessmark.format.TensorView}s: names, types, shapes and where the bytes are, all of it
 * checked against the file before anything is allocated. Nothing here interprets a value.
 */
@NullMarked
package dev.witnessmark.format;

import org.jspecify.annotations.NullMarked;
