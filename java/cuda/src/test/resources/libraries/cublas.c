/* A cuBLAS of naive loops, for emulated device memory, which the host can read. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { R_32F = 0, R_16BF = 14, COMPUTE_32F = 68 };

extern int cuStreamSynchronize(void *stream);

static void *stream;

int cublasCreate_v2(void **handle) { *handle = &stream; return 0; }
int cublasDestroy_v2(void *handle) { return handle == &stream ? 0 : 1; }
int cublasGetVersion_v2(void *handle, int *version) { *version = 130000; return 0; }
int cublasSetStream_v2(void *handle, void *given) { stream = given; return 0; }

static float element(const void *matrix, int type, size_t i)
{
    if (type == R_32F) return ((const float *)matrix)[i];
    uint32_t bits = (uint32_t)((const uint16_t *)matrix)[i] << 16;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* C[m, n] = alpha op(A)[m, k] B[k, n] + beta C, columns first; A transposed, A and B float32 or bfloat16. */
int cublasGemmEx(void *handle, int ta, int tb, int m, int n, int k, const float *alpha, const void *a, int a_type,
                 int lda, const void *b, int b_type, int ldb, const float *beta, float *c, int c_type, int ldc,
                 int compute, int algorithm)
{
    if (ta != 1 || tb != 0 || a_type != b_type || c_type != R_32F || *beta != 0) return 15;
    if ((a_type != R_32F && a_type != R_16BF) || compute != COMPUTE_32F) return 15;
    if (cuStreamSynchronize(stream) != 0) return 14;
    for (int column = 0; column < n; column++) {
        for (int row = 0; row < m; row++) {
            float sum = 0;
            for (int i = 0; i < k; i++)
                sum += element(a, a_type, (size_t)row * lda + i) * element(b, b_type, (size_t)column * ldb + i);
            c[(size_t)column * ldc + row] = *alpha * sum;
        }
    }
    return 0;
}
