#include "textflag.h"

// func rectifyAVX(s, t, b, ib *float64, n int, a, ia, scale float64, table *[avxRows][4]uint64)
//
// Four entries at a time, each operation that of rectifyGo in its order, without fused multiply-adds, so
// that the two give the same numbers to the last bit. n is a positive multiple of 4; t may be nil. The
// rows of the table: 0-15 the coefficients of A, 16 all bits but the sign, 17 the sign, 18 four, 19 one,
// 20 a half, 21 1/π, each four times.
TEXT ·rectifyAVX(SB), NOSPLIT, $0-72
	MOVQ s+0(FP), DI
	MOVQ t+8(FP), SI
	MOVQ b+16(FP), R8
	MOVQ ib+24(FP), R9
	MOVQ n+32(FP), CX
	VBROADCASTSD a+40(FP), Y12
	VBROADCASTSD ia+48(FP), Y13
	VBROADCASTSD scale+56(FP), Y14
	MOVQ table+64(FP), DX
	VMOVUPD 512(DX), Y15 // all bits but the sign
	XORQ AX, AX

loop:
	VMOVUPD (DI)(AX*8), Y0 // s
	VMULPD (R8)(AX*8), Y12, Y1
	VMULPD Y0, Y0, Y2
	VSUBPD Y2, Y1, Y1 // ab - s²
	VANDPD Y15, Y1, Y1
	VSQRTPD Y1, Y1 // D
	VANDPD Y15, Y0, Y2 // |s|
	VMULPD (R9)(AX*8), Y13, Y4
	VMINPD Y2, Y1, Y3
	VMULPD Y4, Y3, Y3 // u
	VMULPD 576(DX), Y3, Y5
	VMULPD Y3, Y5, Y5
	VSUBPD 608(DX), Y5, Y5 // y = 4u² - 1
	VMULPD Y5, Y5, Y6 // y²
	VMULPD Y6, Y6, Y7 // y⁴

	VMULPD 32(DX), Y5, Y8
	VADDPD 0(DX), Y8, Y8
	VMULPD 96(DX), Y5, Y9
	VADDPD 64(DX), Y9, Y9
	VMULPD Y6, Y9, Y9
	VADDPD Y9, Y8, Y8 // c0..c3
	VMULPD 160(DX), Y5, Y9
	VADDPD 128(DX), Y9, Y9
	VMULPD 224(DX), Y5, Y10
	VADDPD 192(DX), Y10, Y10
	VMULPD Y6, Y10, Y10
	VADDPD Y10, Y9, Y9 // c4..c7
	VMULPD Y7, Y9, Y9
	VADDPD Y9, Y8, Y8 // c0..c7
	VMULPD 288(DX), Y5, Y9
	VADDPD 256(DX), Y9, Y9
	VMULPD 352(DX), Y5, Y10
	VADDPD 320(DX), Y10, Y10
	VMULPD Y6, Y10, Y10
	VADDPD Y10, Y9, Y9 // c8..c11
	VMULPD 416(DX), Y5, Y10
	VADDPD 384(DX), Y10, Y10
	VMULPD 480(DX), Y5, Y11
	VADDPD 448(DX), Y11, Y11
	VMULPD Y6, Y11, Y11
	VADDPD Y11, Y10, Y10 // c12..c15
	VMULPD Y7, Y10, Y10
	VADDPD Y10, Y9, Y9
	VMULPD Y7, Y7, Y7
	VMULPD Y7, Y9, Y9
	VADDPD Y9, Y8, Y8 // A(y)
	VMULPD Y8, Y3, Y3 // asin(u)/π

	VSUBPD Y2, Y1, Y5 // D - |s|: its sign says on which side of π/4
	VMOVUPD 544(DX), Y6 // the sign bit
	VXORPD Y0, Y5, Y7
	VANDPD Y6, Y7, Y7
	VXORPD Y7, Y3, Y3 // ±asin(u)/π
	VANDPD Y6, Y0, Y7
	VORPD 640(DX), Y7, Y7 // a half with the sign of s
	VXORPD Y8, Y8, Y8
	VBLENDVPD Y5, Y7, Y8, Y8 // 0 where D ≥ |s|
	VADDPD 640(DX), Y8, Y8
	VADDPD Y3, Y8, Y3 // κ₀

	VMULPD 672(DX), Y1, Y1 // D/π
	VMULPD Y3, Y0, Y4
	VADDPD Y4, Y1, Y4
	VMULPD Y14, Y4, Y4
	VMOVUPD Y4, (DI)(AX*8)
	TESTQ SI, SI
	JEQ next
	VADDPD (SI)(AX*8), Y0, Y0
	VMULPD Y3, Y0, Y0
	VADDPD Y0, Y1, Y0
	VMULPD Y14, Y0, Y0
	VMOVUPD Y0, (SI)(AX*8)

next:
	ADDQ $4, AX
	CMPQ AX, CX
	JLT loop
	VZEROUPPER
	RET

// func addThreeAVX(dst, x, y, z *float64, n int)
//
// dst = y + x + z, n a positive multiple of 4.
TEXT ·addThreeAVX(SB), NOSPLIT, $0-40
	MOVQ dst+0(FP), DI
	MOVQ x+8(FP), SI
	MOVQ y+16(FP), R8
	MOVQ z+24(FP), R9
	MOVQ n+32(FP), CX
	XORQ AX, AX

add:
	VMOVUPD (R8)(AX*8), Y0
	VADDPD (SI)(AX*8), Y0, Y0
	VADDPD (R9)(AX*8), Y0, Y0
	VMOVUPD Y0, (DI)(AX*8)
	ADDQ $4, AX
	CMPQ AX, CX
	JLT add
	VZEROUPPER
	RET
