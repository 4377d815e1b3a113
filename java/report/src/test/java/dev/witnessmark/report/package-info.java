/** Tests of the reports, on hand-made results. */
@NullMarked
package dev.witnessmark.report;

import org.jspecify.annotations.NullMarked;
