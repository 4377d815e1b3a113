/** Where the paths of two computations part: captures side by side in forward order. */
@NullMarked
package dev.witnessmark.parity;

import org.jspecify.annotations.NullMarked;
