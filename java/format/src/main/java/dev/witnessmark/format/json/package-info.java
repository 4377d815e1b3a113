/** JSON of untrusted files, read as a stream with limits, strict UTF-8 and no repeated names. */
@NullMarked
package dev.witnessmark.format.json;

import org.jspecify.annotations.NullMarked;
