/** Why two tensors disagree: views under which they would not, and updates they should carry. */
@NullMarked
package dev.witnessmark.compare.diagnose;

import org.jspecify.annotations.NullMarked;
