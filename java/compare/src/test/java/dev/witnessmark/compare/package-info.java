/** Tests of the whole comparison, its verdicts and its journal. */
@NullMarked
package dev.witnessmark.compare;

import org.jspecify.annotations.NullMarked;
