/** Tests of the reader of adapters. */
@NullMarked
package dev.witnessmark.format.peft;

import org.jspecify.annotations.NullMarked;
