#pragma once

#include "kernel.cuh"

/*
 * Copies to shared memory that go on while the thread does something else. A thread's copies are in
 * groups, which end in order.
 */

/**
 * Starts to copy to sixteen bytes, both sides aligned to that: the first `bytes` of them, and zeros to
 * the rest.
 */
__device__ inline void copy_ahead(void* shared, const void* from, int bytes) {
#ifdef __CUDA_ARCH__
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(
                   (unsigned)__cvta_generic_to_shared(shared)),
               "l"(from), "r"(bytes)
               : "memory");
#else
  for (int i = 0; i < 16; i++) {
    ((byte*)shared)[i] = i < bytes ? ((const byte*)from)[i] : 0;
  }
#endif
}

/** Ends a group of copies. */
__device__ inline void end_group() {
#ifdef __CUDA_ARCH__
  asm volatile("cp.async.commit_group;" ::: "memory");
#endif
}

/** Waits for this thread's copies, but for those of its last LATEST groups. */
template <int LATEST>
__device__ inline void await_groups() {
#ifdef __CUDA_ARCH__
  asm volatile("cp.async.wait_group %0;" ::"n"(LATEST) : "memory");
#endif
}

/**
 * One, two and four neighbouring words of shared memory. Unlike other reads these stay where they are
 * written, so that values can be read long before they are needed.
 */
__device__ inline unsigned shared_word(const void* at) {
#ifdef __CUDA_ARCH__
  unsigned word;
  asm volatile("ld.shared.u32 %0, [%1];" : "=r"(word) : "r"((unsigned)__cvta_generic_to_shared(at)));
  return word;
#else
  return *(const unsigned*)at;
#endif
}

__device__ inline uint2 shared_words2(const void* at) {
#ifdef __CUDA_ARCH__
  uint2 words;
  asm volatile("ld.shared.v2.u32 {%0, %1}, [%2];"
               : "=r"(words.x), "=r"(words.y)
               : "r"((unsigned)__cvta_generic_to_shared(at)));
  return words;
#else
  return *(const uint2*)at;
#endif
}

__device__ inline uint4 shared_words4(const void* at) {
#ifdef __CUDA_ARCH__
  uint4 words;
  asm volatile("ld.shared.v4.u32 {%0, %1, %2, %3}, [%4];"
               : "=r"(words.x), "=r"(words.y), "=r"(words.z), "=r"(words.w)
               : "r"((unsigned)__cvta_generic_to_shared(at)));
  return words;
#else
  return *(const uint4*)at;
#endif
}
