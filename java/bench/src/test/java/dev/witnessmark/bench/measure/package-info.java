/** Tests of what is measured. */
@NullMarked
package dev.witnessmark.bench.measure;

import org.jspecify.annotations.NullMarked;
