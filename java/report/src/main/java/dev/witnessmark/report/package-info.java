/** Results for people and machines: terminal text, JSON, CSV. Nothing here decides anything. */
@NullMarked
package dev.witnessmark.report;

import org.jspecify.annotations.NullMarked;
