/** Tests of where matrices come from. */
@NullMarked
package dev.witnessmark.explain.source;

import org.jspecify.annotations.NullMarked;
