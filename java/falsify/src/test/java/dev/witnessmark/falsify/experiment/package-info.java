/** Tests of every experiment against its published figures. */
@NullMarked
package dev.witnessmark.falsify.experiment;

import org.jspecify.annotations.NullMarked;
