/* Atomic operations. Threads take turns only where they meet, so plain loads and stores are atomic. */
#ifndef CUDA_EMULATION_ATOMICS_H
#define CUDA_EMULATION_ATOMICS_H

#include "numbers.h"

/* The value argument does not take part in deduction: atomicAdd(&unsigned_counter, 1) is to work as in CUDA. */
template <typename T> struct emucuda_same { using type = T; };
template <typename T> using emucuda_value = typename emucuda_same<T>::type;

#define EMUCUDA_ATOMIC(name, expression)                                     \
    template <typename T> T name(T *address, emucuda_value<T> value) {       \
        T old = *address;                                                    \
        *address = (expression);                                             \
        return old;                                                          \
    }                                                                        \
    template <typename T> T name##_block(T *address, emucuda_value<T> value) { return name(address, value); } \
    template <typename T> T name##_system(T *address, emucuda_value<T> value) { return name(address, value); }

EMUCUDA_ATOMIC(atomicAdd, old + value)
EMUCUDA_ATOMIC(atomicSub, old - value)
EMUCUDA_ATOMIC(atomicExch, value)
EMUCUDA_ATOMIC(atomicMin, value < old ? value : old)
EMUCUDA_ATOMIC(atomicMax, value > old ? value : old)
EMUCUDA_ATOMIC(atomicAnd, old & value)
EMUCUDA_ATOMIC(atomicOr, old | value)
EMUCUDA_ATOMIC(atomicXor, old ^ value)
EMUCUDA_ATOMIC(atomicInc, old >= value ? 0 : old + 1)
EMUCUDA_ATOMIC(atomicDec, old == 0 || old > value ? value : old - 1)
#undef EMUCUDA_ATOMIC

template <typename T> T atomicCAS(T *address, emucuda_value<T> compare, emucuda_value<T> value) {
    T old = *address;
    if (old == compare) *address = value;
    return old;
}

#endif
