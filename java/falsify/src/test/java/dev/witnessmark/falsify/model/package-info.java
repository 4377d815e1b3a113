/** Tests of both paths through real models. */
@NullMarked
package dev.witnessmark.falsify.model;

import org.jspecify.annotations.NullMarked;
