@NullMarked
package dev.witnessmark.format.json;

import org.jspecify.annotations.NullMarked;
