/* A cuBLAS of naive loops, for emulated device memory, which the host can read. */
#include <stddef.h>

extern int cuStreamSynchronize(void *stream);

static void *stream;

int cublasCreate_v2(void **handle) { *handle = &stream; return 0; }
int cublasDestroy_v2(void *handle) { return handle == &stream ? 0 : 1; }
int cublasGetVersion_v2(void *handle, int *version) { *version = 130000; return 0; }
int cublasSetStream_v2(void *handle, void *given) { stream = given; return 0; }

/* C[m, n] = alpha op(A)[m, k] B[k, n] + beta C, columns first; A transposed, all float32. */
int cublasGemmEx(void *handle, int ta, int tb, int m, int n, int k, const float *alpha, const float *a, int a_type,
                 int lda, const float *b, int b_type, int ldb, const float *beta, float *c, int c_type, int ldc,
                 int compute, int algorithm)
{
    if (ta != 1 || tb != 0 || a_type != 0 || b_type != 0 || c_type != 0 || *beta != 0) return 15;
    if (cuStreamSynchronize(stream) != 0) return 14;
    for (int column = 0; column < n; column++) {
        for (int row = 0; row < m; row++) {
            float sum = 0;
            for (int i = 0; i < k; i++) sum += a[(size_t)row * lda + i] * b[(size_t)column * ldb + i];
            c[(size_t)column * ldc + row] = *alpha * sum;
        }
    }
    return 0;
}
