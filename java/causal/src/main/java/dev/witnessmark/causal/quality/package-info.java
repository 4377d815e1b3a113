/** What several diffs together say of each head, and beliefs that feedback revises. */
@NullMarked
package dev.witnessmark.causal.quality;

import org.jspecify.annotations.NullMarked;
