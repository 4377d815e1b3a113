/** What tests of several packages share. */
@NullMarked
package dev.witnessmark.explain.testing;

import org.jspecify.annotations.NullMarked;
