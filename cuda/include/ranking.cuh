#pragma once

#include "numerics.cuh"

/*
 * The order of values in a row: the larger first, of equal ones (-0 and +0 are) the lower index
 * first. A rank is a 64-bit number that grows with it, so it is different for every element.
 */

typedef unsigned long long Rank;

__device__ inline Rank rank_of(float value, int index) {
  unsigned bits = __float_as_uint(value);
  if (bits == 0x80000000u) {
    bits = 0;
  }
  unsigned ordered = bits & 0x80000000u ? ~bits : bits | 0x80000000u;
  return (Rank)ordered << 32 | ~(unsigned)index;
}

__device__ inline int index_of(Rank rank) {
  return (int)~(unsigned)rank;
}
