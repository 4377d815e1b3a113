/** Drives the packaged program as a user would, and holds the code to its architecture. */
@NullMarked
package dev.witnessmark.it;

import org.jspecify.annotations.NullMarked;
