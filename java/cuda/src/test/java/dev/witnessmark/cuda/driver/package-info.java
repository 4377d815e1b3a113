/** What the layer over the driver makes impossible, tried. */
@NullMarked
package dev.witnessmark.cuda.driver;

import org.jspecify.annotations.NullMarked;
