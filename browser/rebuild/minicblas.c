/* minicblas：NumPy 要用的那一小部分 CBLAS，用 WebAssembly 的 SIMD。
 * 实数的矩阵乘是分块、打包、4×2 个向量一组的；复数就是三重循环。
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
enum { RowMajor = 101, ColMajor = 102 };
enum { NoT = 111, T = 112, CT = 113 };
enum { Upper = 121, Lower = 122 };
#define API __attribute__((visibility("default")))
/* ---------- real types: packed, register-blocked gemm (4 x 2 vectors) ---------- */
#define REAL(P, TY, VN)                                                                        \
  typedef TY P##v __attribute__((vector_size(16), aligned(sizeof(TY))));                       \
  enum { P##NR = 2 * VN, P##MR = 4, P##KC = 256, P##MC = 64 };                                 \
  static inline P##v P##splat(TY x) {                                                          \
    P##v r;                                                                                    \
    for (int i = 0; i < VN; i++)                                                               \
      r[i] = x;                                                                                \
    return r;                                                                                  \
  }                                                                                            \
  static void P##core(int M, int N, int K, TY alpha, const TY *A, ptrdiff_t ai, ptrdiff_t ak,  \
                      const TY *B, ptrdiff_t bk, ptrdiff_t bj, TY beta, TY *C,                 \
                      ptrdiff_t ldc) {                                                         \
    if (beta != 1)                                                                             \
      for (int i = 0; i < M; i++) {                                                            \
        TY *c = C + i * ldc;                                                                   \
        if (beta == 0)                                                                         \
          memset(c, 0, sizeof(TY) * N);                                                        \
        else                                                                                   \
          for (int j = 0; j < N; j++)                                                          \
            c[j] *= beta;                                                                      \
      }                                                                                        \
    if (alpha == 0 || K <= 0 || M <= 0 || N <= 0)                                              \
      return;                                                                                  \
    int nb = (N + P##NR - 1) / P##NR;                                                          \
    TY *Bp = malloc(sizeof(TY) * (size_t)nb * P##NR * P##KC),                                  \
       *Ap = malloc(sizeof(TY) * P##MC * P##KC);                                               \
    if (!Bp || !Ap) {                                                                          \
      free(Bp);                                                                                \
      free(Ap);                                                                                \
      for (int i = 0; i < M; i++)                                                              \
        for (int j = 0; j < N; j++) {                                                          \
          TY s = 0;                                                                            \
          for (int k = 0; k < K; k++)                                                          \
            s += A[i * ai + k * ak] * B[k * bk + j * bj];                                      \
          C[i * ldc + j] += alpha * s;                                                         \
        }                                                                                      \
      return;                                                                                  \
    }                                                                                          \
    for (int k0 = 0; k0 < K; k0 += P##KC) {                                                    \
      int kc = K - k0 < P##KC ? K - k0 : P##KC;                                                \
      for (int jb = 0; jb < nb; jb++) {                                                        \
        TY *p = Bp + (size_t)jb * P##NR * kc;                                                  \
        int nr = N - jb * P##NR;                                                               \
        if (nr > P##NR)                                                                        \
          nr = P##NR;                                                                          \
        for (int k = 0; k < kc; k++) {                                                         \
          const TY *b = B + (k0 + k) * bk + (ptrdiff_t)jb * P##NR * bj;                        \
          int j = 0;                                                                           \
          for (; j < nr; j++)                                                                  \
            p[j] = b[j * bj];                                                                  \
          for (; j < P##NR; j++)                                                               \
            p[j] = 0;                                                                          \
          p += P##NR;                                                                          \
        }                                                                                      \
      }                                                                                        \
      for (int i0 = 0; i0 < M; i0 += P##MC) {                                                  \
        int mc = M - i0 < P##MC ? M - i0 : P##MC;                                              \
        int mb = (mc + P##MR - 1) / P##MR;                                                     \
        for (int ib = 0; ib < mb; ib++) {                                                      \
          TY *p = Ap + (size_t)ib * P##MR * kc;                                                \
          int mr = mc - ib * P##MR;                                                            \
          if (mr > P##MR)                                                                      \
            mr = P##MR;                                                                        \
          for (int k = 0; k < kc; k++) {                                                       \
            const TY *a = A + (ptrdiff_t)(i0 + ib * P##MR) * ai + (k0 + k) * ak;               \
            int i = 0;                                                                         \
            for (; i < mr; i++)                                                                \
              p[i] = alpha * a[i * ai];                                                        \
            for (; i < P##MR; i++)                                                             \
              p[i] = 0;                                                                        \
            p += P##MR;                                                                        \
          }                                                                                    \
        }                                                                                      \
        for (int jb = 0; jb < nb; jb++) {                                                      \
          int nr = N - jb * P##NR;                                                             \
          if (nr > P##NR)                                                                      \
            nr = P##NR;                                                                        \
          for (int ib = 0; ib < mb; ib++) {                                                    \
            int mr = mc - ib * P##MR;                                                          \
            if (mr > P##MR)                                                                    \
              mr = P##MR;                                                                      \
            const TY *a = Ap + (size_t)ib * P##MR * kc, *b = Bp + (size_t)jb * P##NR * kc;     \
            P##v c00 = P##splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00,     \
                 c30 = c00, c31 = c00;                                                         \
            for (int k = 0; k < kc; k++) {                                                     \
              P##v b0 = *(const P##v *)b, b1 = *(const P##v *)(b + VN);                        \
              P##v x = P##splat(a[0]);                                                         \
              c00 += x * b0;                                                                   \
              c01 += x * b1;                                                                   \
              x = P##splat(a[1]);                                                              \
              c10 += x * b0;                                                                   \
              c11 += x * b1;                                                                   \
              x = P##splat(a[2]);                                                              \
              c20 += x * b0;                                                                   \
              c21 += x * b1;                                                                   \
              x = P##splat(a[3]);                                                              \
              c30 += x * b0;                                                                   \
              c31 += x * b1;                                                                   \
              a += P##MR;                                                                      \
              b += P##NR;                                                                      \
            }                                                                                  \
            P##v cc[4][2] = {{c00, c01}, {c10, c11}, {c20, c21}, {c30, c31}};                  \
            for (int i = 0; i < mr; i++) {                                                     \
              TY *c = C + (ptrdiff_t)(i0 + ib * P##MR + i) * ldc + jb * P##NR;                 \
              if (nr == P##NR) {                                                               \
                *(P##v *)c += cc[i][0];                                                        \
                *(P##v *)(c + VN) += cc[i][1];                                                 \
              } else {                                                                         \
                const TY *s = (const TY *)cc[i];                                               \
                for (int j = 0; j < nr; j++)                                                   \
                  c[j] += s[j];                                                                \
              }                                                                                \
            }                                                                                  \
          }                                                                                    \
        }                                                                                      \
      }                                                                                        \
    }                                                                                          \
    free(Bp);                                                                                  \
    free(Ap);                                                                                  \
  }                                                                                            \
  API void cblas_##P##gemm(int o, int ta, int tb, int M, int N, int K, TY alpha, const TY *A,  \
                           int lda, const TY *B, int ldb, TY beta, TY *C, int ldc) {           \
    if (o == ColMajor) {                                                                       \
      const TY *t = A;                                                                         \
      A = B;                                                                                   \
      B = t;                                                                                   \
      int u = lda;                                                                             \
      lda = ldb;                                                                               \
      ldb = u;                                                                                 \
      u = ta;                                                                                  \
      ta = tb;                                                                                 \
      tb = u;                                                                                  \
      u = M;                                                                                   \
      M = N;                                                                                   \
      N = u;                                                                                   \
    }                                                                                          \
    P##core(M, N, K, alpha, A, ta == NoT ? lda : 1, ta == NoT ? 1 : lda, B,                    \
            tb == NoT ? ldb : 1, tb == NoT ? 1 : ldb, beta, C, ldc);                           \
  }                                                                                            \
  API TY cblas_##P##dot(int n, const TY *x, int ix, const TY *y, int iy) {                     \
    if (n <= 0)                                                                                \
      return 0;                                                                                \
    if (ix < 0)                                                                                \
      x -= (ptrdiff_t)(n - 1) * ix;                                                            \
    if (iy < 0)                                                                                \
      y -= (ptrdiff_t)(n - 1) * iy;                                                            \
    TY s = 0;                                                                                  \
    int i = 0;                                                                                 \
    if (ix == 1 && iy == 1) {                                                                  \
      P##v a = P##splat(0), b = a;                                                             \
      for (; i + 2 * VN <= n; i += 2 * VN) {                                                   \
        a += *(const P##v *)(x + i) * *(const P##v *)(y + i);                                  \
        b += *(const P##v *)(x + i + VN) * *(const P##v *)(y + i + VN);                        \
      }                                                                                        \
      a += b;                                                                                  \
      for (int k = 0; k < VN; k++)                                                             \
        s += a[k];                                                                             \
    }                                                                                          \
    for (; i < n; i++)                                                                         \
      s += x[(ptrdiff_t)i * ix] * y[(ptrdiff_t)i * iy];                                        \
    return s;                                                                                  \
  }                                                                                            \
  API void cblas_##P##axpy(int n, TY al, const TY *x, int ix, TY *y, int iy) {                 \
    if (n <= 0)                                                                                \
      return;                                                                                  \
    if (ix < 0)                                                                                \
      x -= (ptrdiff_t)(n - 1) * ix;                                                            \
    if (iy < 0)                                                                                \
      y -= (ptrdiff_t)(n - 1) * iy;                                                            \
    for (int i = 0; i < n; i++)                                                                \
      y[(ptrdiff_t)i * iy] += al * x[(ptrdiff_t)i * ix];                                       \
  }                                                                                            \
  API void cblas_##P##gemv(int o, int ta, int M, int N, TY al, const TY *A, int lda,           \
                           const TY *x, int ix, TY be, TY *y, int iy) {                        \
    if (o == ColMajor) {                                                                       \
      int u = M;                                                                               \
      M = N;                                                                                   \
      N = u;                                                                                   \
      ta = ta == NoT ? T : NoT;                                                                \
    } /* now row major M x N */                                                                \
    int ny = ta == NoT ? M : N, nx = ta == NoT ? N : M;                                        \
    if (ix < 0)                                                                                \
      x -= (ptrdiff_t)(nx - 1) * ix;                                                           \
    if (iy < 0)                                                                                \
      y -= (ptrdiff_t)(ny - 1) * iy;                                                           \
    for (int i = 0; i < ny; i++) {                                                             \
      TY *q = y + (ptrdiff_t)i * iy;                                                           \
      *q = be == 0 ? 0 : be * *q;                                                              \
    }                                                                                          \
    if (ta == NoT)                                                                             \
      for (int i = 0; i < M; i++)                                                              \
        y[(ptrdiff_t)i * iy] += al * cblas_##P##dot(N, A + (ptrdiff_t)i * lda, 1, x, ix);      \
    else                                                                                       \
      for (int i = 0; i < M; i++)                                                              \
        cblas_##P##axpy(N, al * x[(ptrdiff_t)i * ix], A + (ptrdiff_t)i * lda, 1, y, iy);       \
  }                                                                                            \
  API void cblas_##P##syrk(int o, int up, int tr, int N, int K, TY al, const TY *A, int lda,   \
                           TY be, TY *C, int ldc) {                                            \
    (void)up;                                                                                  \
    int nt = (tr == NoT);                                                                      \
    if (o == ColMajor)                                                                         \
      nt = !nt; /* row-major: C = al*A*A' (nt) or al*A'*A ; both triangles are written */      \
    P##core(N, N, K, al, A, nt ? lda : 1, nt ? 1 : lda, A, nt ? 1 : lda, nt ? lda : 1, be, C,  \
            ldc);                                                                              \
  }
REAL(s, float, 4)
REAL(d, double, 2)
/* ---------- complex: plain loops ---------- */
#define CPLX(P, TY, CT_)                                                                       \
  typedef TY _Complex P##c;                                                                    \
  static P##c P##cj(P##c x, int c) {                                                           \
    return c ? __builtin_complex(__real__ x, -__imag__ x) : x;                                 \
  }                                                                                            \
  API void cblas_##P##gemm(int o, int ta, int tb, int M, int N, int K, const void *al_,        \
                           const void *A_, int lda, const void *B_, int ldb, const void *be_,  \
                           void *C_, int ldc) {                                                \
    const P##c *A = A_, *B = B_;                                                               \
    P##c *C = C_, al = *(const P##c *)al_, be = *(const P##c *)be_;                            \
    if (o == ColMajor) {                                                                       \
      const P##c *t = A;                                                                       \
      A = B;                                                                                   \
      B = t;                                                                                   \
      int u = lda;                                                                             \
      lda = ldb;                                                                               \
      ldb = u;                                                                                 \
      u = ta;                                                                                  \
      ta = tb;                                                                                 \
      tb = u;                                                                                  \
      u = M;                                                                                   \
      M = N;                                                                                   \
      N = u;                                                                                   \
    }                                                                                          \
    for (int i = 0; i < M; i++) {                                                              \
      P##c *c = C + (ptrdiff_t)i * ldc;                                                        \
      for (int j = 0; j < N; j++)                                                              \
        c[j] = be == 0 ? 0 : be * c[j];                                                        \
      for (int k = 0; k < K; k++) {                                                            \
        P##c a = al * (ta == NoT ? A[(ptrdiff_t)i * lda + k]                                   \
                                 : P##cj(A[(ptrdiff_t)k * lda + i], ta == CT));                \
        if (tb == NoT) {                                                                       \
          const P##c *b = B + (ptrdiff_t)k * ldb;                                              \
          for (int j = 0; j < N; j++)                                                          \
            c[j] += a * b[j];                                                                  \
        } else                                                                                 \
          for (int j = 0; j < N; j++)                                                          \
            c[j] += a * P##cj(B[(ptrdiff_t)j * ldb + k], tb == CT);                            \
      }                                                                                        \
    }                                                                                          \
  }                                                                                            \
  API void cblas_##P##axpy(int n, const void *al_, const void *x_, int ix, void *y_, int iy) { \
    const P##c *x = x_;                                                                        \
    P##c *y = y_, al = *(const P##c *)al_;                                                     \
    if (n <= 0)                                                                                \
      return;                                                                                  \
    if (ix < 0)                                                                                \
      x -= (ptrdiff_t)(n - 1) * ix;                                                            \
    if (iy < 0)                                                                                \
      y -= (ptrdiff_t)(n - 1) * iy;                                                            \
    for (int i = 0; i < n; i++)                                                                \
      y[(ptrdiff_t)i * iy] += al * x[(ptrdiff_t)i * ix];                                       \
  }                                                                                            \
  API void cblas_##P##dotu_sub(int n, const void *x_, int ix, const void *y_, int iy,          \
                               void *r) {                                                      \
    const P##c *x = x_, *y = y_;                                                               \
    P##c s = 0;                                                                                \
    if (n > 0) {                                                                               \
      if (ix < 0)                                                                              \
        x -= (ptrdiff_t)(n - 1) * ix;                                                          \
      if (iy < 0)                                                                              \
        y -= (ptrdiff_t)(n - 1) * iy;                                                          \
    }                                                                                          \
    for (int i = 0; i < n; i++)                                                                \
      s += x[(ptrdiff_t)i * ix] * y[(ptrdiff_t)i * iy];                                        \
    *(P##c *)r = s;                                                                            \
  }                                                                                            \
  API void cblas_##P##dotc_sub(int n, const void *x_, int ix, const void *y_, int iy,          \
                               void *r) {                                                      \
    const P##c *x = x_, *y = y_;                                                               \
    P##c s = 0;                                                                                \
    if (n > 0) {                                                                               \
      if (ix < 0)                                                                              \
        x -= (ptrdiff_t)(n - 1) * ix;                                                          \
      if (iy < 0)                                                                              \
        y -= (ptrdiff_t)(n - 1) * iy;                                                          \
    }                                                                                          \
    for (int i = 0; i < n; i++)                                                                \
      s += P##cj(x[(ptrdiff_t)i * ix], 1) * y[(ptrdiff_t)i * iy];                              \
    *(P##c *)r = s;                                                                            \
  }                                                                                            \
  API void cblas_##P##gemv(int o, int ta, int M, int N, const void *al_, const void *A_,       \
                           int lda, const void *x_, int ix, const void *be_, void *y_,         \
                           int iy) {                                                           \
    const P##c *A = A_, *x = x_;                                                               \
    P##c *y = y_, al = *(const P##c *)al_, be = *(const P##c *)be_;                            \
    int cj = ta == CT;                                                                         \
    int tr = ta != NoT;                                                                        \
    if (o == ColMajor) {                                                                       \
      int u = M;                                                                               \
      M = N;                                                                                   \
      N = u;                                                                                   \
      tr = !tr;                                                                                \
    }                                                                                          \
    int ny = tr ? N : M, nx = tr ? M : N;                                                      \
    if (ix < 0)                                                                                \
      x -= (ptrdiff_t)(nx - 1) * ix;                                                           \
    if (iy < 0)                                                                                \
      y -= (ptrdiff_t)(ny - 1) * iy;                                                           \
    for (int i = 0; i < ny; i++) {                                                             \
      P##c s = 0;                                                                              \
      for (int k = 0; k < nx; k++)                                                             \
        s += P##cj(tr ? A[(ptrdiff_t)k * lda + i] : A[(ptrdiff_t)i * lda + k], cj) *           \
             x[(ptrdiff_t)k * ix];                                                             \
      P##c *q = y + (ptrdiff_t)i * iy;                                                         \
      *q = (be == 0 ? 0 : be * *q) + al * s;                                                   \
    }                                                                                          \
  }                                                                                            \
  API void cblas_##P##syrk(int o, int up, int tr, int N, int K, const void *al, const void *A, \
                           int lda, const void *be, void *C, int ldc) {                        \
    (void)up;                                                                                  \
    cblas_##P##gemm(o, tr, tr == NoT ? T : NoT, N, N, K, al, A, lda, A, lda, be, C, ldc);      \
  }
CPLX(c, float, )
CPLX(z, double, )
