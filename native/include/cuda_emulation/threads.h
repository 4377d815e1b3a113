/* Where threads meet: barriers, shuffles, votes, reductions of a warp. */
#ifndef CUDA_EMULATION_THREADS_H
#define CUDA_EMULATION_THREADS_H

#include <cstring>
#include <type_traits>

#include "kernel.h"

/*
 * Macros, because the device compares places in the source to tell a divergent barrier from an equal one: addresses of
 * calls would not do, the compiler may copy a call into both branches of a condition.
 */
#define EMUCUDA_PLACE(name)                                                                  \
    ([]() -> const emucuda_place * {                                                         \
        static constexpr emucuda_place place = {name, __FILE__, __LINE__};                   \
        return &place;                                                                       \
    }())

#define __syncthreads() ((void)emucuda_runtime->barrier(EMUCUDA_BARRIER, 0, EMUCUDA_PLACE("__syncthreads")))
#define __syncthreads_and(predicate) \
    (emucuda_runtime->barrier(EMUCUDA_BARRIER_AND, (predicate) != 0, EMUCUDA_PLACE("__syncthreads_and")))
#define __syncthreads_or(predicate) \
    (emucuda_runtime->barrier(EMUCUDA_BARRIER_OR, (predicate) != 0, EMUCUDA_PLACE("__syncthreads_or")))
#define __syncthreads_count(predicate) \
    (emucuda_runtime->barrier(EMUCUDA_BARRIER_COUNT, (predicate) != 0, EMUCUDA_PLACE("__syncthreads_count")))

#define __syncwarp(...) (emucuda_syncwarp{EMUCUDA_PLACE("__syncwarp")}(__VA_ARGS__))
#define __shfl_sync(...) (emucuda_shuffle(EMUCUDA_PLACE("__shfl_sync"), __VA_ARGS__))
#define __shfl_up_sync(...) (emucuda_shuffle_up(EMUCUDA_PLACE("__shfl_up_sync"), __VA_ARGS__))
#define __shfl_down_sync(...) (emucuda_shuffle_down(EMUCUDA_PLACE("__shfl_down_sync"), __VA_ARGS__))
#define __shfl_xor_sync(...) (emucuda_shuffle_xor(EMUCUDA_PLACE("__shfl_xor_sync"), __VA_ARGS__))
#define __ballot_sync(mask, predicate) (emucuda_ballot(EMUCUDA_PLACE("__ballot_sync"), mask, (predicate) != 0))
#define __any_sync(mask, predicate) (emucuda_ballot(EMUCUDA_PLACE("__any_sync"), mask, (predicate) != 0) != 0)
#define __all_sync(mask, predicate) (emucuda_ballot(EMUCUDA_PLACE("__all_sync"), mask, (predicate) == 0) == 0)
#define __match_any_sync(mask, value) (emucuda_match(EMUCUDA_PLACE("__match_any_sync"), mask, value))
#define __reduce_add_sync(mask, value) (emucuda_reduce_add(EMUCUDA_PLACE("__reduce_add_sync"), mask, value))
#define __reduce_min_sync(mask, value) (emucuda_reduce_min(EMUCUDA_PLACE("__reduce_min_sync"), mask, value))
#define __reduce_max_sync(mask, value) (emucuda_reduce_max(EMUCUDA_PLACE("__reduce_max_sync"), mask, value))
#define __reduce_and_sync(mask, value) \
    (emucuda_reduce_bits(EMUCUDA_PLACE("__reduce_and_sync"), EMUCUDA_WARP_AND, mask, value))
#define __reduce_or_sync(mask, value) \
    (emucuda_reduce_bits(EMUCUDA_PLACE("__reduce_or_sync"), EMUCUDA_WARP_OR, mask, value))
#define __reduce_xor_sync(mask, value) \
    (emucuda_reduce_bits(EMUCUDA_PLACE("__reduce_xor_sync"), EMUCUDA_WARP_XOR, mask, value))

static inline unsigned __activemask() { return emucuda_runtime->active_lanes(); }

/* One thread runs at a time and memory is coherent, so fences order nothing that is not ordered already. */
static inline void __threadfence() { asm volatile("" ::: "memory"); }
static inline void __threadfence_block() { asm volatile("" ::: "memory"); }
static inline void __threadfence_system() { asm volatile("" ::: "memory"); }
static inline void __nanosleep(unsigned) { emucuda_runtime->yield(); }

