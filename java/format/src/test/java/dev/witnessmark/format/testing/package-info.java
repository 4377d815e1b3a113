/**
 * What tests of every module need to make files, right or wrong, and reads that fail. Published as
 * the test-jar of this module.
 */
@NullMarked
package dev.witnessmark.format.testing;

import org.jspecify.annotations.NullMarked;
