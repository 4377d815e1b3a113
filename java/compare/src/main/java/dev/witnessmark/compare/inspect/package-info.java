/** What is in one checkpoint: its tensors with statistics and hashes. */
@NullMarked
package dev.witnessmark.compare.inspect;

import org.jspecify.annotations.NullMarked;
