/** The comparison finds what differs, and the table holds every kernel. */
@NullMarked
package dev.witnessmark.kernels.conformance;

import org.jspecify.annotations.NullMarked;
