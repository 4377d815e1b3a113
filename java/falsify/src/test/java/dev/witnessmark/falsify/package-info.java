/** Tests of findings and of how experiments are run. */
@NullMarked
package dev.witnessmark.falsify;

import org.jspecify.annotations.NullMarked;
