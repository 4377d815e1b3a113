@NullMarked
package dev.witnessmark.format;

import org.jspecify.annotations.NullMarked;
