/** Tests of diagnoses and expected updates. */
@NullMarked
package dev.witnessmark.compare.diagnose;

import org.jspecify.annotations.NullMarked;
