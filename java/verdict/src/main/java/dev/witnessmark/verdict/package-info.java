/** How a run of any command ends: the verdict and the one table of exit codes. */
@NullMarked
package dev.witnessmark.verdict;

import org.jspecify.annotations.NullMarked;
