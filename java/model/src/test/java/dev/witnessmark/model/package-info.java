/** Tests of names, identities and layouts. */
@NullMarked
package dev.witnessmark.model;

import org.jspecify.annotations.NullMarked;