/* A call in two steps, since the mask may be left out. */
struct emucuda_syncwarp {
    const emucuda_place *place;
    void operator()(unsigned mask = 0xffffffffu) const { emucuda_runtime->warp(EMUCUDA_WARP_SYNC, mask, 0, 0, place); }
};

/* Any value of at most eight bytes: the shuffles of CUDA and those of __half2 and the like. */
template <typename T>
T emucuda_exchange(const emucuda_place *place, unsigned mask, T value, unsigned source) {
    static_assert(sizeof(T) <= 8 && std::is_trivially_copyable<T>::value, "a value that a shuffle can move");
    uint64_t bits = 0;
    memcpy(&bits, &value, sizeof value);
    bits = emucuda_runtime->warp(EMUCUDA_WARP_SHUFFLE, mask, bits, source, place);
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* The lane that is read, and a lane's own value where that would leave its segment, as the PTX manual says. */
template <typename T> T emucuda_shuffle(const emucuda_place *place, unsigned mask, T value, int lane, int width = 32) {
    unsigned segment = emucuda_runtime->thread->lane & ~(width - 1u);
    return emucuda_exchange(place, mask, value, segment | (lane & (width - 1u)));
}

template <typename T>
T emucuda_shuffle_up(const emucuda_place *place, unsigned mask, T value, unsigned delta, int width = 32) {
    unsigned self = emucuda_runtime->thread->lane;
    unsigned position = self & (width - 1u);
    return emucuda_exchange(place, mask, value, delta <= position ? self - delta : self);
}

template <typename T>
T emucuda_shuffle_down(const emucuda_place *place, unsigned mask, T value, unsigned delta, int width = 32) {
    unsigned self = emucuda_runtime->thread->lane;
    unsigned position = self & (width - 1u);
    return emucuda_exchange(place, mask, value, delta < width - position ? self + delta : self);
}

template <typename T>
T emucuda_shuffle_xor(const emucuda_place *place, unsigned mask, T value, int lanes, int width = 32) {
    unsigned self = emucuda_runtime->thread->lane;
    unsigned source = self ^ (unsigned)lanes;
    /* An earlier segment may be read, a later one not. */
    unsigned last = self | (width - 1u);
    return emucuda_exchange(place, mask, value, source <= last ? source : self);
}

static inline unsigned emucuda_ballot(const emucuda_place *place, unsigned mask, bool predicate) {
    return (unsigned)emucuda_runtime->warp(EMUCUDA_WARP_BALLOT, mask, predicate, 0, place);
}

template <typename T> unsigned emucuda_match(const emucuda_place *place, unsigned mask, T value) {
    static_assert(sizeof(T) == 4 || sizeof(T) == 8, "a 32-bit or 64-bit value");
    uint64_t bits = 0;
    memcpy(&bits, &value, sizeof value);
    return (unsigned)emucuda_runtime->warp(EMUCUDA_WARP_MATCH, mask, bits, 0, place);
}

template <typename T> T emucuda_reduce_add(const emucuda_place *place, unsigned mask, T value) {
    static_assert(sizeof(T) == 4 && std::is_integral<T>::value, "int or unsigned");
    return (T)emucuda_runtime->warp(EMUCUDA_WARP_ADD, mask, (uint32_t)value, 0, place);
}

template <typename T> T emucuda_reduce_min(const emucuda_place *place, unsigned mask, T value) {
    static_assert(sizeof(T) == 4 && std::is_integral<T>::value, "int or unsigned");
    emucuda_warp_operation operation = std::is_signed<T>::value ? EMUCUDA_WARP_MIN : EMUCUDA_WARP_UNSIGNED_MIN;
    return (T)emucuda_runtime->warp(operation, mask, (uint32_t)value, 0, place);
}

template <typename T> T emucuda_reduce_max(const emucuda_place *place, unsigned mask, T value) {
    static_assert(sizeof(T) == 4 && std::is_integral<T>::value, "int or unsigned");
    emucuda_warp_operation operation = std::is_signed<T>::value ? EMUCUDA_WARP_MAX : EMUCUDA_WARP_UNSIGNED_MAX;
    return (T)emucuda_runtime->warp(operation, mask, (uint32_t)value, 0, place);
}

static inline unsigned emucuda_reduce_bits(const emucuda_place *place, emucuda_warp_operation operation, unsigned mask,
                                           unsigned value) {
    return (unsigned)emucuda_runtime->warp(operation, mask, value, 0, place);
}

#endif
