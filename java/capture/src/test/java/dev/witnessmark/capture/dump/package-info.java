/** Tests of what other tools write. */
@NullMarked
package dev.witnessmark.capture.dump;

import org.jspecify.annotations.NullMarked;
