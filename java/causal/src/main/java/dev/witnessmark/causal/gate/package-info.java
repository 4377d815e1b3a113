/** Routers of mixtures of experts: which experts are chosen alike. */
@NullMarked
package dev.witnessmark.causal.gate;

import org.jspecify.annotations.NullMarked;
