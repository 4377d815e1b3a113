/** How a run of any command went and how it ends: run record, verdict, the table of exit codes. */
@NullMarked
package dev.witnessmark.verdict;

import org.jspecify.annotations.NullMarked;
