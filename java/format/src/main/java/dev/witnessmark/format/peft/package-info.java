@org.jspecify.annotations.NullMarked
package dev.witnessmark.format.peft;
